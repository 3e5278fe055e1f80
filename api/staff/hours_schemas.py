"""Working hours and time off on the wire."""

from typing import Self
from uuid import UUID

from pydantic import Field

from api.availability.weekly_schemas import WorkingHoursSpan
from api.fields import Answer, Body, Instant, Line
from api.paging import PageQuery
from api.sessions.outside_schemas import Outside
from models import TimeOff

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class WorkingHoursRead(Answer):
    """When a person works, week by week. Without any hours: whenever the clinic is open."""

    staff_id: UUID = Field(description="The person.", examples=[_ID])
    hours: tuple[WorkingHoursSpan, ...] = Field(description="By weekday and time.")
    time_zone: str = Field(description="Whose clocks these are.", examples=["Europe/Paris"])
    version: int = Field(description="The staff member's; the ETag.", examples=[3])


class WorkingHoursChanged(WorkingHoursRead):
    """The new working hours, and whom they leave outside."""

    outside: Outside = Field(description="Booked sessions that are outside them.")


class TimeOffCreate(Body):
    """A person is away."""

    starts_at: Instant = Field(description="Since when, with offset.")
    ends_at: Instant = Field(description="Until when, with offset; back from then on.")
    reason: Line | None = Field(
        None, description="For who may manage staff, nobody else.", examples=["Training"]
    )


class TimeOffPatch(Body):
    """JSON merge patch."""

    starts_at: Instant | None = Field(None, description="Since when, with offset.")
    ends_at: Instant | None = Field(None, description="Until when, with offset.")
    reason: Line | None = Field(None, description="Null removes it.", examples=["Training"])


class TimeOffQuery(PageQuery):
    """Filters of the list; all that are given must hold."""

    ends_after: Instant | None = Field(None, description="Ending later than this instant.")
    starts_before: Instant | None = Field(None, description="Starting before this instant.")


class TimeOffRead(Answer):
    """A person is away."""

    id: UUID = Field(description="Of this absence.", examples=[_ID])
    staff_id: UUID = Field(description="The person.", examples=[_ID])
    starts_at: Instant = Field(description="Since when, UTC.")
    ends_at: Instant = Field(description="Until when, UTC; back from then on.")
    reason: str | None = Field(
        description="Null without staff:manage, except of one's own.", examples=["Training"]
    )
    version: int = Field(description="Counts changes; the ETag.", examples=[1])
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, row: TimeOff, with_reason: bool) -> Self:
        shown = row.model_dump(include=set(cls.model_fields) - {"reason"})
        return cls(
            **shown, staff_id=row.staff_member_id, reason=row.reason if with_reason else None
        )


class TimeOffChanged(TimeOffRead):
    """An absence, and which sessions it leaves outside."""

    outside: Outside = Field(description="Booked sessions in the person's absences.")


class TimeOffRemoved(Answer):
    """What the end of an absence means."""

    outside: Outside = Field(description="Booked sessions that still are in an absence.")
