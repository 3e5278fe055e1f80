"""What changed, for those who follow along."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from models.keys import indexed, unique


class Event(SQLModel, table=True):
    """One entry of the clinic's feed, written with its effect; never changed or deleted.

    It says what to fetch and carries nothing clinical. `seq` has no gaps, so a reader that has
    seen n has seen everything before it. `type` is such as `session.booked`.
    """

    __tablename__ = "event"
    __table_args__ = (
        unique("id"),
        indexed("type", "seq"),
        indexed("resource_id", "seq"),
    )

    clinic_id: UUID = Field(primary_key=True, foreign_key="clinic.id")
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    id: UUID = Field(default_factory=uuid7)
    type: str
    resource_type: str
    resource_id: UUID
    resource_version: int | None = None
    patient_id: UUID | None = None
    occurred_at: datetime
    request_id: str | None = None
