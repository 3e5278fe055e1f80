"""What the list of holds may be asked, and what its release needs."""

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from api.fields import Body, Code, Note
from api.paging import PageQuery
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


class ReleaseHold(Body):
    """A person lets go on what was held, and says why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Culture negative; look-back done."}]}
    )

    reason: Note = Field(
        description="Why it may go on.", examples=["Culture negative; look-back done."]
    )
