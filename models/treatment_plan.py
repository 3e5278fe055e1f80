"""What a patient is going to receive, and why."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from models.clinical_record import RecordedRow
from models.columns import coded, codes, quantity
from models.keys import belongs_to, indexed, unique, within


class PlanState(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    STOPPED = "stopped"


class TreatmentPlan(RecordedRow, table=True):
    """One patient, one diagnosis, one protocol version, one formula version.

    The versions are pinned: a newer one changes nothing until the plan is changed. A plan on
    hold keeps its booked sessions, but none of them may be checked in or performed. Its sessions
    take place in rooms that have all of `room_features`; empty for anywhere.
    """

    __tablename__ = "treatment_plan"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        belongs_to("protocol_version_id", "protocol_version"),
        belongs_to("formula_version_id", "formula_version"),
        belongs_to("practitioner_id", "staff_member"),
        belongs_to("activation_decision_id", "decision"),
        unique("id", "patient_id"),
        within("volume_per_session_ul", 1, 1_000_000),
        within("needle_gauge", 10, 40),
        within("depth_um", 1, 100_000),
        within("points", 1, 100_000),
        indexed("patient_id"),
        indexed("practitioner_id"),
        indexed("state"),
        indexed("formula_version_id"),
        indexed("protocol_version_id"),
    )

    patient_id: UUID
    protocol_version_id: UUID
    formula_version_id: UUID
    practitioner_id: UUID
    diagnosis_icd10: str
    areas: tuple[str, ...] = codes()
    room_features: tuple[str, ...] = codes()
    volume_per_session_ul: int = quantity()
    technique: str | None = None
    needle_gauge: int | None = None
    depth_um: int | None = None
    points: int | None = None
    goals: str | None = None
    expectations: str | None = None
    starts_on: date | None = None
    state: PlanState = coded(PlanState, "state", default=PlanState.DRAFT)
    state_reason: str | None = None
    state_changed_at: datetime | None = None
    activation_decision_id: UUID | None = None
    activated_at: datetime | None = None
    activated_by: UUID | None = None
    completed_at: datetime | None = None
    stopped_at: datetime | None = None
