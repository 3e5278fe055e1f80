"""What a moved or cancelled session means for the others, on the wire."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from api.decisions.schemas import FindingRead
from api.fields import Answer, Instant

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class NextSession(Answer):
    """The plan's next booked session, and what the scheduling rules say to it now."""

    id: UUID = Field(description="Of that session.", examples=[_ID])
    session_number: int = Field(description="Its place in the course.", examples=[3])
    starts_at: Instant = Field(description="Start, UTC.")
    findings: tuple[FindingRead, ...] = Field(
        description="What is not a pass, worst first; empty where it can stay as it is.",
        examples=[[]],
    )


class Afterwards(Answer):
    """What a write on one session means for the patient's others."""

    next_session: NextSession | None = Field(
        description="The plan's next booked session behind it; null where there is none."
    )
    needs_review: tuple[UUID, ...] = Field(
        description="Other sessions that this put onto the review worklist, or changed what stands"
        " there, by start; see /v1/worklists/review.",
        examples=[[]],
    )


class LeftBehind(Answer):
    """What the scheduling rules would say to a session that stayed where it is."""

    id: UUID = Field(description="Of the session.", examples=[_ID])
    session_number: int = Field(description="Its place in the course.", examples=[4])
    starts_at: Instant = Field(description="Where it is, UTC.")
    findings: tuple[FindingRead, ...] = Field(
        description="Empty where it could stay.", examples=[[]]
    )


class RestSession(LeftBehind):
    """A session behind one that moves: what comes of leaving it, and where it would go."""

    brought: tuple[str, ...] = Field(
        description="Codes of those findings that the move brings: without it they were not found,"
        " or had other figures.",
        examples=[["SPACING-MAX-GAP"]],
    )
    would_start_at: Instant | None = Field(
        description="Where the shift that is offered would put it, UTC, as the calendars are now;"
        " null where it finds no place, or nothing is offered."
    )


class ShiftOffer(Answer):
    """The request that moves the rest of the course along; it can be sent as it stands.

    It is a dry run. Without the query it is the write.
    """

    method: Literal["POST"] = Field("POST", description="How to send it.", examples=["POST"])
    href: str = Field(description="Where to.", examples=[f"/v1/sessions/{_ID}/shift?dry_run=true"])
    if_match: str = Field(
        description="The header If-Match that it needs: of the version that this answer leaves"
        " behind. After a dry run or a refusal that is the present one, and the shift moves the"
        " session itself as well.",
        examples=['"2"'],
    )
    body: dict[str, Any] = Field(
        description="What to send. Points that were acknowledged when the sessions were booked, and"
        " can only be met later, are acknowledged again.",
        examples=[{"starts_at": "2026-03-25T09:00:00Z", "acknowledged": ["PLAN-REASSESS-DUE"]}],
    )
    unanswered: tuple[str, ...] = Field(
        description="Codes of findings at the new places that the body does not answer yet; empty"
        " where it can be sent as it is.",
        examples=[[]],
    )
    no_place_for: int | None = Field(
        description="The number of a session that finds no place at a short look: the shift looks"
        " longer, and says why. Null where all find one.",
        examples=[None],
    )


class RestOfCourse(Answer):
    """Both futures of the sessions behind one that moves: left where they are, or moved along."""

    sessions: tuple[RestSession, ...] = Field(description="Booked and still to come, by start.")
    shift: ShiftOffer | None = Field(
        description="Null where the move double-books on purpose and is not made yet: a shift"
        " double-books nothing. Make it, and take the offer of that answer."
    )


class RestShown(Answer):
    """What moving one session means for the rest of its course."""

    rest_of_course: RestOfCourse | None = Field(
        description="The plan's booked sessions behind it, with what comes of leaving them where"
        " they are and the offer to move them along. Null where there are none, or the start stays."
    )
