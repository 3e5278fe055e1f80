"""What a patient must not be given because they react to it."""

from datetime import date
from enum import StrEnum

from models.clinical_record import ClinicalRecord, retractable
from models.columns import coded
from models.keys import belongs_to, indexed


class AllergySeverity(StrEnum):
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    LIFE_THREATENING = "life_threatening"
    UNKNOWN = "unknown"


class AllergyStatus(StrEnum):
    ACTIVE = "active"
    RESOLVED = "resolved"
    REFUTED = "refuted"


class Allergy(ClinicalRecord, table=True):
    """An allergy to a class of substances or to one ingredient.

    `code` is an allergy class, or `NO_KNOWN_ALLERGIES`: having none is itself an entry, because
    an empty list means that nobody has asked.
    """

    __tablename__ = "allergy"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        retractable(),
        indexed("patient_id"),
    )

    code: str
    ingredient_code: str | None = None
    substance: str | None = None
    reaction: str | None = None
    severity: AllergySeverity = coded(AllergySeverity, "severity", default=AllergySeverity.UNKNOWN)
    status: AllergyStatus = coded(AllergyStatus, "status", default=AllergyStatus.ACTIVE)
    onset_on: date | None = None
    notes: str | None = None
