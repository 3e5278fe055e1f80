"""The waitlist on the wire."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from api.decisions.schemas import Answers
from api.fields import Answer, Body, Day, Instant, Note
from api.paging import PageQuery
from models import FreedSlot, WaitlistEntry, WaitlistOffer, WaitlistState

_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"
Weekday = Annotated[int, Field(ge=1, le=7)]
LocalTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
_EARLIER = "The booked session that would be moved to an earlier time, if any."
_PEOPLE = "Only with one of these; empty: with anybody."
_WEEKDAYS = "1 is Monday, 7 is Sunday; empty: any."
_EARLIEST = "Not before this local time; null: any."
_LATEST = "Over by this local time; null: any."


class WaitlistCreate(Body):
    """A plan, and when its patient would come."""

    plan_id: UUID = Field(description="The active treatment plan.", examples=[_ID])
    session_id: UUID | None = Field(
        None,
        description="A booked session of the plan that would be moved to an earlier time; without"
        " it, the next session is booked.",
        examples=[None],
    )
    duration_minutes: int = Field(
        ge=5, le=480, description="How long the session takes, in minutes.", examples=[30]
    )
    practitioner_ids: tuple[UUID, ...] = Field(
        (), max_length=20, description=_PEOPLE, examples=[[_ID]]
    )
    weekdays: tuple[Weekday, ...] = Field(
        (), max_length=7, description=_WEEKDAYS, examples=[[1, 2]]
    )
    earliest_time: LocalTime | None = Field(None, description=_EARLIEST, examples=["09:00"])
    latest_time: LocalTime | None = Field(None, description=_LATEST, examples=["17:30"])
    until_on: Day = Field(
        description="The last local day on which it is of use, at most 180 days ahead."
    )
    notes: Note | None = Field(
        None, description="For the desk, nothing clinical.", examples=["Lives next door."]
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.earliest_time and self.latest_time and self.earliest_time >= self.latest_time:
            raise ValueError("latest_time must be after earliest_time")
        return self


class WaitlistRead(Answer):
    """One entry of the waitlist."""

    id: UUID = Field(description="Of this entry.", examples=[_ID])
    version: int = Field(description="Counts changes; the ETag.", examples=[1])
    state: WaitlistState = Field(description="`booked`: an offer was accepted.")
    plan_id: UUID = Field(description="Of the plan.", examples=[_ID])
    patient_id: UUID = Field(description="Of its patient.", examples=[_ID])
    session_id: UUID | None = Field(description=_EARLIER, examples=[None])
    duration_minutes: int = Field(description="How long the session takes.", examples=[30])
    practitioner_ids: tuple[UUID, ...] = Field(description=_PEOPLE, examples=[[_ID]])
    weekdays: tuple[int, ...] = Field(description=_WEEKDAYS, examples=[[1, 2]])
    earliest_time: str | None = Field(description=_EARLIEST, examples=["09:00"])
    latest_time: str | None = Field(description=_LATEST, examples=["17:30"])
    until_on: Day = Field(description="The last local day on which it is of use.")
    notes: str | None = Field(description="The desk's note.", examples=["Lives next door."])
    booked_session_id: UUID | None = Field(description="What came of it.", examples=[None])
    created_at: Instant = Field(description="Since when it waits.")

    @classmethod
    def of(cls, entry: WaitlistEntry) -> Self:
        wishes = {"weekdays": tuple(int(each) for each in entry.weekdays)}
        return cls.model_validate(entry.model_dump() | wishes)


class WaitlistQuery(PageQuery):
    """Filters of the list; all that are given must hold."""

    state: WaitlistState | None = Field(None, description="In this state.", examples=["waiting"])
    plan_id: UUID | None = Field(None, description="Of this plan.", examples=[_ID])
    patient_id: UUID | None = Field(None, description="Of this patient.", examples=[_ID])


class OfferState(StrEnum):
    """Where an offer stands at an instant: it opens and expires by the clock."""

    QUEUED = "queued"
    OPEN = "open"
    EXPIRED = "expired"
    TAKEN = "taken"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class OfferRead(Answer):
    """Time that became free, offered to one entry of the waitlist."""

    id: UUID = Field(description="Of this offer.", examples=[_ID])
    version: int = Field(description="Counts changes; the ETag.", examples=[1])
    state: OfferState = Field(
        description="`queued`: others come first. `taken`: somebody else accepted. `withdrawn`: the"
        " entry does not wait any more.",
        examples=["open"],
    )
    possible: tuple[str, ...] = Field(
        description="The moves that it has now.", examples=[["accept", "decline"]]
    )
    entry_id: UUID = Field(description="To whom.", examples=[_ID])
    patient_id: UUID = Field(description="Of the entry.", examples=[_ID])
    place: int = Field(description="In the order of this slot, from 1.", examples=[1])
    reason: str = Field(
        description="Why this place.",
        examples=["Place 1 of 3: the window closes on 2026-03-12; waiting since 2026-03-02."],
    )
    opens_at: Instant = Field(description="From when it may be accepted.")
    expires_at: Instant = Field(description="Until when; then the next in order has it.")
    slot_id: UUID = Field(description="Of the freed time.", examples=[_ID])
    practitioner_id: UUID = Field(description="With whom.", examples=[_ID])
    room_id: UUID | None = Field(description="Where.", examples=[_ID])
    starts_at: Instant = Field(description="Start of the freed time, UTC.")
    ends_at: Instant = Field(description="End of the freed time, UTC.")
    moves_session_id: UUID | None = Field(
        description="The booked session that accepting moves to this time; null: one is booked.",
        examples=[None],
    )
    session_id: UUID | None = Field(description="What was booked or moved.", examples=[None])

    @classmethod
    def of(cls, offer: WaitlistOffer, known: "Shown", now: datetime) -> Self:
        state = standing(offer, known, now)
        where = known.slot.model_dump(
            include={"practitioner_id", "room_id", "starts_at", "ends_at"}
        )
        stands = {"state": state, "possible": MOVES[state], "moves_session_id": known.moves}
        return cls.model_validate(offer.model_dump() | where | stands)


@dataclass(frozen=True, slots=True)
class Shown:
    """What an offer is shown with: the slot, whether somebody accepted it, whether the entry still
    waits, and which session would be moved."""

    slot: FreedSlot
    taken: bool
    waits: bool
    moves: UUID | None


class OfferAccept(Answers):
    """Answers to findings, and the reservation that keeps the time while one asks."""

    reservation_id: UUID | None = Field(
        None,
        description="A reservation of this time, made while the patient is asked; consumed.",
        examples=[None],
    )


class OfferQuery(PageQuery):
    """Filters of the list; all that are given must hold."""

    entry_id: UUID | None = Field(None, description="To this entry.", examples=[_ID])
    slot_id: UUID | None = Field(None, description="Of this freed time.", examples=[_ID])
    unexpired: bool = Field(
        False, description="`true`: only those that are open or will open.", examples=[True]
    )


MOVES: dict[OfferState, tuple[str, ...]] = {
    OfferState.QUEUED: ("decline",),
    OfferState.OPEN: ("accept", "decline"),
    OfferState.EXPIRED: (),
    OfferState.TAKEN: (),
    OfferState.ACCEPTED: (),
    OfferState.DECLINED: (),
    OfferState.WITHDRAWN: (),
}


def standing(offer: WaitlistOffer, known: Shown, now: datetime) -> OfferState:
    """Where the offer stands."""
    if offer.answer.value != "none":
        return OfferState(offer.answer.value)
    if known.taken:
        return OfferState.TAKEN
    if not known.waits:
        return OfferState.WITHDRAWN
    if now < offer.opens_at:
        return OfferState.QUEUED
    return OfferState.OPEN if now < offer.expires_at else OfferState.EXPIRED
