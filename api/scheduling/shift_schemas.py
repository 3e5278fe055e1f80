"""Moving a session and the rest of its course, on the wire."""

from uuid import UUID

from pydantic import Field

from api.decisions.schemas import Answers, FindingRead
from api.fields import Answer, Instant
from api.scheduling.course_schemas import CourseSession

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class ShiftCreate(Answers):
    """Where a session goes; the booked ones behind it follow at the protocol's distances.

    Answers are given once for all: each goes to the sessions that ask for it.
    """

    starts_at: Instant = Field(description="Its new start, with offset; behind the one before it.")


class ShiftedSession(CourseSession):
    """One session that moved."""

    moved_from: Instant = Field(description="Where it was, UTC.")


class LeftBehind(Answer):
    """What the scheduling rules would say to a session that stayed where it is."""

    id: UUID = Field(description="Of the session.", examples=[_ID])
    session_number: int = Field(description="Its place in the course.", examples=[4])
    starts_at: Instant = Field(description="Where it is, UTC.")
    findings: tuple[FindingRead, ...] = Field(
        description="Empty where it could stay.", examples=[[]]
    )


class ShiftRead(Answer):
    """What moved, and what would have come of moving the one session only."""

    sessions: tuple[ShiftedSession, ...] = Field(description="By date; the first is the one asked.")
    otherwise: tuple[LeftBehind, ...] = Field(
        description="The sessions behind it, had they stayed where they were."
    )
