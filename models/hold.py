"""What must not go on until somebody has looked."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.base import ClinicRecord
from models.columns import coded
from models.keys import belongs_to, indexed, indexed_where, together


class HoldScope(StrEnum):
    SESSION = "session"
    AREA = "area"
    FORMULA = "formula"
    INGREDIENT = "ingredient"
    LOT = "lot"
    PLAN = "plan"
    PATIENT = "patient"


class HoldEffect(StrEnum):
    BLOCK = "block"
    OVERRIDE = "override"


# What a hold of each scope is about must be said; an area or formula of nobody holds nobody.
SUBJECT_GIVEN = """(scope = 'session' AND session_id IS NOT NULL)
 OR (scope = 'area' AND area IS NOT NULL AND patient_id IS NOT NULL)
 OR (scope = 'formula' AND formula_id IS NOT NULL)
 OR (scope = 'ingredient' AND ingredient_code IS NOT NULL)
 OR (scope = 'lot' AND lot_id IS NOT NULL)
 OR (scope = 'plan' AND plan_id IS NOT NULL)
 OR (scope = 'patient' AND patient_id IS NOT NULL)"""


class Hold(ClinicRecord, table=True):
    """A stop with a scope, a reason and the role that may release it. Nothing releases itself.

    Opened by a person (`opened_by`) or by a rule on a side effect (`opened_by_rule`, its code).
    Formula, ingredient and lot holds without a patient hold everybody. `permanent` is for what
    must not be given to this patient again. `release_after_days` is how long its side effect must
    be over before somebody other than the medical director may release it.
    """

    __tablename__ = "hold"
    __table_args__ = (
        belongs_to("plan_id", "treatment_plan"),
        belongs_to("patient_id", "patient"),
        belongs_to("session_id", "treatment_session"),
        belongs_to("formula_id", "formula"),
        belongs_to("lot_id", "lot"),
        belongs_to("side_effect_id", "side_effect"),
        belongs_to("released_by", "staff_member"),
        CheckConstraint(SUBJECT_GIVEN, name="subject_given"),
        CheckConstraint(
            "opened_by IS NOT NULL OR opened_by_rule IS NOT NULL", name="opened_by_somebody"
        ),
        together("released_by", "released_at", "release_reason", name="release"),
        indexed("patient_id"),
        indexed("plan_id"),
        indexed("session_id"),
        indexed("side_effect_id"),
        indexed_where("released_at IS NULL", "scope"),
    )

    scope: HoldScope = coded(HoldScope, "scope")
    effect: HoldEffect = coded(HoldEffect, "effect", default=HoldEffect.BLOCK)
    patient_id: UUID | None = None
    plan_id: UUID | None = None
    session_id: UUID | None = None
    area: str | None = None
    formula_id: UUID | None = None
    ingredient_code: str | None = None
    lot_id: UUID | None = None
    side_effect_id: UUID | None = None
    reason_code: str
    note: str | None = None
    release_role: str
    release_criteria: str | None = None
    release_after_days: int | None = None
    permanent: bool = False
    due_at: datetime | None = None
    opened_at: datetime
    opened_by: UUID | None = None
    opened_by_rule: str | None = None
    released_at: datetime | None = None
    released_by: UUID | None = None
    release_reason: str | None = None
