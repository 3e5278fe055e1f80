"""Days on which the clinic, or one of its rooms, is closed."""

from datetime import date
from uuid import UUID

from models.base import ClinicRecord
from models.keys import belongs_to, indexed, ordered


class Closure(ClinicRecord, table=True):
    """Closed from `starts_on` to `ends_on`, both local days included.

    `room_id` null closes the whole clinic. `is_public_holiday` marks those that the calendar
    of the clinic's country and region supplied.
    """

    __tablename__ = "closure"
    __table_args__ = (
        belongs_to("room_id", "room"),
        ordered("starts_on", "ends_on"),
        indexed("ends_on"),
    )

    starts_on: date
    ends_on: date
    name: str
    is_public_holiday: bool = False
    room_id: UUID | None = None
