"""What somebody should look at."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.base import ClinicRecord
from models.columns import coded
from models.keys import belongs_to, indexed, indexed_where, together


class WorklistKind(StrEnum):
    SESSION = "session"
    INCIDENT = "incident"
    TASK = "task"
    CALENDAR = "calendar"


class WorklistSeverity(StrEnum):
    BLOCK = "block"
    OVERRIDE = "override"
    WARN = "warn"


class WorklistEnd(StrEnum):
    CLEAN = "clean"
    MOVED = "moved"
    CANCELLED = "cancelled"
    MISSED = "missed"
    PERFORMED = "performed"
    DISMISSED = "dismissed"


class WorklistItem(ClinicRecord, table=True):
    """A session that would be refused now, an incident, or a task; open until `closed_at`.

    A session has at most one open item of kind `session`, for what the rules say, and one of kind
    `calendar`, for lying outside a calendar that was changed after it was booked. `cause` is the
    code of the change that brought it here. `findings` is a JSON list as answers show them;
    `figures` a JSON list of what they were found at, so that what somebody dismissed does not come
    back until it changes.
    `due_at` orders the list: the start of the session, or when an incident came to light.
    """

    __tablename__ = "worklist_item"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        belongs_to("session_id", "treatment_session"),
        belongs_to("practitioner_id", "staff_member"),
        belongs_to("administration_id", "administration"),
        belongs_to("side_effect_id", "side_effect"),
        belongs_to("lot_id", "lot"),
        belongs_to("decision_id", "decision"),
        belongs_to("closed_by", "staff_member"),
        CheckConstraint("kind <> 'session' OR session_id IS NOT NULL", name="session_named"),
        CheckConstraint(
            "closed_because <> 'dismissed' OR (closed_by IS NOT NULL AND close_reason IS NOT NULL)",
            name="dismissed_by_somebody",
        ),
        together("closed_at", "closed_because", name="closed"),
        indexed_where("closed_at IS NULL AND kind = 'session'", "session_id", unique=True),
        indexed_where(
            "closed_at IS NULL AND kind = 'calendar'",
            "session_id",
            unique=True,
            name="ix_worklist_item_calendar_session_id",
        ),
        indexed_where("closed_at IS NULL", "due_at", "id"),
        indexed_where(
            "closed_at IS NOT NULL", "due_at", "id", name="ix_worklist_item_closed_due_at"
        ),
        indexed("session_id", "opened_at"),
        indexed("patient_id"),
        indexed("side_effect_id"),
    )

    kind: WorklistKind = coded(WorklistKind, "kind")
    cause: str
    severity: WorklistSeverity = coded(WorklistSeverity, "severity")
    title: str
    findings: str = "[]"
    figures: str = "[]"
    patient_id: UUID | None = None
    session_id: UUID | None = None
    practitioner_id: UUID | None = None
    administration_id: UUID | None = None
    side_effect_id: UUID | None = None
    lot_id: UUID | None = None
    decision_id: UUID | None = None
    due_at: datetime
    opened_at: datetime
    closed_at: datetime | None = None
    closed_because: WorklistEnd | None = coded(WorklistEnd, "closed_because", default=None)
    closed_by: UUID | None = None
    close_reason: str | None = None
