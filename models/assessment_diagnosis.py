"""What a professional concluded."""

from enum import StrEnum
from uuid import UUID

from models.base import ClinicRecord
from models.columns import coded
from models.keys import belongs_to, indexed, unique, within


class DiagnosisStatus(StrEnum):
    CONFIRMED = "confirmed"
    SUSPECTED = "suspected"
    RULED_OUT = "ruled_out"


class AssessmentDiagnosis(ClinicRecord, table=True):
    """One diagnosis of an assessment, by ICD-10 code, with how sure it is and where."""

    __tablename__ = "assessment_diagnosis"
    __table_args__ = (
        belongs_to("assessment_id", "assessment"),
        belongs_to("patient_id", "patient"),
        within("position", 0, 99),
        unique("assessment_id", "position"),
        indexed("patient_id", "icd10"),
    )

    assessment_id: UUID
    patient_id: UUID
    position: int
    icd10: str
    status: DiagnosisStatus = coded(DiagnosisStatus, "status")
    area: str | None = None
