"""The review worklist as it is asked for and read."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.decisions.schemas import FindingRead
from api.fields import Answer, Body, Instant, Note
from api.paging import PageQuery

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
Cause = Literal[
    "administration",
    "allergy",
    "booking",
    "calendar",
    "condition",
    "consent",
    "diagnosis",
    "hold",
    "ingredient",
    "lot",
    "medication",
    "patient",
    "plan",
    "pregnancy",
    "retrospective_entry",
    "rule_set",
    "screening",
    "side_effect",
    "therapy",
    "weight",
]
Reason = Annotated[
    Note,
    StringConstraints(max_length=1000),
    Field(
        min_length=20,
        description="Why nothing needs to be done, in 20 characters or more.",
        examples=["The consent is renewed at the visit before; noted in the diary."],
    ),
]


class ReviewQuery(PageQuery):
    """Filters of the review worklist; all that are given must hold."""

    kind: Literal["session", "incident", "calendar"] | None = Field(
        None,
        description="Sessions to come that rules refuse, incidents, or sessions to come that lie"
        " outside a calendar.",
        examples=["session"],
    )
    cause: Cause | None = Field(
        None, description="What changed; needs clinical:read.", examples=["allergy"]
    )
    severity: Literal["block", "override"] | None = Field(
        None,
        description="`block`: would be refused. `override`: would need an override.",
        examples=["block"],
    )
    practitioner_id: UUID | None = Field(None, description="Performed by.", examples=[_ID])
    patient_id: UUID | None = Field(None, description="Of this patient.", examples=[_ID])
    session_id: UUID | None = Field(None, description="About this session.", examples=[_ID])
    open: bool = Field(
        True, description="`false` shows what is no longer on the list.", examples=[True]
    )


class Dismissal(Body):
    """A person has looked, and nothing needs to be done."""

    reason: Reason


class ReviewPatient(Answer):
    """Who it is about; names only for those who may read patients."""

    id: UUID = Field(description="Of the patient.", examples=[_ID])
    given_name: str | None = Field(description="Null without patients:read.", examples=["Ada"])
    family_name: str | None = Field(description="Null without patients:read.", examples=["Moreau"])
    record_number: str | None = Field(description="Null without patients:read.", examples=["P-17"])


class ReviewSession(Answer):
    """The visit it is about."""

    id: UUID = Field(description="Of the session.", examples=[_ID])
    plan_id: UUID = Field(description="Of its plan.", examples=[_ID])
    practitioner_id: UUID = Field(description="Who performs it.", examples=[_ID])
    session_number: int = Field(description="Its place in the course.", examples=[3])
    state: str = Field(description="Where it is in its life.", examples=["scheduled"])
    starts_at: Instant = Field(description="Start, UTC.")
    ends_at: Instant = Field(description="End, UTC.")


class ReviewItem(Answer):
    """One thing that somebody should look at."""

    id: UUID = Field(description="Of this item.", examples=[_ID])
    version: int = Field(description="Counts changes; the ETag.", examples=[1])
    kind: Literal["session", "incident", "calendar"] = Field(
        description="`session`: booked, and would be refused now. `incident`: entered afterwards,"
        " and would have been refused. `calendar`: booked, and then a calendar was changed.",
        examples=["session"],
    )
    cause: str | None = Field(
        description="What changed; null without clinical:read.", examples=["allergy"]
    )
    severity: Literal["block", "override"] = Field(
        description="The worst of its findings.", examples=["block"]
    )
    title: str = Field(description="In words.", examples=["This session would be refused."])
    findings: tuple[FindingRead, ...] | None = Field(
        description="What stands in the way, worst first; null without clinical:read."
    )
    patient: ReviewPatient = Field(description="Who it is about.")
    session: ReviewSession = Field(description="The visit it is about.")
    administration_id: UUID | None = Field(
        description="Of an incident: what was recorded.", examples=[None]
    )
    decision_id: UUID | None = Field(
        description="The booking's decision; of an incident, that of its record.", examples=[_ID]
    )
    since: Instant = Field(description="When it came onto the list.")
    closed_at: Instant | None = Field(description="When it left the list.")
    closed_because: (
        Literal["clean", "moved", "cancelled", "missed", "performed", "dismissed"] | None
    ) = Field(
        description="`clean`: a later look found nothing.",
        examples=["clean"],
    )
    closed_by: UUID | None = Field(description="Who dismissed it.", examples=[_ID])
    close_reason: str | None = Field(
        description="Why it was dismissed; null without clinical:read.", examples=[None]
    )
