"""What a patient has or had."""

from datetime import date

from models.clinical_record import ClinicalRecord, retractable
from models.keys import belongs_to, indexed, ordered


class Condition(ClinicalRecord, table=True):
    """A condition by the codes of the clinical reference; over when `ended_on` is filled in."""

    __tablename__ = "condition"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        ordered("onset_on", "ended_on"),
        retractable(),
        indexed("patient_id"),
    )

    code: str
    icd10: str | None = None
    onset_on: date | None = None
    ended_on: date | None = None
    notes: str | None = None
