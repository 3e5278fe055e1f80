"""When a practitioner works, week by week."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.base import ClinicRecord
from models.keys import belongs_to, indexed, ordered, within


class WorkingHours(ClinicRecord, table=True):
    """One span of one weekday of one staff member; read as `OpeningHours`.

    A break is the gap between two spans. `room_id` is where the practitioner then works, if
    that is fixed.
    """

    __tablename__ = "working_hours"
    __table_args__ = (
        belongs_to("staff_member_id", "staff_member"),
        belongs_to("room_id", "room"),
        within("weekday", 1, 7),
        within("opens_minute", 0, 1439),
        within("closes_minute", 1, 1440),
        CheckConstraint("closes_minute > opens_minute", name="closes_after_opening"),
        ordered("valid_from", "valid_to"),
        indexed("staff_member_id", "weekday"),
    )

    staff_member_id: UUID
    weekday: int
    opens_minute: int
    closes_minute: int
    valid_from: date | None = None
    valid_to: date | None = None
    room_id: UUID | None = None
