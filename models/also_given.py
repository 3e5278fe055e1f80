"""What a patient got at a visit besides the injections."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.clinical_record import ClinicalRecord, retractable
from models.columns import coded, codes, quantity
from models.ingredient import IngredientUnit
from models.keys import belongs_to, indexed, together, within


class GivenRoute(StrEnum):
    TOPICAL = "topical"
    ORAL = "oral"
    INHALED = "inhaled"


class GivenMeasure(StrEnum):
    G = "g"
    ML = "mL"


class AlsoGiven(ClinicalRecord, table=True):
    """A numbing cream, for example: one row per ingredient of it.

    `administration_id` is null for what was noted at check-in. `strength_milli` is thousandths
    of `unit` per g or mL (`measure`), `amount_milli` thousandths of that g or mL, `dose_micro`
    millionths of `unit`: strength x amount, or as stated; null where nobody knows.
    `local_anaesthetic` is the clinic's word on a product that is in no list.
    """

    __tablename__ = "also_given"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        belongs_to("session_id", "treatment_session", "patient_id"),
        belongs_to("administration_id", "administration"),
        belongs_to("ingredient_id", "ingredient"),
        together("ingredient_id", "ingredient_code", name="ingredient"),
        CheckConstraint("ingredient_code IS NOT NULL OR name IS NOT NULL", name="named"),
        CheckConstraint(
            "ingredient_code IS NULL OR local_anaesthetic IS NULL", name="formulary_knows"
        ),
        CheckConstraint(
            "(measure IS NULL) = (strength_milli IS NULL AND amount_milli IS NULL)",
            name="measured",
        ),
        CheckConstraint(
            "(unit IS NULL) = (strength_milli IS NULL AND dose_micro IS NULL)", name="counted"
        ),
        CheckConstraint(
            "strength_milli IS NULL OR amount_milli IS NULL OR "
            "(dose_micro IS NOT NULL AND dose_micro = strength_milli * amount_milli)",
            name="dose_exact",
        ),
        within("strength_milli", 1, 1_000_000_000),
        within("amount_milli", 1, 1_000_000),
        within("dose_micro", 1, 1_000_000_000_000_000),
        retractable(),
        indexed("session_id"),
        indexed("administration_id"),
        indexed("patient_id"),
    )

    session_id: UUID
    administration_id: UUID | None = None
    ingredient_id: UUID | None = None
    ingredient_code: str | None = None
    name: str | None = None
    route: GivenRoute = coded(GivenRoute, "route")
    local_anaesthetic: bool | None = None
    strength_milli: int | None = quantity(default=None)
    amount_milli: int | None = quantity(default=None)
    measure: GivenMeasure | None = coded(GivenMeasure, "measure", default=None)
    unit: IngredientUnit | None = coded(IngredientUnit, "unit", default=None)
    dose_micro: int | None = quantity(default=None)
    given_at: datetime | None = None
    areas: tuple[str, ...] = codes()
