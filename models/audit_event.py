"""Who did what to whose record, when and from where."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from models.actor import ActorKind
from models.columns import coded, codes
from models.keys import indexed, unique


class AuditEvent(SQLModel, table=True):
    """One link of the clinic's audit chain; the database refuses to change or delete it.

    `hash` is SHA-256 over `prev_hash` and the row's canonical JSON. Names of changed fields
    only, never their values. It points at rows by id without foreign keys: it outlives them.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        unique("id"),
        indexed("patient_id", "seq"),
        indexed("resource_id", "seq"),
        indexed("actor_id", "seq"),
        indexed("occurred_at"),
    )

    clinic_id: UUID = Field(primary_key=True, foreign_key="clinic.id")
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    id: UUID = Field(default_factory=uuid7)
    occurred_at: datetime
    actor_kind: ActorKind = coded(ActorKind, "actor_kind")
    actor_id: UUID | None = None
    request_id: str | None = None
    client_ip: str | None = None
    action: str
    resource_type: str
    resource_id: UUID | None = None
    resource_version: int | None = None
    patient_id: UUID | None = None
    changed_fields: tuple[str, ...] = codes()
    reason: str | None = None
    prev_hash: str
    hash: str
