"""Who is due, on the wire."""

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.fields import Answer, Day, Instant
from api.paging import PageQuery
from api.worklists.schemas import ReviewPatient

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class DueStatus(StrEnum):
    """Where the day lies in the window of a plan's next session, none of which is booked."""

    NEVER_BOOKED = "never_booked"
    DUE = "due"
    OVERDUE = "overdue"
    LAPSED = "lapsed"
    WAITING = "waiting"


class Priority(StrEnum):
    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


_STATUS = (
    "`due`: the day is in the window. `overdue`: the window has closed. `lapsed`: so long ago that"
    " a booking needs an override, after a reassessment. `never_booked`: no session yet."
    " `waiting`: the window opens later, but a session fell away."
)


class DueQuery(PageQuery):
    """On which day, and whose; all that is given must hold."""

    on: Day | None = Field(
        None, description="The local day asked about, from today to 180 days ahead; today."
    )
    status: tuple[DueStatus, ...] = Field(
        (), description=f"May be repeated. {_STATUS}", examples=[["due", "overdue"]]
    )
    follow_up: bool | None = Field(
        None,
        description="`true`: only where a session was missed or cancelled and none booked instead.",
        examples=[True],
    )
    practitioner_id: UUID | None = Field(
        None, description="Plans of this practitioner.", examples=[_ID]
    )


class FollowUp(Answer):
    """The session that fell away last, with none booked in its place."""

    session_id: UUID = Field(description="Which.", examples=[_ID])
    state: Literal["cancelled", "no_show"] = Field(
        description="What became of it.", examples=["no_show"]
    )
    starts_at: Instant = Field(description="When it was to be.")
    reason: str | None = Field(
        description="Why it was cancelled.", examples=["The patient is travelling."]
    )


class DueItem(Answer):
    """An active plan whose next session nobody has booked."""

    plan_id: UUID = Field(description="Of the plan.", examples=[_ID])
    patient: ReviewPatient = Field(description="Who is treated.")
    practitioner_id: UUID = Field(description="The plan's practitioner.", examples=[_ID])
    status: DueStatus = Field(description=_STATUS, examples=["due"])
    priority: Priority = Field(
        description="`urgent`: the window closes within two days.", examples=["urgent"]
    )
    reason: str = Field(
        description="Why this priority, in words.",
        examples=["The window closes on 2026-03-12, in 2 days."],
    )
    session_number: int = Field(description="Of the session to book.", examples=[3])
    phase: str | None = Field(description="The protocol's phase of that number.", examples=["A"])
    earliest_on: Day | None = Field(description="First day of the window; null: open.")
    target_on: Day | None = Field(description="The protocol's day.")
    latest_on: Day | None = Field(description="Last day of the window; null: open.")
    waiting_since: Instant = Field(
        description="The last session's start, or the plan's activation; the list's order."
    )
    follow_up: FollowUp | None = Field(description="Null where none fell away since.")
