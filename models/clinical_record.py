"""What every entry in a patient's record carries: who wrote it, and whether it still stands."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.base import ClinicRecord
from models.keys import together


class RecordedRow(ClinicRecord):
    """An entry with its author.

    `recorded_by` is the id of a staff member or of an API key of the clinic; the audit log says
    which. `recorded_at` is when it was entered, not when it was true.
    """

    recorded_by: UUID
    recorded_at: datetime


class ClinicalRecord(RecordedRow):
    """An entry about one patient that is never overwritten.

    A wrong entry stays and is marked as entered in error, with who, when and why.
    """

    patient_id: UUID
    entered_in_error_at: datetime | None = None
    entered_in_error_by: UUID | None = None
    entered_in_error_reason: str | None = None


def retractable() -> CheckConstraint:
    """Marked as entered in error means: who, when and why, all three."""
    return together(
        "entered_in_error_at",
        "entered_in_error_by",
        "entered_in_error_reason",
        name="entered_in_error",
    )
