"""What gets a signed-in person the next access token, once."""

from datetime import datetime
from uuid import UUID

from models.base import ClinicRecord
from models.keys import belongs_to, indexed, unique


class RefreshToken(ClinicRecord, table=True):
    """A single-use token. Seen again after `used_at`, it revokes the whole sign-in."""

    __tablename__ = "refresh_token"
    __table_args__ = (
        belongs_to("sign_in_id", "sign_in"),
        unique("token_hash"),
        indexed("sign_in_id"),
        indexed("expires_at"),
    )

    sign_in_id: UUID
    token_hash: str
    expires_at: datetime
    used_at: datetime | None = None
