"""Where an integration wants to be told."""

from datetime import datetime

from models.base import ClinicRecord
from models.columns import codes


class WebhookEndpoint(ClinicRecord, table=True):
    """An address of an integration, with the event types it wants (empty: all).

    `signing_secret` signs every delivery, so it is kept readable; treat the table as secret.
    """

    __tablename__ = "webhook_endpoint"

    url: str
    description: str | None = None
    event_types: tuple[str, ...] = codes()
    signing_secret: str
    previous_secret: str | None = None
    previous_secret_until: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: str | None = None
