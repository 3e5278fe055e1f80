"""Reservations on the wire."""

from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from api.availability.local_time import Fold, LocalStart, start_of
from api.fields import Answer, Body, Instant
from api.paging import PageQuery

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
_DEFAULT_MINUTES = 5


class _Reserved(Body):
    """What a reservation says besides its start."""

    practitioner_id: UUID = Field(description="A bookable staff member.", examples=[_ID])
    room_id: UUID | None = Field(None, description="The room, where one is needed.", examples=[_ID])
    plan_id: UUID | None = Field(
        None, description="For this plan, whose patient is then kept free too.", examples=[_ID]
    )
    duration_minutes: int = Field(ge=5, le=480, description="Length in minutes.", examples=[30])
    expires_in_minutes: int = Field(
        _DEFAULT_MINUTES,
        ge=1,
        le=30,
        description="After so many minutes it vanishes by itself.",
        examples=[_DEFAULT_MINUTES],
    )


class ReservationAt(_Reserved):
    """A slot to keep free, at an instant."""

    starts_at: Instant = Field(description="Start, with offset; not in the past.")


class ReservationCreate(_Reserved):
    """A slot to keep free while a booking is completed: `starts_at`, or `local_starts_at` on the
    clinic's clocks."""

    starts_at: Instant | None = Field(None, description="Start, with offset; not in the past.")
    local_starts_at: LocalStart = None
    fold: Fold = None

    def at(self, zone: ZoneInfo) -> ReservationAt:
        """With its instant. Raises as `start_of`."""
        start = start_of(self.starts_at, self.local_starts_at, self.fold, zone)
        known = {name: getattr(self, name) for name in _Reserved.model_fields}
        return ReservationAt(**known, starts_at=start)


class ReservationRead(Answer):
    """A slot that is kept free: it blocks like a booking, until it expires."""

    id: UUID = Field(description="To name when booking: `reservation_id`.", examples=[_ID])
    version: int = Field(description="The ETag.", examples=[1])
    practitioner_id: UUID = Field(description="Who is kept free.", examples=[_ID])
    room_id: UUID | None = Field(description="Which room is kept free.", examples=[_ID])
    patient_id: UUID | None = Field(description="For which patient.", examples=[_ID])
    plan_id: UUID | None = Field(description="For which plan.", examples=[_ID])
    starts_at: Instant = Field(description="Start, UTC.")
    ends_at: Instant = Field(description="End, UTC; free again from then on.")
    expires_at: Instant = Field(description="From then on it blocks nobody.")
    recorded_by: UUID = Field(description="Staff member or API key that made it.", examples=[_ID])
    recorded_at: Instant = Field(description="When it was made.")


class ReservationQuery(PageQuery):
    """Filters of the list; all that are given must hold."""

    practitioner_id: UUID | None = Field(None, description="Of this person.", examples=[_ID])
    room_id: UUID | None = Field(None, description="Of this room.", examples=[_ID])
