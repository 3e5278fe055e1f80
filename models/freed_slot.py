"""Time that became free."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.base import ClinicRecord
from models.keys import belongs_to, indexed


class FreedSlot(ClinicRecord, table=True):
    """What a cancelled, moved or missed session left. Whoever answers an offer of it locks it.

    It keeps nobody out: it may be booked by anybody until somebody accepts.
    """

    __tablename__ = "freed_slot"
    __table_args__ = (
        belongs_to("session_id", "treatment_session"),
        belongs_to("practitioner_id", "staff_member"),
        belongs_to("room_id", "room"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        indexed("starts_at"),
    )

    session_id: UUID
    practitioner_id: UUID
    room_id: UUID | None = None
    starts_at: datetime
    ends_at: datetime
    freed_at: datetime
