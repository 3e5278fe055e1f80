"""What a calendar program follows a practitioner's or a room's sessions by."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.base import ClinicRecord
from models.columns import coded
from models.keys import belongs_to, indexed, unique


class FeedDetail(StrEnum):
    BUSY = "busy"
    DESK = "desk"


class CalendarFeed(ClinicRecord, table=True):
    """A revocable address of one practitioner's or one room's calendar.

    Whoever has the secret in it reads that calendar and nothing else; only its SHA-256 is kept.
    `detail` says how much: that somebody is busy, or also which session of which course and where.
    Never who is treated.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (
        belongs_to("practitioner_id", "staff_member"),
        belongs_to("room_id", "room"),
        belongs_to("created_by", "staff_member"),
        belongs_to("revoked_by", "staff_member"),
        CheckConstraint(
            "(practitioner_id IS NULL) <> (room_id IS NULL)", name="practitioner_or_room"
        ),
        unique("token_hash"),
        indexed("practitioner_id"),
        indexed("room_id"),
    )

    name: str
    practitioner_id: UUID | None = None
    room_id: UUID | None = None
    detail: FeedDetail = coded(FeedDetail, "detail", default=FeedDetail.BUSY)
    token_hash: str
    created_by: UUID | None = None
    revoked_at: datetime | None = None
    revoked_by: UUID | None = None
