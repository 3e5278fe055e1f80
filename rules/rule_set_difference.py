"""What one rule set says differently from another: in words, and tighter or looser."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rules.rule_set_checks import KEYS
from rules.rule_set_direction import Direction, compared, direction_of
from rules.strictness import (
    ADDED_IS_STRICT,
    FIGURES,
    MAY_BE_SWITCHED_OFF,
    PARAMETERS,
    TABLES,
    UNKNOWN_FIELD,
    Field,
    Kind,
)

Json = Any


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    figure: its lasting name, table/row/field, such as `ingredients/DUTASTERIDE/max_session`.
    pointer: JSON pointer to it in the later document; to the table where it is gone.
    before, after: with units; None where there was, or is, none. source: of the later figure.
    may_loosen: whether the earlier one may be loosened at all. stale_source: the value is
    another one and the source is not.
    """

    figure: str
    pointer: str
    title: str
    before: str | None
    after: str | None
    direction: Direction
    may_loosen: bool
    source: str | None = None
    stale_source: bool = False

    @property
    def words(self) -> str:
        """One line for a physician."""
        told = f"{self.title} {self.before or 'none'} → {self.after or 'none'}"
        cited = f"; source: {self.source}" if self.source else ""
        return f"{told} ({self.direction.value}){cited}"


def difference(before: Json, after: Json) -> list[Change]:
    """Every difference between two rule-set documents that each read well, in document order.

    The name, title and first day of a version are its own and not compared.
    """
    return [
        change
        for table in ("rules", "parameters", *(name for name in TABLES if name != "rules"))
        for change in _table(table, before[table], after[table])
    ]


def _table(table: str, before: list[Json], after: list[Json]) -> Iterator[Change]:
    key = KEYS[table]
    was = {row[key]: row for row in before}
    now = {row[key] for row in after}
    for place, row in enumerate(after):
        earlier = was.get(row[key])
        at = _Place(table, row[key], f"/{table}/{place}", _name(table, row))
        yield from [_added(at, row)] if earlier is None else _row(at, earlier, row)
    for row in before:
        if row[key] not in now:
            at = _Place(table, row[key], f"/{table}", _name(table, row))
            yield at.change("", "there", None, Direction.LOOSER, may_loosen=False)


@dataclass(frozen=True, slots=True)
class _Place:
    """A row, with what it is called."""

    table: str
    row: str
    pointer: str
    name: str

    def change(
        self,
        field: str,
        before: str | None,
        after: str | None,
        direction: Direction,
        *,
        title: str = "",
        pointer: str | None = None,
        **rest: Any,
    ) -> Change:
        figure = "/".join(part for part in (self.table, self.row, field) if part)
        pointer = pointer or (f"{self.pointer}/{field}" if field else self.pointer)
        called = f"{self.name}: {title}" if title else self.name
        return Change(figure, pointer, called, before, after, direction, **rest)


def _name(table: str, row: Mapping[str, Json]) -> str:
    if table == "parameters":
        return PARAMETERS[row["key"]].title
    if table == "pairs":
        return f"Pair {row['id']} ({', '.join(row['a'])} with {', '.join(row['b'])})"
    if table == "rules":
        return f"Rule {row['code']}"
    if table == "contraindications":
        return f"{row['condition']} ({row['level']})"
    return str(row["name"])


def _added(at: _Place, row: Mapping[str, Json]) -> Change:
    strict = at.table in ADDED_IS_STRICT or row.get("suitability") == "not_suitable"
    direction = Direction.TIGHTER if strict else Direction.LOOSER
    return at.change("", None, "there", direction, may_loosen=True, source=row.get("source"))


def _row(at: _Place, before: Json, after: Json) -> Iterator[Change]:
    if at.table == "parameters":
        yield from _figure(at, "", PARAMETERS[at.row], before, after)
        return
    fields = TABLES[at.table]
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if name == KEYS[at.table] or was == now:
            continue
        field = fields.get(name, UNKNOWN_FIELD)
        if name in _LIMITS_BY:
            yield from _limits_by(at, name, before, after)
        elif field.kind in FIGURES:
            yield from _figure(at, name, field, was, now)
        else:
            yield from _plain(at, name, field, was, now)


def _plain(at: _Place, name: str, field: Field, was: Json, now: Json) -> Iterator[Change]:
    direction = direction_of(field, was, now)
    if direction is not None:
        yield at.change(
            name,
            _told(was),
            _told(now),
            direction,
            title=field.title or name.replace("_", " "),
            may_loosen=at.table == "rules" and at.row in MAY_BE_SWITCHED_OFF,
        )


# Limits that hold for one area, or one ingredient, and the limit that holds where there is none.
_LIMITS_BY = {
    "area_concentrations": ("area", "max_concentration"),
    "product_volumes": ("ingredient", "max_volume"),
}


def _limits_by(at: _Place, name: str, before: Json, after: Json) -> Iterator[Change]:
    key, general = _LIMITS_BY[name]
    was = {row[key]: row["limit"] for row in before.get(name) or ()}
    now = {row[key]: row["limit"] for row in after.get(name) or ()}
    places = {row[key]: place for place, row in enumerate(after.get(name) or ())}
    for of in sorted(was.keys() | now.keys()):
        old, new = was.get(of, before.get(general)), now.get(of, after.get(general))
        field = Field(Kind.REQUIRED_MAXIMUM, f"{TABLES[at.table][general].title} ({of})")
        pointer = f"{at.pointer}/{name}" + (f"/{places[of]}/limit" if of in places else "")
        yield from _figure(at, f"{name}/{of}", field, old, new, pointer)


def _figure(
    at: _Place, name: str, field: Field, was: Json, now: Json, pointer: str | None = None
) -> Iterator[Change]:
    """A sourced figure: its value, then its mark, then its words."""
    title = "" if at.table == "parameters" else field.title
    pointer = pointer or f"{at.pointer}/{name}".rstrip("/")
    direction = compared(field.kind, was, now)
    may_loosen = was is None or was.get("loosenable", True) is True
    if direction is not None:
        yield at.change(
            name, _measure(was), _measure(now), direction, title=title, pointer=pointer,
            may_loosen=may_loosen, source=now["source"] if now else None,
            stale_source=bool(was and now and was["source"] == now["source"]),
        )  # fmt: skip
    if was is None or now is None:
        return
    freed = now.get("loosenable", True) is True
    if freed != may_loosen:
        yield at.change(
            f"{name}/loosenable".lstrip("/"), _MARK[may_loosen], _MARK[freed],
            Direction.LOOSER if freed else Direction.TIGHTER, title=title,
            pointer=f"{pointer}/loosenable", may_loosen=False,
        )  # fmt: skip
    told = [key for key in ("source", "evidence") if was.get(key) != now.get(key)]
    if direction is None and told:
        key = told[0]
        yield at.change(
            f"{name}/{key}".lstrip("/"), was[key], now[key], Direction.REWORDED,
            title=f"{title}, {key}".lstrip(", "), pointer=f"{pointer}/{key}", may_loosen=True,
        )  # fmt: skip


_MARK = {True: "may be loosened", False: "hard ceiling"}


def _measure(figure: Json) -> str | None:
    return None if figure is None else f"{figure['value']} {figure['unit']}"


def _told(value: Json) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or None
    return None if value in (None, "") else str(value)
