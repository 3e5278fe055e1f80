"""Who would come earlier, or at all, if time became free."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.clinical_record import RecordedRow
from models.columns import coded, codes
from models.keys import belongs_to, indexed, indexed_where, unique, within


class WaitlistState(StrEnum):
    WAITING = "waiting"
    BOOKED = "booked"
    WITHDRAWN = "withdrawn"


class WaitlistEntry(RecordedRow, table=True):
    """A plan whose next session would fit into time that becomes free; one at a time.

    Wishes: practitioners (none: anybody), weekdays 1 (Monday) to 7 (none: any), local times
    `HH:MM` between which the session lies. It waits through the local day `until_on`.
    `session_id`: a session of the plan that would be moved to an earlier time.
    """

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        belongs_to("plan_id", "treatment_plan", "patient_id"),
        belongs_to("session_id", "treatment_session", "patient_id"),
        belongs_to("booked_session_id", "treatment_session"),
        unique("id", "patient_id"),
        within("duration_minutes", 5, 480),
        CheckConstraint("earliest_time < latest_time", name="time_order"),
        indexed_where("state = 'waiting'", "plan_id", unique=True),
        indexed("state", "recorded_at", "id"),
        indexed("recorded_at", "id"),
        indexed("patient_id"),
    )

    plan_id: UUID
    patient_id: UUID
    session_id: UUID | None = None
    practitioner_ids: tuple[str, ...] = codes()
    weekdays: tuple[str, ...] = codes()
    earliest_time: str | None = None
    latest_time: str | None = None
    until_on: date
    duration_minutes: int
    notes: str | None = None
    state: WaitlistState = coded(WaitlistState, "state", default=WaitlistState.WAITING)
    booked_session_id: UUID | None = None
