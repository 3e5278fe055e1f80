"""How much of each ingredient a patient received."""

from datetime import date, datetime
from uuid import UUID

from models.base import ClinicRecord
from models.columns import coded, quantity
from models.ingredient import IngredientUnit
from models.keys import belongs_to, indexed, unique, within


class AdministeredDose(ClinicRecord, table=True):
    """The sum of one ingredient over all lines and areas of one administration.

    `dose_micro` is millionths of `unit`. One row per ingredient, so that a rolling sum reads one
    index range. A row counts only while its administration is not entered in error.
    """

    __tablename__ = "administered_dose"
    __table_args__ = (
        belongs_to("administration_id", "administration"),
        belongs_to("patient_id", "patient"),
        belongs_to("plan_id", "treatment_plan", "patient_id"),
        belongs_to("ingredient_id", "ingredient"),
        unique("administration_id", "ingredient_code"),
        indexed(
            "patient_id", "ingredient_code", "performed_on", name="ix_administered_dose_history"
        ),
        indexed("ingredient_code", "performed_on"),
        within("dose_micro", 0, 1_000_000_000_000_000_000),
        within("volume_ul", 0, 1_000_000),
    )

    administration_id: UUID
    patient_id: UUID
    plan_id: UUID
    ingredient_id: UUID
    ingredient_code: str
    unit: IngredientUnit = coded(IngredientUnit, "unit")
    dose_micro: int = quantity()
    volume_ul: int | None = quantity(default=None)
    performed_at: datetime
    performed_on: date
