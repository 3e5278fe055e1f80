"""When a practitioner is away."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.base import ClinicRecord
from models.keys import belongs_to, indexed


class TimeOff(ClinicRecord, table=True):
    """A staff member is away from `starts_at` until just before `ends_at`."""

    __tablename__ = "time_off"
    __table_args__ = (
        belongs_to("staff_member_id", "staff_member"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        indexed("staff_member_id", "ends_at"),
    )

    staff_member_id: UUID
    starts_at: datetime
    ends_at: datetime
    reason: str | None = None
