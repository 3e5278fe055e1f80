"""The question for slots, and its answer, on the wire."""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.fields import Answer, Code, Day, Instant
from api.paging import PageQuery

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
_DAY: TypeAdapter[date] = TypeAdapter(Day)
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


def _read_moment(value: Any) -> date | datetime:
    days = isinstance(value, str) and len(value) == len("2026-03-02")
    return (_DAY if days else _INSTANT).validate_python(value)


def _read_wall(value: Any) -> time:
    text = str(value)
    if len(text) != len("09:00") or text[2] != ":" or not (text[:2] + text[3:]).isdecimal():
        raise PydanticCustomError("time_format", "Give a local time as HH:MM.")
    hours, minutes = int(text[:2]), int(text[3:])
    if hours > 23 or minutes > 59:
        raise PydanticCustomError("time_value", "There is no such time of day.")
    return time(hours, minutes)


def _known_zone(value: str) -> str:
    if value not in available_timezones():
        raise PydanticCustomError("time_zone", "Give an IANA time zone such as Europe/Paris.")
    return value


Moment = Annotated[
    Any,
    BeforeValidator(_read_moment),
    WithJsonSchema({"type": "string", "examples": ["2026-03-09"]}),
]
WallTime = Annotated[
    time,
    BeforeValidator(_read_wall),
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d$", "examples": ["14:00"]}),
]
Weekday = Annotated[int, Field(ge=1, le=7)]


class Wishes(PageQuery):
    """With whom, where and when somebody would like to come."""

    practitioner_id: tuple[UUID, ...] = Field(
        (), max_length=50, description="Only these people; may be repeated.", examples=[[_ID]]
    )
    room_id: tuple[UUID, ...] = Field(
        (), max_length=50, description="Only these rooms; may be repeated.", examples=[[_ID]]
    )
    room_feature: tuple[Code, ...] = Field(
        (), max_length=20, description="Only rooms with all of these.", examples=[["LAMP"]]
    )
    weekday: tuple[Weekday, ...] = Field(
        (), max_length=7, description="Preferred weekdays, 1 is Monday.", examples=[[2, 4]]
    )
    time_from: WallTime | None = Field(None, description="Preferred: starts at this or later.")
    time_to: WallTime | None = Field(None, description="Preferred: starts before this.")


class SlotQuery(Wishes):
    """For a plan's next session, or freely by duration."""

    plan_id: UUID | None = Field(
        None, description="Its next session; the scheduling rules decide.", examples=[_ID]
    )
    duration_minutes: int | None = Field(
        None,
        ge=5,
        le=480,
        description="Length in minutes; without it, what the clinic usually takes for that kind of"
        " session; without a plan, for a first one.",
        examples=[30],
    )
    from_: Moment = Field(None, alias="from", description="Instant, or local day; now without it.")
    to: Moment = Field(
        None,
        description="Instant (excluded), or local day (included), at most 180 days ahead; without"
        " it, 90 days from the beginning.",
    )
    time_zone: Annotated[str, AfterValidator(_known_zone)] | None = Field(
        None,
        description="IANA zone of the days, weekdays and times of this question; the clinic's"
        " without it.",
        examples=["Europe/Paris"],
    )
    preferences: Literal["prefer", "require"] = Field(
        "prefer",
        description="`prefer`: what meets more of them comes first. `require`: nothing else is"
        " offered.",
    )
    allow: Literal["nothing", "acknowledgement", "override"] = Field(
        "nothing",
        description="What the booking may ask for: nothing at all, acknowledging warnings, or a"
        " person's override as well.",
    )


class SlotReason(Answer):
    """Why a slot stands where it does."""

    code: str = Field(
        description="`on_target`, `off_target`, `soonest`, `preferred_practitioner`,"
        " `other_practitioner`, `preferred_weekday`, `other_weekday`, `preferred_time`,"
        " `other_time`, `needs_acknowledgement` or `needs_override`.",
        examples=["off_target"],
    )
    text: str = Field(
        description="In words.", examples=["2 days after the protocol's day, 2026-03-09."]
    )


class SlotFound(Answer):
    """A time that can be booked as it is."""

    starts_at: Instant = Field(description="Start, UTC.")
    ends_at: Instant = Field(description="End, UTC.")
    local_starts_at: str = Field(
        description="The wall clock of the clinic at the start.", examples=["2026-03-10T09:00"]
    )
    practitioner_id: UUID = Field(description="Who is free.", examples=[_ID])
    room_id: UUID | None = Field(
        description="Which room is free; null where the clinic has none.", examples=[_ID]
    )
    duration_minutes: int = Field(description="Length in minutes.", examples=[30])
    session_number: int | None = Field(
        description="What it would be in the plan's course; null without a plan.", examples=[2]
    )
    phase: str | None = Field(description="The protocol's phase of it.", examples=["A"])
    days_from_target: int | None = Field(
        description="Days after the protocol's day, negative before; null without one.",
        examples=[1],
    )
    needs_acknowledgement: tuple[str, ...] = Field(
        description="Codes to send in `acknowledged`; empty unless `allow` was said.",
        examples=[[]],
    )
    needs_override: tuple[str, ...] = Field(
        description="Codes to send in `overrides`; empty unless `allow=override` was said.",
        examples=[[]],
    )
    reasons: tuple[SlotReason, ...] = Field(description="Why it stands here, most telling first.")
    why: str = Field(description="The same in one text.", examples=["On the protocol's day."])


class RefusedDays(Answer):
    """Days on which a rule lets nothing be booked as it was asked for."""

    code: str = Field(description="Code of the rule.", examples=["SPACING-MIN-INTERVAL"])
    title: str = Field(description="What it says.", examples=["Too soon after another session"])
    days: int = Field(description="On how many of the days searched.", examples=[5])


class SlotPage(Answer):
    """Slots, best first, and what was searched."""

    items: tuple[SlotFound, ...] = Field(description="Best first.")
    next_cursor: str | None = Field(None, description="Of the next page; null on the last.")
    total: int | None = Field(None, description="Never counted: slots are found as they are read.")
    searched_from: Instant = Field(description="Nothing before this was looked at, UTC.")
    searched_until: Instant = Field(description="Nothing that ends after this, UTC.")
    session_number: int | None = Field(description="The plan's next session.", examples=[2])
    earliest_on: Day | None = Field(description="First day of the plan's window.")
    target_on: Day | None = Field(description="The protocol's day.")
    latest_on: Day | None = Field(description="Last day of the plan's window.")
    refused: tuple[RefusedDays, ...] = Field(
        description="Where nothing was found: which rules refuse how many of the days."
    )
