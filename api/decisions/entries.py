"""Which entries of a patient's record count."""

from typing import TypeVar
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models import ClinicalRecord

Entry = TypeVar("Entry", bound=ClinicalRecord)


def standing(kind: type[Entry], clinic_id: UUID, patient_id: UUID) -> SelectOfScalar[Entry]:
    """The patient's entries of one kind that were not entered in error."""
    return select(kind).where(
        kind.clinic_id == clinic_id,
        kind.patient_id == patient_id,
        col(kind.entered_in_error_at).is_(None),
    )
