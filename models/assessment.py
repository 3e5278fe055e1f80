"""What a professional found."""

from datetime import date
from uuid import UUID

from models.clinical_record import ClinicalRecord, retractable
from models.columns import codes
from models.keys import belongs_to, indexed


class Assessment(ClinicalRecord, table=True):
    """An examination on one day, graded on a scale; its diagnoses are rows of their own.

    `is_outcome_review` marks a structured review of the result (photos, trichoscopy), which
    restarts the clock of the reassessment rule.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        belongs_to("assessed_by", "staff_member"),
        retractable(),
        indexed("patient_id", "assessed_on"),
    )

    assessed_on: date
    assessed_by: UUID | None = None
    scale: str | None = None
    grade: str | None = None
    areas: tuple[str, ...] = codes()
    extent: str | None = None
    findings: str | None = None
    trichoscopy: tuple[str, ...] = codes()
    recommendation: str | None = None
    is_outcome_review: bool = False
    photos_taken: bool = False
    notes: str | None = None
