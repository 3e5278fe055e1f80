"""What stands in the way of a booking, and what is free instead, on the wire."""

from uuid import UUID

from pydantic import Field

from api.availability.reasons import Calendar
from api.fields import Answer, Instant
from models import BookedResource

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


class Slot(Answer):
    """A stretch of time that is free for all whom the session needs."""

    starts_at: Instant = Field(description="Start, UTC.")
    ends_at: Instant = Field(description="End, UTC.")
    practitioner_id: UUID = Field(description="Who is free.", examples=[_ID])
    room_id: UUID | None = Field(description="Which room is free.", examples=[_ID])


class Conflict(Answer):
    """What is already taken. Says who else is treated then only to those who may read sessions."""

    resource: BookedResource = Field(description="What is taken.", examples=["practitioner"])
    starts_at: Instant = Field(description="Since when, UTC.")
    ends_at: Instant = Field(description="Until when, UTC.")
    session_id: UUID | None = Field(None, description="By which session.", examples=[_ID])
    reserved_until: Instant | None = Field(
        None, description="Only kept free by a reservation, which expires then."
    )


class Refusal(Answer):
    """A calendar that refuses a session, from when to when."""

    calendar: Calendar = Field(description="Which one.", examples=["opening_hours"])
    message: str = Field(description="In words.", examples=["The clinic is not open then."])
    starts_at: Instant = Field(description="Since when it refuses, UTC.")
    ends_at: Instant = Field(description="Until when, UTC.")
    name: str | None = Field(None, description="Of a closure.", examples=["Ascension Day"])
    closure_id: UUID | None = Field(None, description="The closure.", examples=[_ID])
