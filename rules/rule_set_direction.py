"""Which way a change of one field goes: tighter or looser, or only said in other words."""

from enum import StrEnum
from fractions import Fraction
from typing import Any

from rules.strictness import Field, Kind

Json = Any


class Direction(StrEnum):
    """What a change does to what passes. reworded: nothing, it is told to people."""

    TIGHTER = "tighter"
    LOOSER = "looser"
    REWORDED = "reworded"


def compared(kind: Kind, was: Json, now: Json) -> Direction | None:
    """How a sourced figure changed; None where its value is the same."""
    if was is None and now is None:
        return None
    if was is None:
        return Direction.LOOSER if kind is Kind.REQUIRED_MAXIMUM else Direction.TIGHTER
    if now is None or was["unit"] != now["unit"]:
        return Direction.LOOSER
    old, new = Fraction(was["value"]), Fraction(now["value"])
    if old == new:
        return None
    return Direction.TIGHTER if (new > old) == (kind is Kind.MINIMUM) else Direction.LOOSER


def direction_of(field: Field, was: Json, now: Json) -> Direction | None:
    """How a field that is no figure changed; None where it says the same in other ways."""
    was, now = (field.absent if value is None else value for value in (was, now))
    if was == now:
        return None
    if field.kind is Kind.WORDS:
        return None if (was or None) == (now or None) else Direction.REWORDED
    stricter = _stricter(field, was, now)
    return None if stricter is None else (Direction.TIGHTER if stricter else Direction.LOOSER)


def _stricter(field: Field, was: Json, now: Json) -> bool | None:
    match field.kind:
        case Kind.ON | Kind.OFF:
            return bool(now) is (field.kind is Kind.ON)
        case Kind.SCALE:
            known = was in field.scale and now in field.scale
            return known and field.scale.index(now) > field.scale.index(was)
        case Kind.MOST | Kind.LEAST:
            if was is None or now is None:
                return False
            return bool(now < was) if field.kind is Kind.MOST else bool(now > was)
        case Kind.NONE_IS_STRICT:
            return not now
        case Kind.MORE | Kind.FEWER | Kind.ONLY | Kind.EVERY:
            return _list_stricter(field.kind, frozenset(was or ()), frozenset(now or ()))
        case _:
            return False


def _list_stricter(kind: Kind, was: frozenset[str], now: frozenset[str]) -> bool | None:
    if was == now:
        return None  # another order
    if kind is Kind.MORE:
        return now > was
    if kind is Kind.FEWER:
        return now < was
    if kind is Kind.ONLY:
        return not was or bool(now and now < was)
    return not now or bool(was and now > was)
