"""A visit: booked, confirmed, checked in, performed; or not."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.clinical_record import RecordedRow
from models.columns import coded
from models.keys import belongs_to, indexed, unique, within


class SessionState(StrEnum):
    SCHEDULED = "scheduled"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


# In these states a session takes up its practitioner, room and patient.
OCCUPYING_STATES = (
    SessionState.SCHEDULED,
    SessionState.CONFIRMED,
    SessionState.CHECKED_IN,
    SessionState.COMPLETED,
)


class BookedResource(StrEnum):
    PRACTITIONER = "practitioner"
    ROOM = "room"
    PATIENT = "patient"


class TreatmentSession(RecordedRow, table=True):
    """One visit at which a plan's formula is, or will be, administered.

    Occupies its patient from `starts_at` until just before `ends_at`, at most 24 hours, and its
    practitioner and room from `occupied_from` until just before `occupied_until`: the session with
    its buffers, at most 4 hours on either side; null is a session without. The database refuses a
    second session that overlaps (see `models.guards`) unless `overbooks` names the one resource
    that was double-booked on purpose, which `overbook_reason` (a code) and `overbook_comment`
    explain. A completed session still occupies its time; a cancelled or missed one does not.
    `scheduled_on` is the local day of `starts_at` in `time_zone`, the clinic's zone when it was
    booked.
    """

    __tablename__ = "treatment_session"
    __table_args__ = (
        belongs_to("plan_id", "treatment_plan", "patient_id"),
        belongs_to("practitioner_id", "staff_member"),
        belongs_to("room_id", "room"),
        belongs_to("decision_id", "decision"),
        belongs_to("check_in_decision_id", "decision"),
        unique("id", "patient_id"),
        within("session_number", 1, 10_000),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        indexed("practitioner_id", "starts_at"),
        indexed("room_id", "starts_at"),
        indexed("patient_id", "starts_at"),
        indexed("plan_id", "scheduled_on"),
        indexed("starts_at"),
        indexed("state", "starts_at"),
    )

    plan_id: UUID
    patient_id: UUID
    practitioner_id: UUID
    room_id: UUID | None = None
    session_number: int
    phase: str | None = None
    starts_at: datetime
    ends_at: datetime
    occupied_from: datetime | None = None
    occupied_until: datetime | None = None
    scheduled_on: date
    time_zone: str
    state: SessionState = coded(SessionState, "state", default=SessionState.SCHEDULED)
    overbooks: BookedResource | None = coded(BookedResource, "overbooks", default=None)
    overbook_reason: str | None = None
    overbook_comment: str | None = None
    decision_id: UUID | None = None
    check_in_decision_id: UUID | None = None
    confirmed_at: datetime | None = None
    checked_in_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    no_show_at: datetime | None = None
    notes: str | None = None
