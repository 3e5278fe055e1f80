"""Sessions on the wire: what a front desk books, moves and reads."""

from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from api.availability.local_time import Fold, LocalStart, start_if_said, start_of
from api.decisions.schemas import Answers, FindingRead
from api.fields import Answer, Body, Day, Instant, Line, Note
from api.sessions.afterwards_schemas import Afterwards, RestShown
from api.sessions.overbooking import OverbookIn
from models import BookedResource, SessionState, TreatmentSession

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
_MINUTES = "Length in minutes; practitioner, room and patient are taken for this long."


_OVERBOOK = (
    "To double-book one person or room on purpose; needs sessions:overbook, and a conflict to"
    " overbook. The rest is checked as ever."
)


class _Drafted(Answers):
    """What a booking says besides its start."""

    plan_id: UUID = Field(description="The active treatment plan.", examples=[_ID])
    duration_minutes: int = Field(ge=5, le=480, description=_MINUTES, examples=[30])
    practitioner_id: UUID = Field(description="A bookable staff member.", examples=[_ID])
    room_id: UUID | None = Field(None, description="The room, where one is needed.", examples=[_ID])
    reservation_id: UUID | None = Field(
        None,
        description="A reservation of this slot, which the booking consumes; see /v1/reservations.",
        examples=[_ID],
    )
    expected_session_number: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="Book it only as the plan's session of this number, and only if the plan does"
        " not have that one yet: a script that tries again cannot book the same session twice.",
        examples=[4],
    )
    overbook: OverbookIn | None = Field(None, description=_OVERBOOK)
    notes: Note | None = Field(
        None, description="For the desk, nothing clinical.", examples=["Call before."]
    )
    retrospective: bool = Field(
        False,
        description="A visit that has already taken place, entered afterwards (needs"
        " sessions:administer). No scheduling rule is asked; its administration is judged in full.",
        examples=[False],
    )


class SessionCreate(_Drafted):
    """A session of an active plan, at an instant."""

    starts_at: Instant = Field(description="Start, with offset; not in the past.")


class SessionDraft(_Drafted):
    """A session of an active plan: `starts_at`, or `local_starts_at` on the clinic's clocks."""

    starts_at: Instant | None = Field(None, description="Start, with offset; not in the past.")
    local_starts_at: LocalStart = None
    fold: Fold = None

    def at(self, zone: ZoneInfo) -> SessionCreate:
        """With its instant. Raises as `start_of`."""
        start = start_of(self.starts_at, self.local_starts_at, self.fold, zone)
        known = {name: getattr(self, name) for name in _Drafted.model_fields}
        return SessionCreate(**known, starts_at=start)


class SessionPatch(Answers):
    """JSON merge patch: a new time, length, practitioner, room or note."""

    starts_at: Instant | None = Field(None, description="New start, with offset.")
    duration_minutes: int | None = Field(None, ge=5, le=480, description=_MINUTES, examples=[45])
    practitioner_id: UUID | None = Field(
        None, description="Another bookable staff member.", examples=[_ID]
    )
    room_id: UUID | None = Field(None, description="Another room; null for none.", examples=[_ID])
    overbook: OverbookIn | None = Field(
        None, description=f"{_OVERBOOK} A move without it double-books nothing any more."
    )
    notes: Note | None = Field(
        None, description="For the desk, nothing clinical.", examples=["Call before."]
    )


class SessionMove(SessionPatch):
    """JSON merge patch; a new start as `starts_at`, or as `local_starts_at`."""

    local_starts_at: LocalStart = None
    fold: Fold = None

    def at(self, zone: ZoneInfo) -> SessionPatch:
        """With its instant, where it names a start. Raises as `start_if_said`."""
        names = self.model_fields_set - {"local_starts_at", "fold"}
        known = {name: getattr(self, name) for name in names}
        start = start_if_said(self.starts_at, self.local_starts_at, self.fold, zone)
        return SessionPatch(
            **known, **({} if self.local_starts_at is None else {"starts_at": start})
        )


