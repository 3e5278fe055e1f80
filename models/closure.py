"""Days on which the clinic, or one of its rooms, is closed."""

from datetime import date, datetime
from uuid import UUID

from models.base import ClinicRecord
from models.keys import belongs_to, indexed, indexed_where, ordered


class Closure(ClinicRecord, table=True):
    """Closed from `starts_on` to `ends_on`, both local days included.

    `room_id` null closes the whole clinic. `is_public_holiday` marks those that the calendar
    of the clinic's country and region supplied; `holiday_on` is the day that it supplied, whatever
    the clinic made of it since, so that supplying it again adds nothing. A removed closure is
    kept, and closes nothing.
    """

    __tablename__ = "closure"
    __table_args__ = (
        belongs_to("room_id", "room"),
        ordered("starts_on", "ends_on"),
        indexed("ends_on"),
        indexed_where("holiday_on IS NOT NULL", "holiday_on", unique=True),
    )

    starts_on: date
    ends_on: date
    name: str
    is_public_holiday: bool = False
    room_id: UUID | None = None
    holiday_on: date | None = None
    removed_at: datetime | None = None
