"""What an integration was told, and whether it listened."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field

from models.base import ClinicRecord
from models.columns import coded
from models.keys import belongs_to, indexed, unique, within


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookDelivery(ClinicRecord, table=True):
    """One event on its way to one endpoint; its `id` is the webhook id the receiver sees."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        belongs_to("endpoint_id", "webhook_endpoint"),
        unique("endpoint_id", "event_seq"),
        indexed("state", "next_attempt_at"),
        within("attempts", 0, 1000),
    )

    endpoint_id: UUID
    event_seq: int = Field(sa_type=BigInteger)
    state: DeliveryState = coded(DeliveryState, "state", default=DeliveryState.PENDING)
    attempts: int = 0
    next_attempt_at: datetime
    lease_until: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    delivered_at: datetime | None = None
