"""Accepting an offer, which books it; declining it, which passes it on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from api import audit
from api.database import found, locked
from api.decisions.service import Decided
from api.preconditions import check
from api.problems import IllegalTransition
from api.security import Caller
from api.sessions import booking
from api.sessions.schemas import SessionCreate
from api.waitlist import bringing_forward, passing_on
from api.waitlist.offering import MOVABLE
from api.waitlist.schemas import (
    MOVES,
    OfferAccept,
    OfferQuery,
    OfferRead,
    OfferState,
    Shown,
)
from models import (
    FreedSlot,
    OfferAnswer,
    Patient,
    TreatmentSession,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistState,
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What accepting did: a session booked, or one moved that was booked before."""

    session: TreatmentSession
    decided: Decided | None
    moved: bool


async def accept(
    db: AsyncSession, caller: Caller, offer_id: UUID, answers: OfferAccept, expected: int
) -> Accepted:
    """Book the freed time for the entry's plan as any booking, or move the session it names there.

    Raises IllegalTransition where the offer is not open (any more), ScheduleConflict where
    somebody booked the time meanwhile, Refused where rules stand in the way.
    """
    offer = await found(db, WaitlistOffer, caller.clinic_id, offer_id)
    await locked(db, Patient, caller.clinic_id, offer.patient_id)
    slots = await passing_on.lock_slots(db, caller, offer.entry_id, offer.slot_id)
    offer, slot = await _lock(db, caller, offer)
    check(offer, expected)
    await _require(db, caller, offer, "accept")
    entry = await locked(db, WaitlistEntry, caller.clinic_id, offer.entry_id)
    if entry.state is not WaitlistState.WAITING:
        raise IllegalTransition(entry.state, [], "The entry is not on the waitlist any more.")
    moving = await bringing_forward.to_move(db, caller, entry, slot)
    if moving is not None:
        session, decided = await bringing_forward.move(db, caller, moving, entry, slot, answers)
    else:
        session, decided = await booking.schedule(db, caller, _draft(entry, slot, answers))
    _answer(db, caller, offer, OfferAnswer.ACCEPTED)
    offer.session_id = session.id
    entry.state, entry.booked_session_id = WaitlistState.BOOKED, session.id
    audit.record(db, caller, "waitlist_entry.booked", entry)
    await db.flush()
    await passing_on.pass_on(db, caller, entry, slots)
    return Accepted(session, decided, moved=moving is not None)


def _draft(entry: WaitlistEntry, slot: FreedSlot, answers: OfferAccept) -> SessionCreate:
    return SessionCreate(
        plan_id=entry.plan_id,
        starts_at=slot.starts_at,
        duration_minutes=entry.duration_minutes,
        practitioner_id=slot.practitioner_id,
        room_id=slot.room_id,
        reservation_id=answers.reservation_id,
        overrides=answers.overrides,
        acknowledged=answers.acknowledged,
    )


async def decline(db: AsyncSession, caller: Caller, offer_id: UUID, expected: int) -> WaitlistOffer:
    """Pass it on: everybody behind comes forward by what is left of its time."""
    offer = await found(db, WaitlistOffer, caller.clinic_id, offer_id)
    offer, slot = await _lock(db, caller, offer)
    check(offer, expected)
    await _require(db, caller, offer, "decline")
    await passing_on.bring_forward(db, caller, offer, slot)
    _answer(db, caller, offer, OfferAnswer.DECLINED)
    await db.flush()
    return offer


async def _lock(
    db: AsyncSession, caller: Caller, offer: WaitlistOffer
) -> tuple[WaitlistOffer, FreedSlot]:
    """The slot first: whoever answers any offer of it waits for whoever does already."""
    slot = await locked(db, FreedSlot, caller.clinic_id, offer.slot_id)
    return await locked(db, WaitlistOffer, caller.clinic_id, offer.id), slot


async def _require(db: AsyncSession, caller: Caller, offer: WaitlistOffer, move: str) -> None:
    state = (await shown(db, caller, [offer]))[0].state
    if move not in MOVES[state]:
        raise IllegalTransition(state, list(MOVES[state]), _WHY.get(state))


