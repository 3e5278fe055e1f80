"""Where a clinic's audit chain and feed stand."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

# What the first link of a chain follows.
GENESIS_HASH = "0" * 64


class AuditHead(SQLModel, table=True):
    """The last link. Locked by whoever appends, so that neither sequence has gaps or forks.

    `audit_hash` is hexadecimal SHA-256; both sequences start at 0, before their first row.
    """

    __tablename__ = "audit_head"

    clinic_id: UUID = Field(primary_key=True, foreign_key="clinic.id")
    audit_seq: int = Field(default=0, sa_type=BigInteger)
    audit_hash: str = GENESIS_HASH
    event_seq: int = Field(default=0, sa_type=BigInteger)
