"""Strict reading of a rule-set document: every problem is kept with its JSON pointer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from rules.arithmetic import Inexact, exact
from rules.ingredient import Figure
from rules.units import EVIDENCE

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a document; pointer as in RFC 6901."""

    pointer: str
    message: str


class Row:
    """One JSON object that is being read. Reading never raises; it notes problems.

    Every key must be read once: what is left over is unknown and therefore a problem.
    """

    def __init__(self, content: Any, pointer: str, problems: list[Problem]) -> None:
        """Hold the object at `pointer`; anything but an object is itself a problem."""
        self.pointer = pointer
        self.problems = problems
        self.content: Mapping[str, Any] = {}
        self._read: set[str] = set()
        if isinstance(content, dict):
            self.content = content
        else:
            self.note("", "must be an object")

    def note(self, key: str, message: str) -> None:
        """Keep a problem with the value under `key`, or with the whole object."""
        self.problems.append(Problem(f"{self.pointer}/{key}" if key else self.pointer, message))

    def take(self, key: str, kind: type[T], default: T, *, required: bool = False) -> T:
        """The value under `key` if it has that type, else `default`."""
        self._read.add(key)
        value = self.content.get(key)
        if value is None:
            if required:
                self.note(key, "is missing")
            return default
        if type(value) is not kind:
            self.note(key, f"must be {_KINDS.get(kind, kind.__name__)}")
            return default
        return value

    def text(self, key: str, *, required: bool = True) -> str:
        """A text; where required, not an empty one."""
        value = self.take(key, str, "", required=required)
        if required and key in self.content and not value.strip():
            self.note(key, "must not be empty")
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """A truth value."""
        return self.take(key, bool, default)

    def whole(self, key: str) -> int | None:
        """A whole number of at least 0, or None."""
        value = self.take(key, int, -1)
        if value < 0:
            if isinstance(self.content.get(key), int):
                self.note(key, "must not be negative")
            return None
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts, kept in order; missing is empty."""
        value: list[Any] = self.take(key, list, [])
        if not all(isinstance(each, str) and each for each in value):
            self.note(key, "must be a list of texts")
            return ()
        return tuple(value)

    def choice(self, key: str, words: type[E], default: E) -> E:
        """One of the words of a StrEnum."""
        value = self.text(key)
        try:
            return words(value)
        except ValueError:
            if value:
                self.note(key, f"must be one of {', '.join(words)}")
            return default

    def one_of(self, key: str, words: Iterable[str]) -> str:
        """One of some words."""
        value = self.text(key)
        known = list(words)
        if value and value not in known:
            self.note(key, f"must be one of {', '.join(known)}")
        return value

    def day(self, key: str) -> date:
        """A day, YYYY-MM-DD."""
        value = self.text(key)
        try:
            return date.fromisoformat(value)
        except ValueError:
            if value:
                self.note(key, "must be a day, YYYY-MM-DD")
            return date.min

    def rows(self, key: str, read: Callable[["Row"], T], *, required: bool = True) -> list[T]:
        """A list of objects, each read by `read`."""
        found: list[Any] = self.take(key, list, [], required=required)
        return [self._row(f"{key}/{place}", each, read) for place, each in enumerate(found)]

    def row(self, key: str, read: Callable[["Row"], T]) -> T | None:
        """One object read by `read`; None where there is none."""
        self._read.add(key)
        found = self.content.get(key)
        return None if found is None else self._row(key, found, read)

    def _row(self, key: str, content: Any, read: Callable[["Row"], T]) -> T:
        row = Row(content, f"{self.pointer}/{key}", self.problems)
        value = read(row)
        row.finish()
        return value

    def figure(
        self, key: str, scales: Mapping[str, int], *, required: bool = False
    ) -> Figure | None:
        """A sourced number in one of these units, kept as an exact integer."""
        figure = self.row(key, lambda row: read_figure(row, scales)[0])
        if figure is None and required:
            self.note(key, "is missing")
        return figure

    def finish(self) -> None:
        """Note every key that nobody read."""
        for key in sorted(self.content.keys() - self._read):
            self.note(key.replace("~", "~0").replace("/", "~1"), "is not known here")


def read_figure(row: Row, scales: Mapping[str, int]) -> tuple[Figure, str, str]:
    """A figure with its text and unit; unit, source and evidence mark are all required."""
    text, unit = row.text("value"), row.text("unit")
    if unit and unit not in scales:
        row.note("unit", f"must be {' or '.join(scales)}")
    value = 0
    try:
        value = exact(text, scales.get(unit, 0)) if text else 0
    except Inexact as error:
        row.note("value", str(error))
    if value < 0:
        row.note("value", "must not be negative")
    source, evidence = row.text("source"), row.one_of("evidence", EVIDENCE)
    loosenable = row.flag("loosenable", default=True)
    return Figure(value, source, evidence, loosenable), text, unit


_KINDS: dict[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}
