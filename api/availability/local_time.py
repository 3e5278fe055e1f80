"""A time on the clinic's wall clock, and the instant that it is; or why it is none, or two."""

import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.problems import FieldError, Problem, invalid

_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


def _read(value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value
    if not isinstance(value, str) or not _FORM.fullmatch(value):
        raise PydanticCustomError(
            "local_time", "Give the clinic's local time without offset: 2026-03-02T09:20."
        )
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("local_time_value", "There is no such date and time.") from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise PydanticCustomError(
            "local_time_range", f"Give a year from {_FIRST_YEAR} to {_LAST_YEAR}."
        )
    return found


def _write(value: datetime) -> str:
    return value.isoformat()


LocalTime = Annotated[
    datetime,
    BeforeValidator(_read),
    PlainSerializer(_write, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$",
            "examples": ["2026-03-02T09:20"],
        }
    ),
]

# What a body has beside its `starts_at`. The example of a whole body says one start, so null first.
LocalStart = Annotated[
    LocalTime | None,
    Field(
        description="The start on the clinic's clocks, without offset; instead of `starts_at`.",
        examples=[None, "2026-03-02T09:20"],
    ),
]
Fold = Annotated[
    Literal[0, 1] | None,
    Field(
        description="Of a local time that the clocks show twice: 0 for the first, 1 for the"
        " second.",
        examples=[None, 1],
    ),
]


class NoSuchLocalTime(Problem):
    """The clocks go forward over that time: nobody's watch will ever show it."""

    name, status, title = "local-time-does-not-exist", 422, "The clocks skip that time"
    what_to_do = "Choose one of `neighbours`: the same distance before and after the change."


class AmbiguousLocalTime(Problem):
    """The clocks go back over that time: watches show it twice."""

    name, status, title = "local-time-ambiguous", 422, "The clocks show that time twice"
    what_to_do = "Send `fold`: 0 for the first time, 1 for the second; or one of `neighbours`."


def start_of(
    starts_at: datetime | None, local: datetime | None, fold: int | None, zone: ZoneInfo
) -> datetime:
    """The one start that a body says, as `starts_at` or on the clinic's clocks.

    Raises InvalidRequest where it says two or none, and as `instant_of`.
    """
    start = start_if_said(starts_at, local, fold, zone)
    if start is None:
        raise invalid("/starts_at", "missing", "Say when, here or as `local_starts_at`.")
    return start


def start_if_said(
    starts_at: datetime | None, local: datetime | None, fold: int | None, zone: ZoneInfo
) -> datetime | None:
    """As `start_of`; None where the body says no start."""
    if local is None:
        if fold is not None:
            raise invalid("/fold", "not_needed", "This belongs to `local_starts_at`.")
        return starts_at
    if starts_at is not None:
        raise invalid("/local_starts_at", "twice", "Give this or `starts_at`, not both.")
    return instant_of(local, fold, zone, "/local_starts_at")


def instant_of(local: datetime, fold: int | None, zone: ZoneInfo, pointer: str) -> datetime:
    """The instant at which the clocks of `zone` show `local` (naive).

    fold: which of two, 0 the earlier; None where the caller did not think of it. pointer: where
    the request says the time. Raises NoSuchLocalTime and AmbiguousLocalTime with the valid
    neighbours, in time order.
    """
    first, second = (
        local.replace(tzinfo=zone, fold=each).astimezone(UTC) for each in (0, 1)
    )  # fmt: skip
    if first == second:
        return first
    if first > second:  # read with the offset of before and of after, it lies beyond the change
        raise NoSuchLocalTime(
            "The clocks go forward then.",
            errors=[_error(pointer, "local_time_does_not_exist", "The clocks skip this time.")],
            neighbours=[_neighbour(each, zone) for each in (second, first)],
        )
    if fold is None:
        raise AmbiguousLocalTime(
            "The clocks go back then.",
            errors=[_error(pointer, "local_time_ambiguous", "Say which one with fold: 0 or 1.")],
            neighbours=[_neighbour(each, zone) for each in (first, second)],
        )
    return second if fold else first


def _error(pointer: str, code: str, message: str) -> dict[str, Any]:
    return asdict(FieldError(pointer, code, message))


def _neighbour(instant: datetime, zone: ZoneInfo) -> dict[str, Any]:
    wall = instant.astimezone(zone)
    return {
        "local_starts_at": wall.replace(tzinfo=None).isoformat(),
        "fold": wall.fold,
        "starts_at": instant.isoformat().replace("+00:00", "Z"),
    }
