"""What a changed calendar means for sessions that are booked already."""

from uuid import UUID

from pydantic import Field

from api.availability.reasons import Calendar
from api.fields import Answer, Instant

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class OutsideSession(Answer):
    """A booked session that lies outside a calendar, or in a room that lacks what it needs."""

    session_id: UUID = Field(description="The session.", examples=[_ID])
    patient_id: UUID = Field(description="Its patient.", examples=[_ID])
    practitioner_id: UUID = Field(description="Who performs it.", examples=[_ID])
    room_id: UUID | None = Field(description="Where; null for no room.", examples=[_ID])
    starts_at: Instant = Field(description="Start, UTC.")
    ends_at: Instant = Field(description="End, UTC.")
    refused_by: tuple[Calendar, ...] = Field(
        description="The calendars that would refuse it now.", examples=[["opening_hours"]]
    )
    missing_features: tuple[str, ...] = Field(
        description="What its plan needs of a room and its room lacks; empty unless `refused_by`"
        " says `room_features`.",
        examples=[[]],
    )


class Outside(Answer):
    """Sessions to come that the change leaves outside. They stay booked, and are on the review
    worklist until they are moved, cancelled or inside again."""

    count: int = Field(description="How many.", examples=[1])
    sessions: tuple[OutsideSession, ...] = Field(description="The first 50, next one first.")
