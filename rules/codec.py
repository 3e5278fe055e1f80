"""Canonical JSON of frozen dataclasses, both ways and exactly.

One text per value: keys sorted, no spaces, UTF-8 as is, integers and text only, so that a
stored decision can be compared byte for byte. A field that is None and defaults to None is
left out. Works from the type hints of any dataclass; nothing is written per class.
"""

import json
from collections.abc import Callable, Hashable
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from rules.facts import Facts
from rules.finding import Decision

T = TypeVar("T")
Plain = Any  # dict, list, str, int, bool or None: what JSON can hold


class NotCanonical(ValueError):
    """A text or value that is not what the type says; carries where."""


def canonical_json(value: Plain) -> str:
    """The one text of a plain value: keys sorted, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def facts_to_json(facts: Facts) -> str:
    """The canonical text of the facts, for storing with a decision."""
    return canonical_json(to_plain(facts))


def facts_from_json(text: str) -> Facts:
    """The facts again, equal to those written; raises `NotCanonical` on anything else."""
    return from_plain(Facts, json.loads(text))


def decision_to_json(decision: Decision) -> str:
    """The canonical text of a decision; a replay of its facts gives the same bytes."""
    return canonical_json(to_plain(decision))


def decision_from_json(text: str) -> Decision:
    """A stored decision; raises `NotCanonical` on anything else."""
    return from_plain(Decision, json.loads(text))


def to_plain(value: object) -> Plain:
    """Plain JSON values for a frozen dataclass and all it holds."""
    if value is None or isinstance(value, bool):
        return value
    writer = _WRITERS.get(type(value))
    if writer is not None:
        return writer(value)
    if isinstance(value, StrEnum):
        return value.value
    if is_dataclass(value):
        return {
            name: to_plain(item)
            for name, optional in _written_fields(cast(Hashable, type(value)))
            if (item := getattr(value, name)) is not None or not optional
        }
    raise NotCanonical(f"{type(value).__name__} has no canonical form")


def from_plain(kind: type[T], plain: Plain) -> T:
    """A value of that type from plain JSON; raises `NotCanonical` where it does not fit."""
    value: T = _reader(cast(Hashable, kind))(plain)
    return value


def _instant_text(instant: datetime) -> str:
    if instant.tzinfo is None:
        raise NotCanonical("an instant needs an offset")
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


_WRITERS: dict[type, Callable[[Any], Plain]] = {
    str: lambda value: value,
    int: lambda value: value,
    datetime: _instant_text,
    date: date.isoformat,
    tuple: lambda value: [to_plain(item) for item in value],
    frozenset: lambda value: sorted(to_plain(item) for item in value),
}


@cache
def _written_fields(kind: Any) -> tuple[tuple[str, bool], ...]:
    return tuple((f.name, f.default is None) for f in fields(kind))


@cache
def _reader(kind: Any) -> Callable[[Plain], Any]:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _optional_reader(kind)
    if origin is tuple:
        item = _reader(get_args(kind)[0])
        return lambda plain: tuple(item(each) for each in _expect(plain, list))
    if origin is frozenset:
        item = _reader(get_args(kind)[0])
        return lambda plain: frozenset(item(each) for each in _expect(plain, list))
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return lambda plain: _converted(kind, _expect(plain, str))
    if kind is datetime:
        return lambda plain: _converted(datetime.fromisoformat, _expect(plain, str)).astimezone(UTC)
    if kind is date:
        return lambda plain: _converted(date.fromisoformat, _expect(plain, str))
    return lambda plain: _expect(plain, kind)


def _optional_reader(kind: Any) -> Callable[[Plain], Any]:
    (inner,) = (each for each in get_args(kind) if each is not NoneType)
    reader = _reader(inner)
    return lambda plain: None if plain is None else reader(plain)


def _dataclass_reader(kind: Any) -> Callable[[Plain], Any]:
    hints = get_type_hints(kind)
    readers = {f.name: _reader(hints[f.name]) for f in fields(kind)}
    required = {
        f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING
    }

    def read(plain: Plain) -> Any:
        given = _expect(plain, dict)
        if not required <= given.keys() <= readers.keys():
            odd = sorted((required - given.keys()) | (given.keys() - readers.keys()))
            raise NotCanonical(f"{kind.__name__}: missing or unknown {', '.join(odd)}")
        return kind(**{name: readers[name](item) for name, item in given.items()})

    return read


def _expect(plain: Plain, kind: type) -> Any:
    if type(plain) is not kind:
        raise NotCanonical(f"expected {kind.__name__}, found {type(plain).__name__}")
    return plain


def _converted(convert: Callable[[str], Any], text: str) -> Any:
    try:
        return convert(text)
    except ValueError as error:
        raise NotCanonical(str(error)) from None
