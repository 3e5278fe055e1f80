"""Whole courses on the wire."""

from uuid import UUID

from pydantic import Field

from api.decisions.schemas import Answers, FindingRead
from api.fields import Answer, Code, Day, Instant
from api.scheduling.slot_schemas import WallTime, Weekday
from models import SessionState

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class CourseCreate(Answers):
    """How the remaining sessions of a plan should be placed; everything may be left out.

    Answers are given once for the whole course: each goes to the sessions that ask for it.
    """

    first_on: Day | None = Field(
        None, description="The next session on this day or later; as early as the rules allow it."
    )
    duration_minutes: int | None = Field(
        None,
        ge=5,
        le=480,
        description="Length in minutes; without it, what the clinic usually takes.",
        examples=[30],
    )
    practitioner_ids: tuple[UUID, ...] = Field(
        (), max_length=50, description="Only with these people; the plan's own is preferred."
    )
    room_ids: tuple[UUID, ...] = Field((), max_length=50, description="Only in these rooms.")
    room_features: tuple[Code, ...] = Field(
        (), max_length=20, description="Only in rooms with all of these.", examples=[["LAMP"]]
    )
    weekdays: tuple[Weekday, ...] = Field(
        (), max_length=7, description="Preferred weekdays, 1 is Monday.", examples=[[2, 4]]
    )
    time_from: WallTime | None = Field(None, description="Preferred: starts at this or later.")
    time_to: WallTime | None = Field(None, description="Preferred: starts before this.")


class CourseSession(Answer):
    """One session of the course."""

    id: UUID | None = Field(
        description="Of the session; null where none is stored.", examples=[_ID]
    )
    session_number: int = Field(description="Its place in the course.", examples=[3])
    phase: str | None = Field(description="The protocol's phase.", examples=["A"])
    state: SessionState = Field(description="Where it is in its life.", examples=["scheduled"])
    starts_at: Instant = Field(description="Start, UTC.")
    ends_at: Instant = Field(description="End, UTC.")
    local_starts_at: str = Field(
        description="The wall clock of the clinic at the start.", examples=["2026-03-10T09:00"]
    )
    practitioner_id: UUID = Field(description="Who performs it.", examples=[_ID])
    room_id: UUID | None = Field(description="Where.", examples=[_ID])
    target_on: Day | None = Field(
        description="The protocol's day, counted from the session before; null for the first."
    )
    days_from_target: int | None = Field(description="Days after it, negative before.")
    decision_id: UUID | None = Field(description="What the rules said.", examples=[_ID])
    findings: tuple[FindingRead, ...] = Field(
        description="What is not a pass, with how it was answered.", examples=[[]]
    )


class BookedCourse(Answer):
    """The plan's course, as it is booked now."""

    plan_id: UUID = Field(description="The plan.", examples=[_ID])
    booked: int = Field(description="Sessions that this request booked.", examples=[11])
    already_booked: int = Field(description="Sessions that were there before.", examples=[0])
    sessions: tuple[CourseSession, ...] = Field(
        description="Those booked now, by date; where all were booked before, the whole course."
    )
    open_points: tuple[str, ...] = Field(
        description="Codes of what was acknowledged and is left open until the check-in; the"
        " sessions are on the review worklist.",
        examples=[["PLAN-REASSESS-DUE"]],
    )
