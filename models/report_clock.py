"""By when a case is to be reported."""

from datetime import date, datetime
from uuid import UUID

from models.base import ClinicRecord
from models.keys import belongs_to, indexed, indexed_where, ordered, together


class ReportClock(ClinicRecord, table=True):
    """One reporting clock of one side effect, named as in the rule set's clocks.

    It runs from the local day `started_on`, which is day 0, through `due_on` until it is settled:
    by a submission, or because it no longer applies (`settled_because`, in words). `follow_up_id`
    names the information that started a later clock; null is the first one of the case.
    """

    __tablename__ = "report_clock"
    __table_args__ = (
        belongs_to("side_effect_id", "side_effect"),
        belongs_to("patient_id", "patient"),
        belongs_to("follow_up_id", "side_effect_follow_up"),
        belongs_to("submission_id", "report_submission"),
        ordered("started_on", "due_on"),
        together("settled_at", "settled_because", name="settlement"),
        indexed("side_effect_id"),
        indexed_where("settled_at IS NULL", "due_on", "id"),
    )

    side_effect_id: UUID
    patient_id: UUID
    code: str
    started_on: date
    due_on: date
    follow_up_id: UUID | None = None
    submission_id: UUID | None = None
    settled_at: datetime | None = None
    settled_because: str | None = None
