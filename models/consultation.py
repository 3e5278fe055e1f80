"""The talk before the treatment."""

from datetime import datetime
from uuid import UUID

from models.clinical_record import ClinicalRecord, retractable
from models.columns import codes
from models.keys import belongs_to, indexed


class Consultation(ClinicalRecord, table=True):
    """What worried the patient, which alternatives were discussed, what was recommended."""

    __tablename__ = "consultation"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        belongs_to("held_by", "staff_member"),
        retractable(),
        indexed("patient_id", "held_at"),
    )

    held_at: datetime
    held_by: UUID | None = None
    concerns: str | None = None
    questions: str | None = None
    alternatives_discussed: tuple[str, ...] = codes()
    lifestyle_advice: tuple[str, ...] = codes()
    expectations: str | None = None
    recommendation: str | None = None
