"""One signing-in, and the family of tokens that descends from it."""

from datetime import datetime
from uuid import UUID

from models.base import ClinicRecord
from models.keys import belongs_to, indexed


class SignIn(ClinicRecord, table=True):
    """A staff member signed in at `created_at`. Revoking it ends all its tokens at once.

    `expires_at` is the latest instant to which refreshing can carry it.
    """

    __tablename__ = "sign_in"
    __table_args__ = (
        belongs_to("staff_member_id", "staff_member"),
        indexed("staff_member_id"),
    )

    staff_member_id: UUID
    expires_at: datetime
    client_ip: str | None = None
    revoked_at: datetime | None = None
    revoked_reason: str | None = None
