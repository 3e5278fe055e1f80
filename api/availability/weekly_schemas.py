"""Weekly hours on the wire: local wall-clock times, on the days for which they are valid."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.fields import Answer, Body, Day
from api.problems import FieldError, InvalidRequest
from models import OpeningHours, WorkingHours

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
MOST = 200  # spans in one answer or request: a month of ever-changing days, and more


def _read(value: Any) -> int:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise PydanticCustomError("wall_time", "Give a local time such as 09:00.")
    hours, minutes = value.split(":")
    return int(hours) * 60 + int(minutes)


def _write(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


WallTime = Annotated[
    int,
    BeforeValidator(_read),
    PlainSerializer(_write, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$",
            "examples": ["09:00"],
        }
    ),
]


class WeeklyHoursIn(Body):
    """One span of one weekday. A break is the gap between two spans."""

    weekday: int = Field(ge=1, le=7, description="1 is Monday, 7 is Sunday.", examples=[1])
    opens: WallTime = Field(description="Local time, before 24:00.", examples=["09:00"])
    closes: WallTime = Field(
        description="Local time, later than `opens`; free again from then on. 24:00 is midnight"
        " at the end of the day.",
        examples=["17:30"],
    )
    valid_from: Day | None = Field(None, description="First day; null for no bound.")
    valid_to: Day | None = Field(None, description="Last day, included; null for no bound.")


class WorkingHoursIn(WeeklyHoursIn):
    """One span of one weekday of one person."""

    room_id: UUID | None = Field(
        None, description="Where the person then works; null for any room.", examples=[_ID]
    )


class WeeklyHoursRead(Answer):
    """One span of one weekday."""

    weekday: int = Field(description="1 is Monday, 7 is Sunday.", examples=[1])
    opens: str = Field(description="Local time.", examples=["09:00"])
    closes: str = Field(description="Local time; free again from then on.", examples=["17:30"])
    valid_from: Day | None = Field(description="First day; null for no bound.")
    valid_to: Day | None = Field(description="Last day, included; null for no bound.")

    @classmethod
    def of(cls, row: OpeningHours | WorkingHours) -> Self:
        return cls(
            opens=_write(row.opens_minute),
            closes=_write(row.closes_minute),
            **row.model_dump(include=set(cls.model_fields)),
        )


class WorkingHoursSpan(WeeklyHoursRead):
    """One span of one weekday of one person."""

    room_id: UUID | None = Field(
        description="Where the person then works; null for any room.", examples=[_ID]
    )


def columns(hours: WeeklyHoursIn) -> dict[str, Any]:
    """As `models.OpeningHours` and `models.WorkingHours` keep it."""
    kept = hours.model_dump(exclude={"opens", "closes"})
    return {**kept, "opens_minute": hours.opens, "closes_minute": hours.closes}


def check(hours: Sequence[WeeklyHoursIn]) -> None:
    """InvalidRequest with a pointer to every span that is empty or overlaps an earlier one."""
    errors = []
    for position, each in enumerate(hours):
        if each.closes <= each.opens:
            words = ("not_after", "This must be later than `opens`.")
            errors.append(FieldError(f"/{position}/closes", *words))
        if each.valid_from and each.valid_to and each.valid_to < each.valid_from:
            words = ("not_after", "This must not be before `valid_from`.")
            errors.append(FieldError(f"/{position}/valid_to", *words))
        earlier = next((n for n in range(position) if _overlap(hours[n], each)), None)
        if earlier is not None:
            words = ("overlap", f"This overlaps the span at /{earlier}.")
            errors.append(FieldError(f"/{position}", *words))
    if errors:
        raise InvalidRequest(errors)


def _overlap(one: WeeklyHoursIn, other: WeeklyHoursIn) -> bool:
    return (
        one.weekday == other.weekday
        and one.opens < other.closes
        and other.opens < one.closes
        and (one.valid_from or date.min) <= (other.valid_to or date.max)
        and (other.valid_from or date.min) <= (one.valid_to or date.max)
    )
