"""What a calendar showed and shows no longer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.base import ClinicRecord
from models.keys import belongs_to, indexed, within


class CalendarDeparture(ClinicRecord, table=True):
    """A session that went to another practitioner or room, as the calendars that it left knew it.

    `practitioner_id`, `room_id`: whose calendar it left; null where that did not change.
    `starts_at` to `ends_at`: when it was, half-open. `sequence`: the session's version since.
    No record of the clinic's: removed once no calendar shows it any more.
    """

    __tablename__ = "calendar_departure"
    __table_args__ = (
        belongs_to("session_id", "treatment_session"),
        belongs_to("practitioner_id", "staff_member"),
        belongs_to("room_id", "room"),
        CheckConstraint("practitioner_id IS NOT NULL OR room_id IS NOT NULL", name="left_one"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        within("sequence", 1, 1_000_000_000),
        indexed("practitioner_id", "left_at"),
        indexed("room_id", "left_at"),
        indexed("left_at", "id"),
    )

    session_id: UUID
    practitioner_id: UUID | None = None
    room_id: UUID | None = None
    starts_at: datetime
    ends_at: datetime
    sequence: int
    left_at: datetime
