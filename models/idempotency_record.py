"""The answers already given, so that a retry has one effect."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from models.keys import indexed, within


class IdempotencyRecord(SQLModel, table=True):
    """The committed answer to one request of one caller under its key.

    Written in the transaction of the effect: a crash leaves neither. `fingerprint` is a hash
    of what was asked, `headers` a canonical JSON object. `status` is null until answered.
    """

    __tablename__ = "idempotency_record"
    __table_args__ = (
        within("status", 100, 599),
        indexed("created_at"),
    )

    clinic_id: UUID = Field(primary_key=True, foreign_key="clinic.id")
    caller_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    status: int | None = None
    headers: str = "{}"
    body: str | None = None
    created_at: datetime
