"""Calendar feeds as they are made and read."""

from typing import Self
from uuid import UUID

from pydantic import Field

from api.fields import Answer, Body, Instant, Name
from models import CalendarFeed, FeedDetail

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
_DETAIL = (
    "`busy`: only that there is an appointment. `desk`: also which session of the course, whether"
    " it is confirmed, and the room. Never who is treated."
)


class CalendarCreate(Body):
    """Whose calendar: give one of practitioner and room."""

    name: Name = Field(
        description="As the calendar program shows it.", examples=["Room 1, appointments"]
    )
    practitioner_id: UUID | None = Field(
        None, description="The sessions of this staff member.", examples=[_ID]
    )
    room_id: UUID | None = Field(None, description="The sessions in this room.", examples=[None])
    detail: FeedDetail = Field(FeedDetail.BUSY, description=_DETAIL, examples=["busy"])


class CalendarRead(Answer):
    """A calendar that a program may follow."""

    id: UUID = Field(description="Of this feed.", examples=[_ID])
    version: int = Field(description="Counts changes; the ETag.", examples=[1])
    name: str = Field(description="As programs show it.", examples=["Room 1, appointments"])
    practitioner_id: UUID | None = Field(description="Whose sessions.", examples=[_ID])
    room_id: UUID | None = Field(description="Sessions in which room.", examples=[None])
    detail: FeedDetail = Field(description=_DETAIL, examples=["busy"])
    created_at: Instant = Field(description="When it was made.")
    revoked_at: Instant | None = Field(description="Since when its address answers 404.")


class CalendarCreated(CalendarRead):
    """With its secret, this once."""

    secret: str | None = Field(
        description="Follow `/v1/calendars/{secret}.ics`. Shown this once; null when an idempotent"
        " request is replayed.",
        examples=["agn_cal_…"],
    )

    @classmethod
    def of(cls, feed: CalendarFeed, secret: str) -> Self:
        return cls(**CalendarRead.model_validate(feed).model_dump(), secret=secret)
