"""The types that requests and answers are made of: exact quantities, instants, days, texts.

Quantities travel as decimal strings (numbers are accepted) and are `Decimal` in schemas; services
turn them into the integers that are stored with `to_int`, and back with `to_decimal`.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,15})(\.\d{1,12})?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


class Body(BaseModel):
    """What comes in: an unknown field is an error, because a typo must not lose data."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """What goes out; built from rows by the feature's service or schema."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _fail(code: str, message: str) -> PydanticCustomError:
    return PydanticCustomError(code, message)


# --- quantities -----------------------------------------------------------------------------


def to_int(value: Decimal, places: int) -> int:
    """`value` in units of 10^-places, exactly; ValueError where it has more decimals than that."""
    scaled = value.scaleb(places)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError("more decimal places than can be stored")
    return whole


def to_decimal(value: int, places: int) -> Decimal:
    """The stored integer as the decimal it stands for."""
    return Decimal(value).scaleb(-places)


def plain(value: Decimal) -> str:
    """A decimal as people write it: no exponent, no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _read_decimal(places: int, low: Decimal, high: Decimal) -> Callable[[Any], Decimal]:
    def read(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise _fail("decimal_type", 'Give a decimal, best as a string: "1.5".')
        text = format(value, "f") if isinstance(value, Decimal) else str(value)
        if not _DECIMAL.fullmatch(text):
            raise _fail("decimal_parsing", "Give a plain decimal such as 1.5 (no exponent).")
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise _fail("decimal_parsing", "Give a plain decimal such as 1.5.") from None
        if number.normalize().as_tuple().exponent < -places:  # type: ignore[operator]
            raise _fail("decimal_max_places", f"At most {places} decimal places can be stored.")
        if not low <= number <= high:
            raise _fail("decimal_range", f"Give a value from {plain(low)} to {plain(high)}.")
        return number

    return read


def quantity(places: int, low: str, high: str, example: str) -> tuple[Any, ...]:
    """The annotations of an exact quantity; both bounds are inclusive."""
    return (
        BeforeValidator(_read_decimal(places, Decimal(low), Decimal(high))),
        PlainSerializer(plain, return_type=str, when_used="json"),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string", "pattern": r"^-?(0|[1-9]\d{0,15})(\.\d{1,12})?$"},
                    {"type": "number"},
                ],
                "description": f"Exact decimal from {low} to {high}, at most {places} decimals.",
                "examples": [example],
            },
            mode="validation",
        ),
        WithJsonSchema(
            {"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "examples": [example]},
            mode="serialization",
        ),
    )


Millilitres = Annotated[Decimal, *quantity(3, "0.001", "1000", "1.5")]
MillilitresOrNone = Annotated[Decimal, *quantity(3, "0", "1000", "2.0")]
Kilograms = Annotated[Decimal, *quantity(3, "0.2", "500", "62.5")]
Millimetres = Annotated[Decimal, *quantity(3, "0.001", "50", "2")]
SquareCentimetres = Annotated[Decimal, *quantity(2, "0.01", "2000", "40")]
Acidity = Annotated[Decimal, *quantity(2, "0", "14", "6.2")]
Celsius = Annotated[Decimal, *quantity(1, "30", "45", "36.8")]
Strength = Annotated[Decimal, *quantity(3, "0.001", "1000000", "5")]  # unit per mL
Amount = Annotated[Decimal, *quantity(6, "0", "1000000000", "12.5")]
Number = Annotated[Decimal, *quantity(6, "-1000000", "1000000", "12.5")]


# --- time -----------------------------------------------------------------------------------


def _read_instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise _fail("timezone_aware", "Give the offset: 2026-03-02T09:20:00+01:00 or …Z.")
        return value.astimezone(UTC)
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise _fail(
            "instant_format", "Give an RFC 3339 instant with offset: 2026-03-02T09:20:00+01:00."
        )
    try:
        instant = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _fail("instant_value", "There is no such date and time.") from None
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise _fail("instant_range", f"Give a year from {_FIRST_YEAR} to {_LAST_YEAR}.")
    return instant


def _write_instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


Instant = Annotated[
    datetime,
    BeforeValidator(_read_instant),
    PlainSerializer(_write_instant, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-02T08:20:00Z"]}),
]


def _read_day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise _fail("day_format", "Give a day as YYYY-MM-DD.")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise _fail("day_value", "There is no such day.") from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise _fail("day_range", f"Give a year from {_FIRST_YEAR} to {_LAST_YEAR}.")
    return day


Day = Annotated[
    date,
    BeforeValidator(_read_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-03-02"]}),
]


# --- texts ----------------------------------------------------------------------------------


def _no_controls(value: str) -> str:
    if _CONTROL.search(value):
        raise _fail("text_control", "Control characters are not text.")
    return value


def _text(longest: int) -> Any:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


Name = Annotated[str, _text(120), AfterValidator(_no_controls)]
Line = Annotated[str, _text(300), AfterValidator(_no_controls)]
Note = Annotated[str, _text(8000), AfterValidator(_no_controls)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$")]
