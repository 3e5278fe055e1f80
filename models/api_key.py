"""What an integration or a script signs in with."""

from datetime import date, datetime
from uuid import UUID

from models.base import ClinicRecord
from models.columns import codes
from models.keys import belongs_to, unique


class ApiKey(ClinicRecord, table=True):
    """A narrow credential of one clinic, shown once and kept as the SHA-256 of its secret.

    `prefix` is the part by which people and secret scanners recognise it. `expires_on` is the
    last local day on which it works. `allowed_networks` are CIDR blocks; empty allows any.
    """

    __tablename__ = "api_key"
    __table_args__ = (
        belongs_to("created_by", "staff_member"),
        unique("token_hash"),
    )

    name: str
    prefix: str
    token_hash: str
    scopes: tuple[str, ...] = codes()
    allowed_networks: tuple[str, ...] = codes()
    expires_on: date | None = None
    last_used_at: datetime | None = None
    created_by: UUID | None = None
    revoked_at: datetime | None = None
    revoked_by: UUID | None = None