_WHY = {
    OfferState.QUEUED: "Others come first.",
    OfferState.EXPIRED: "It was passed on.",
    OfferState.TAKEN: "Somebody else accepted.",
    OfferState.WITHDRAWN: "The entry is not on the waitlist any more.",
}


def _answer(db: AsyncSession, caller: Caller, offer: WaitlistOffer, answer: OfferAnswer) -> None:
    offer.answer, offer.answered_at = answer, caller.now
    audit.record(db, caller, f"waitlist_offer.{answer}", offer)


async def taken_slots(
    db: AsyncSession, caller: Caller, offers: Iterable[WaitlistOffer]
) -> set[UUID]:
    """Slots of these offers of which somebody accepted one."""
    statement = select(WaitlistOffer.slot_id).where(
        WaitlistOffer.clinic_id == caller.clinic_id,
        col(WaitlistOffer.slot_id).in_({offer.slot_id for offer in offers}),
        WaitlistOffer.answer == OfferAnswer.ACCEPTED,
    )
    return set((await db.exec(statement)).all())


async def shown(
    db: AsyncSession, caller: Caller, offers: Sequence[WaitlistOffer]
) -> list[OfferRead]:
    """As they stand now, in three queries for all of them."""
    statement = select(FreedSlot).where(
        FreedSlot.clinic_id == caller.clinic_id,
        col(FreedSlot.id).in_({offer.slot_id for offer in offers}),
    )
    slots = {slot.id: slot for slot in await db.exec(statement)}
    taken = await taken_slots(db, caller, offers)
    entries = await _entries(db, caller, {offer.entry_id for offer in offers})
    return [
        OfferRead.of(
            offer,
            Shown(slots[offer.slot_id], offer.slot_id in taken, *entries[offer.entry_id]),
            caller.now,
        )
        for offer in offers
    ]


async def _entries(
    db: AsyncSession, caller: Caller, entries: set[UUID]
) -> dict[UUID, tuple[bool, UUID | None]]:
    """By entry, whether it waits, and the booked session that accepting would move."""
    statement = (
        select(WaitlistEntry.id, WaitlistEntry.state, TreatmentSession.id)
        .outerjoin(
            TreatmentSession,
            (col(TreatmentSession.clinic_id) == col(WaitlistEntry.clinic_id))
            & (col(TreatmentSession.id) == col(WaitlistEntry.session_id))
            & col(TreatmentSession.state).in_(MOVABLE),
        )
        .where(WaitlistEntry.clinic_id == caller.clinic_id, col(WaitlistEntry.id).in_(entries))
    )
    rows = (await db.exec(statement)).all()
    return {entry: (state is WaitlistState.WAITING, session) for entry, state, session in rows}


def listing(caller: Caller, query: OfferQuery) -> Select[Any]:
    """The clinic's offers that meet every filter."""
    statement: Select[Any] = select(WaitlistOffer).where(
        WaitlistOffer.clinic_id == caller.clinic_id
    )
    for name in ("entry_id", "slot_id"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(col(getattr(WaitlistOffer, name)) == value)
    if query.unexpired:
        statement = statement.where(
            col(WaitlistOffer.expires_at) > caller.now,
            col(WaitlistOffer.answer) == OfferAnswer.NONE,
            col(WaitlistOffer.slot_id).not_in(_accepted(caller)),
            col(WaitlistOffer.entry_id).in_(
                select(WaitlistEntry.id).where(
                    WaitlistEntry.clinic_id == caller.clinic_id,
                    WaitlistEntry.state == WaitlistState.WAITING,
                )
            ),
        )
    return statement


def _accepted(caller: Caller) -> SelectOfScalar[UUID]:
    """Slots that somebody has accepted and that lie ahead."""
    return (
        select(WaitlistOffer.slot_id)
        .join(
            FreedSlot,
            (col(FreedSlot.clinic_id) == col(WaitlistOffer.clinic_id))
            & (col(FreedSlot.id) == col(WaitlistOffer.slot_id)),
        )
        .where(
            WaitlistOffer.clinic_id == caller.clinic_id,
            WaitlistOffer.answer == OfferAnswer.ACCEPTED,
            FreedSlot.starts_at > caller.now,
        )
    )
