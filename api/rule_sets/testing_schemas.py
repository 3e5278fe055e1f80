"""What a version is tested on, and what came of it, line by line."""

import json
from typing import Literal, Self
from uuid import UUID

from pydantic import Field

from api.decisions.schemas import FindingRead
from api.fields import Answer, Body, Day, Instant
from api.paging import PageQuery
from models import DecisionStage, OperationItem

Said = Literal[
    "not_asked", "not_applicable", "allowed", "told", "warned", "needs_override", "refused"
]
ChangeOf = Literal["stricter", "looser", "same"]
_SAID = (
    "What the rule said: `refused`, `needs_override`, `warned` or `told`; `allowed`;"
    " `not_applicable` to the case; `not_asked` where the rule set does not ask it."
)


class BacktestCreate(Body):
    """Which kept decisions to judge again; all of them without days."""

    from_on: Day | None = Field(None, description="First local day.", examples=["2026-01-01"])
    to_on: Day | None = Field(None, description="Last local day, included.", examples=[None])


class BacktestQuery(PageQuery):
    """Which lines to list."""

    code: str | None = Field(
        None, max_length=64, description="Only of this rule.", examples=["SPACING-MAX-GAP"]
    )
    change: ChangeOf | None = Field(None, description="Only what changed in this way.")


class BacktestSession(Answer):
    """What one rule said of one decision then, and what it would say by the tested version."""

    position: int = Field(description="In the result, from 1.", examples=[1])
    code: str = Field(description="Code of the rule.", examples=["SPACING-MAX-GAP"])
    change: ChangeOf = Field(description="`stricter`, `looser` or `same`.", examples=["stricter"])
    before: Said = Field(description=_SAID, examples=["allowed"])
    after: Said = Field(description=_SAID, examples=["warned"])
    stage: DecisionStage = Field(description="What was decided.", examples=["scheduling"])
    subject_kind: str = Field(
        description="`session`, `plan`, `formula_version` or `side_effect`.", examples=["session"]
    )
    subject_id: UUID = Field(description="Of the session, or what else it was about.")
    patient_id: UUID | None = Field(description="Whose, where it was about a patient.")
    decision_id: UUID = Field(description="The kept decision, with its facts and figures.")
    decided_at: Instant = Field(description="When it was made, UTC.")

    @classmethod
    def of(cls, row: OperationItem) -> Self:
        """From a line of the operation's result."""
        return cls(
            position=row.position,
            code=row.topic,
            change=row.kind,
            subject_id=row.subject_id,
            **json.loads(row.data),
        )


class RecheckQuery(PageQuery):
    """Which sessions to list."""

    outcome: Literal["refused", "needs_override"] | None = Field(
        None, description="Only those that would be refused, or that need an override."
    )


class RecheckedSession(Answer):
    """A session to come that a newly published version finds something about."""

    position: int = Field(description="In the result, from 1.", examples=[1])
    session_id: UUID
    patient_id: UUID
    starts_at: Instant = Field(description="When it is booked for, UTC.")
    outcome: Literal["refused", "needs_override"] = Field(
        description="What the worst finding asks for.", examples=["needs_override"]
    )
    findings: list[FindingRead] = Field(description="What nobody has answered for yet.")

    @classmethod
    def of(cls, row: OperationItem) -> Self:
        """From a line of the operation's result."""
        return cls(
            position=row.position,
            session_id=row.subject_id,
            outcome=row.kind,
            **json.loads(row.data),
        )