class SessionCancel(Body):
    """Why a session will not take place."""

    reason: Line = Field(description="In words.", examples=["The patient is travelling."])


class SessionRead(Answer):
    """One visit. The calendar's part only: what is clinical has its own addresses."""

    id: UUID = Field(description="Of this session.", examples=[_ID])
    version: int = Field(description="Counts changes; the ETag.", examples=[1])
    plan_id: UUID = Field(description="The treatment plan.", examples=[_ID])
    patient_id: UUID = Field(description="The plan's patient.", examples=[_ID])
    practitioner_id: UUID = Field(description="Who performs it.", examples=[_ID])
    room_id: UUID | None = Field(description="Where; null for no room.", examples=[_ID])
    session_number: int = Field(
        description="Its place in the course by date, from 1. A cancelled or missed session gives"
        " its number back and those behind it move up.",
        examples=[3],
    )
    phase: str | None = Field(
        description="The protocol's phase of that number; null beyond its end.", examples=["A"]
    )
    state: SessionState = Field(description="Where it is in its life.", examples=["scheduled"])
    possible: tuple[str, ...] = Field(
        description="The moves that it has now, named as their addresses end.",
        examples=[["cancel", "check-in", "confirm", "reschedule"]],
    )
    starts_at: Instant = Field(description="Start, UTC.")
    ends_at: Instant = Field(description="End, UTC; the patient is free again from then on.")
    occupied_from: Instant | None = Field(
        description="Practitioner and room are taken from here on: the start, less the buffer"
        " that the clinic kept when it was booked; null for none."
    )
    occupied_until: Instant | None = Field(
        description="Until here, the end with its buffer; null for none."
    )
    duration_minutes: int = Field(description=_MINUTES, examples=[30])
    scheduled_on: Day = Field(description="The clinic's local day of the start.")
    time_zone: str = Field(description="The zone of that day.", examples=["Europe/Paris"])
    overbooks: BookedResource | None = Field(
        description="What is double-booked on purpose, if anything.", examples=[None]
    )
    overbook_reason: str | None = Field(description="Why, as a code.", examples=[None])
    overbook_comment: str | None = Field(description="Why, in words.", examples=[None])
    decision_id: UUID | None = Field(
        description="What the rules said to the booking; null for a retrospective one.",
        examples=[_ID],
    )
    check_in_decision_id: UUID | None = Field(
        description="What the rules said at check-in.", examples=[_ID]
    )
    confirmed_at: Instant | None = Field(description="When the patient confirmed.")
    checked_in_at: Instant | None = Field(description="When the patient was screened.")
    completed_at: Instant | None = Field(description="When its administration was recorded.")
    cancelled_at: Instant | None = Field(description="When it was cancelled.")
    cancel_reason: str | None = Field(description="Why.", examples=["The patient is travelling."])
    no_show_at: Instant | None = Field(description="When it was found that nobody came.")
    notes: str | None = Field(description="The desk's note.", examples=["Call before."])
    created_at: Instant = Field(description="When it was booked.")
    updated_at: Instant = Field(description="When it last changed.")

    @classmethod
    def of(cls, session: TreatmentSession, possible: tuple[str, ...]) -> Self:
        minutes = int((session.ends_at - session.starts_at).total_seconds()) // 60
        return cls(**session.model_dump(), possible=possible, duration_minutes=minutes)


class SessionDecided(SessionRead):
    """A session with what the rules just said about it."""

    outcome: str | None = Field(
        description="The worst finding decides; null where no rule was asked.",
        examples=["allowed"],
    )
    findings: tuple[FindingRead, ...] = Field(
        description="What is not a pass, worst first.", examples=[[]]
    )


class SessionMoved(SessionDecided, Afterwards, RestShown):
    """A session where it is now, and what that means for the patient's others."""


class SessionCancelled(SessionRead, Afterwards):
    """A session that will not take place, and what that means for the patient's others."""
