"""What a patient agreed to."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from models.clinical_record import ClinicalRecord, retractable
from models.columns import coded, codes
from models.keys import belongs_to, indexed, ordered, within


class ConsentSigner(StrEnum):
    PATIENT = "patient"
    GUARDIAN = "guardian"


class Consent(ClinicalRecord, table=True):
    """A signed consent: which text, for which ingredients, areas and diagnosis.

    Valid from `signed_on` for `valid_days` days, the last one included, unless withdrawn.
    `elements` are the numbered elements of the clinical reference that the text covers. The
    photograph and registry permissions are separate choices and default to no.
    """

    __tablename__ = "consent"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        belongs_to("obtained_by", "staff_member"),
        within("valid_days", 1, 3650),
        ordered("signed_on", "withdrawn_on"),
        retractable(),
        indexed("patient_id", "signed_on"),
    )

    document_code: str
    document_version: str
    language: str | None = None
    interpreter: str | None = None
    signed_on: date
    signed_by: ConsentSigner = coded(ConsentSigner, "signed_by", default=ConsentSigner.PATIENT)
    obtained_by: UUID | None = None
    witness: str | None = None
    valid_days: int = 365
    ingredient_codes: tuple[str, ...] = codes()
    areas: tuple[str, ...] = codes()
    icd10: str | None = None
    elements: tuple[str, ...] = codes()
    photos_clinical: bool = False
    photos_teaching: bool = False
    registry_use: bool = False
    withdrawn_on: date | None = None
    withdrawn_reason: str | None = None
