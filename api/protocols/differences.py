"""What changed between two versions of a protocol, as data and in words."""

from typing import Any

from pydantic import Field

from api.fields import Answer
from api.protocols.schemas import ProtocolVersionRead

_COMPARED = (
    "phases", "maintenance", "reassess_after_sessions", "reassess", "ingredient_exceptions",
    "source", "evidence", "notes",
)  # fmt: skip


class ProtocolChange(Answer):
    """One thing that differs."""

    pointer: str = Field(description="JSON pointer into the version.", examples=["/phases/0/name"])
    before: str | int | None = Field(description="Null where it was not there.")
    after: str | int | None = Field(description="Null where it is gone.")
    words: str = Field(examples=["phases 1 min_days: 6 → 7"])


class ProtocolDiff(Answer):
    """The changes from version `against` to version `number`; empty where both say the same."""

    number: int
    against: int
    changes: tuple[ProtocolChange, ...]


def difference(before: ProtocolVersionRead, after: ProtocolVersionRead) -> ProtocolDiff:
    """What `after` says differently, in the order of its fields."""
    was, now = _leaves(before), _leaves(after)
    changes = [
        ProtocolChange(
            pointer="".join(f"/{part}" for part in path),
            before=was.get(path),
            after=now.get(path),
            words=f"{_spoken(path)}: {_value(was.get(path))} → {_value(now.get(path))}",
        )
        for path in dict.fromkeys([*was, *now])
        if was.get(path) != now.get(path)
    ]
    return ProtocolDiff(number=after.number, against=before.number, changes=tuple(changes))


Leaves = dict[tuple[str | int, ...], str | int | None]


def _leaves(version: ProtocolVersionRead) -> Leaves:
    """Every single value of the version by its path."""
    found: Leaves = {}

    def collect(path: tuple[str | int, ...], value: Any) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                collect((*path, key), item)
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                collect((*path, index), item)
        elif value is not None:
            found[path] = value

    document = version.model_dump(mode="json")
    for name in _COMPARED:
        collect((name,), document[name])
    return found


def _spoken(path: tuple[str | int, ...]) -> str:
    """People count from 1."""
    return " ".join(str(part + 1) if isinstance(part, int) else part for part in path)


def _value(value: str | int | None) -> str:
    return "none" if value is None else str(value)
