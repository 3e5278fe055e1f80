"""What a signed-in person's requests carry."""

from datetime import datetime
from uuid import UUID

from models.base import ClinicRecord
from models.keys import belongs_to, indexed, unique


class AccessToken(ClinicRecord, table=True):
    """An opaque token, kept only as the SHA-256 of its secret, in hexadecimal."""

    __tablename__ = "access_token"
    __table_args__ = (
        belongs_to("sign_in_id", "sign_in"),
        unique("token_hash"),
        indexed("sign_in_id"),
        indexed("expires_at"),
    )

    sign_in_id: UUID
    token_hash: str
    expires_at: datetime
