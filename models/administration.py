"""What was injected."""

from datetime import date, datetime
from uuid import UUID

from models.clinical_record import ClinicalRecord, retractable
from models.columns import quantity
from models.keys import belongs_to, indexed, indexed_where, ordered, within


class Administration(ClinicalRecord, table=True):
    """The record of one performed session. Corrections are addenda; the content never changes.

    `performed_on` is the local day of `performed_at`. A session has at most one that is not
    entered in error. `retrospective` marks a record written after the fact, when refusing can
    no longer protect anyone. Volumes in µL.
    """

    __tablename__ = "administration"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        belongs_to("session_id", "treatment_session", "patient_id"),
        belongs_to("plan_id", "treatment_plan", "patient_id"),
        belongs_to("formula_version_id", "formula_version"),
        belongs_to("administered_by", "staff_member"),
        belongs_to("decision_id", "decision"),
        within("administered_ul", 0, 1_000_000),
        within("discarded_ul", 0, 1_000_000),
        within("observation_minutes", 0, 10_000),
        within("pain_score", 0, 10),
        ordered("preparation_started_at", "performed_at"),
        retractable(),
        indexed_where("entered_in_error_at IS NULL", "session_id", unique=True),
        indexed("session_id", "recorded_at"),
        indexed("patient_id", "performed_on"),
        indexed("plan_id", "performed_on"),
        indexed("formula_version_id", "performed_on"),
    )

    session_id: UUID
    plan_id: UUID
    formula_version_id: UUID
    administered_by: UUID
    performed_at: datetime
    performed_on: date
    preparation_started_at: datetime | None = None
    administered_ul: int = quantity()
    discarded_ul: int = quantity(default=0)
    observation_minutes: int | None = None
    pain_score: int | None = None
    visually_clear: bool | None = None
    emergency_kit_checked_on: date | None = None
    retrospective: bool = False
    retrospective_reason: str | None = None
    decision_id: UUID | None = None
    notes: str | None = None
