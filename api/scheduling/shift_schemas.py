"""Moving a session and the rest of its course, on the wire."""

from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from api.availability.local_time import Fold, LocalStart, start_of
from api.decisions.schemas import Answers
from api.fields import Answer, Instant
from api.scheduling.course_schemas import CourseSession
from api.sessions.afterwards_schemas import LeftBehind

_START = (
    "Its new start, with offset; behind the one before it. Its present start leaves it where it is,"
    " unasked, and moves those behind it."
)
_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class _Shifted(Answers):
    """What a shift says besides the start."""

    practitioner_id: UUID | None = Field(
        None, description="Another person for this session; left out, the same.", examples=[None]
    )
    room_id: UUID | None = Field(
        None,
        description="Another room for this session; left out, the same; null for none.",
        examples=[_ID],
    )
    duration_minutes: int | None = Field(
        None, ge=5, le=480, description="Another length in minutes for this session.", examples=[45]
    )
    also_moving: tuple[UUID, ...] = Field(
        (),
        max_length=100,
        description="Booked sessions of the same plan before it that move along behind it: those"
        " that it was moved past.",
        examples=[[]],
    )


class ShiftCreate(_Shifted):
    """Where a session goes, at an instant."""

    starts_at: Instant = Field(description=_START)


class ShiftDraft(_Shifted):
    """Where a session goes; the booked ones behind it follow at the protocol's distances.

    Answers are given once for all: each goes to the sessions that ask for it.
    """

    starts_at: Instant | None = Field(None, description=_START)
    local_starts_at: LocalStart = None
    fold: Fold = None

    def at(self, zone: ZoneInfo) -> ShiftCreate:
        """With its instant. Raises as `start_of`."""
        start = start_of(self.starts_at, self.local_starts_at, self.fold, zone)
        names = self.model_fields_set & set(_Shifted.model_fields)
        return ShiftCreate(**{name: getattr(self, name) for name in names}, starts_at=start)


class ShiftedSession(CourseSession):
    """One session that moved."""

    moved_from: Instant = Field(description="Where it was, UTC.")


class ShiftRead(Answer):
    """What moved, and what would have come of moving the one session only."""

    sessions: tuple[ShiftedSession, ...] = Field(description="By date; the first is the one asked.")
    otherwise: tuple[LeftBehind, ...] = Field(
        description="The sessions behind it, had they stayed where they were."
    )
