"""What the list of holds may be asked, and what its release needs."""

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from api.fields import Answer, Body, Code, Instant, Line, Note
from api.paging import PageQuery
from api.plans.hold_schemas import HoldRead, HoldReason, ReleaseRole
from models import HoldScope


class HoldQuery(PageQuery):
    """Filters of the list."""

    in_force: bool | None = Field(None, description="true: not yet released; false: released.")
    overdue: bool | None = Field(
        None, description="`true`: in force, and somebody should have looked by now."
    )
    scope: HoldScope | None = Field(None, description="Holds of this scope.")
    release_role: Literal["nurse", "prescriber", "medical_director"] | None = Field(
        None, description="Holds that this role may release."
    )
    reason_code: str | None = Field(None, max_length=60, description="Opened for this reason.")
    patient_id: UUID | None = Field(None, description="Holds on this patient.")
    plan_id: UUID | None = Field(None, description="Holds on this plan by itself.")
    formula_id: UUID | None = Field(None, description="Holds on this formula.")
    lot_id: UUID | None = Field(None, description="Holds on this lot.")
    ingredient_code: Code | None = Field(None, description="Holds on this ingredient.")
    side_effect_id: UUID | None = Field(None, description="Holds that this side effect opened.")


class HoldCreate(Body):
    """A person stops something until somebody has looked. One subject, as the scope says; a
    formula or an ingredient may be held for one patient, or without one for everybody."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "scope": "ingredient",
                    "ingredient_code": "MINOXIDIL",
                    "reason": "Supplier reports a crystallised batch; strength is in doubt.",
                    "reason_code": "clinical_review",
                }
            ]
        }
    )

    scope: HoldScope = Field(description="What is held.")
    patient_id: UUID | None = Field(None, description="The patient, or whom it is held for.")
    plan_id: UUID | None = Field(None, description="The plan, with scope `plan`.")
    session_id: UUID | None = Field(None, description="The session, with scope `session`.")
    area: Code | None = Field(
        None, description="The area, with scope `area`.", examples=["SCALP_VERTEX"]
    )
    formula_id: UUID | None = Field(None, description="The formula, with scope `formula`.")
    ingredient_code: Code | None = Field(
        None, description="The ingredient, with scope `ingredient`.", examples=["MINOXIDIL"]
    )
    lot_id: UUID | None = Field(
        None, description="The lot, with scope `lot`; it is quarantined as well."
    )
    reason: Note = Field(
        description="Why, in words.", examples=["Supplier reports a crystallised batch."]
    )
    reason_code: HoldReason = Field(HoldReason.CLINICAL_REVIEW, description="Why, coded.")
    release_role: ReleaseRole | None = Field(
        None,
        description="Who may release it; if not given, a prescriber where it is about a patient, "
        "and the medical director where it holds everybody.",
    )
    release_criteria: Line | None = Field(
        None, description="What must be so before it is released.", examples=["Assay is back."]
    )
    due_at: Instant | None = Field(None, description="By when somebody should have looked.")


class ReleaseHold(Body):
    """A person lets go on what was held, and says why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Culture negative; look-back done."}]}
    )

    reason: Note = Field(
        description="Why it may go on.", examples=["Culture negative; look-back done."]
    )


class CriterionRead(Answer):
    """One thing that must be so before the hold is released."""

    code: str = Field(description="Which.", examples=["culture_negative"])
    words: str = Field(
        description="What must be so.",
        examples=["The latest culture for mycobacteria is negative."],
    )
    met: bool = Field(description="It is so, as the records stand now.")
    because: str = Field(
        description="What that rests on, or what is missing.",
        examples=["No result of a culture for mycobacteria is recorded in a follow-up."],
    )
    by_person: bool = Field(
        description="No record can show it: whoever releases the hold says it in the reason."
    )
    waivable: bool = Field(description="The medical director may release without it.")


class HoldDetail(HoldRead):
    """A stop, and what still stands in the way of its release."""

    criteria: list[CriterionRead] | None = Field(
        description="All of them, met or not; null for callers without `clinical:read`."
    )
