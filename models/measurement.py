"""What was measured: weight, shedding, density and the other outcomes."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.clinical_record import ClinicalRecord, retractable
from models.columns import quantity
from models.keys import belongs_to, indexed, together, within


class Measurement(ClinicalRecord, table=True):
    """One reading, exactly as taken.

    The number is `value_scaled` divided by ten to the power `value_places` (70.5 is 705 and 1);
    a grade that is not a number is `value_code`. `measured_on` is the local day of
    `measured_at`. `scale` names the scale and its version where the kind has several.
    """

    __tablename__ = "measurement"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        belongs_to("session_id", "treatment_session"),
        within("value_places", 0, 9),
        together("value_scaled", "value_places", name="value_whole"),
        CheckConstraint("(value_scaled IS NULL) <> (value_code IS NULL)", name="one_value"),
        retractable(),
        indexed("patient_id", "kind", "measured_at"),
    )

    kind: str
    value_scaled: int | None = quantity(default=None)
    value_places: int | None = None
    value_code: str | None = None
    unit: str | None = None
    scale: str | None = None
    site: str | None = None
    measured_at: datetime
    measured_on: date
    session_id: UUID | None = None
    notes: str | None = None
