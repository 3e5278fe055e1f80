"""What a moved or cancelled session means for the others, on the wire."""

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
