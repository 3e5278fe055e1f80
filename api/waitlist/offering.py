"""Offering time that became free to those whom it fits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.availability.freeing import Freed, is_of_use
from api.clock import local_day
from api.decisions.windows_of_many import windows
from api.security import Caller
from api.sessions.conflicts import LONGEST
from api.sessions.moves import LIVE
from api.sessions.rooms import suits
from api.waitlist.ordering import Place, Span, Wish, places, wanted
from models import (
    FreedSlot,
    Patient,
    PlanState,
    Room,
    SessionState,
    TreatmentPlan,
    TreatmentSession,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistState,
)

_NOTICE = timedelta(minutes=15)  # nobody comes sooner
_GRID_MINUTES = 5
_LOOKED_AT = 200  # entries, those that have waited longest
_FALLEN = (SessionState.CANCELLED, SessionState.NO_SHOW)
MOVABLE = (SessionState.SCHEDULED, SessionState.CONFIRMED)
Waiting = tuple[WaitlistEntry, TreatmentPlan, TreatmentSession | None]


async def offer_freed(db: AsyncSession, caller: Caller, freed: Freed) -> None:
    """Make the offers, in the transaction that freed the time; none where it fits nobody."""
    span = _usable(freed, caller.now)
    if span is None:
        return
    waiting = await _waiting(db, caller, span, freed.plan_id)
    room = await db.get(Room, (caller.clinic_id, freed.room_id)) if freed.room_id else None
    entries = [each for each in waiting if suits(each[1], room)]
    if not entries or await _taken(db, caller, freed, span):
        return
    if not await is_of_use(db, caller, freed):
        return
    moving = {plan.id: session for _, plan, session in entries if session is not None}
    day = local_day(span.starts_at, caller.zone)
    found = await windows(db, caller, [plan for _, plan, _ in entries], day, moving)
    wishes = [
        Wish(entry, session, found[plan.id])
        for entry, plan, session in entries
        if found[plan.id].phase is not None
    ]
    if offers := places(wishes, span, caller.zone, caller.now):
        await _offer(db, caller, freed, span, offers)


async def _offer(
    db: AsyncSession, caller: Caller, freed: Freed, span: Span, offers: Sequence[Place]
) -> None:
    slot = FreedSlot(
        clinic_id=caller.clinic_id,
        session_id=freed.session_id,
        practitioner_id=freed.practitioner_id,
        room_id=freed.room_id,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        freed_at=caller.now,
    )
    db.add(slot)
    await db.flush()
    for place in offers:
        offer = WaitlistOffer(
            clinic_id=caller.clinic_id,
            slot_id=slot.id,
            entry_id=place.entry.id,
            patient_id=place.entry.patient_id,
            place=place.number,
            reason=place.reason,
            opens_at=place.opens_at,
            expires_at=place.expires_at,
        )
        db.add(offer)
        audit.record(db, caller, "waitlist_offer.made", offer)
        if place.opens_at <= caller.now:
            opened(db, caller, offer)
    await db.flush()


def opened(db: AsyncSession, caller: Caller, offer: WaitlistOffer) -> None:
    """Tell the feed that it is this one's turn now; once for each offer."""
    offer.told_at = caller.now
    audit.record(db, caller, "waitlist_offer.opened", offer)


async def _taken(db: AsyncSession, caller: Caller, freed: Freed, span: Span) -> bool:
    """Whether somebody else has it all the same: it was double-booked on purpose."""
    session = TreatmentSession
    same = col(session.practitioner_id) == freed.practitioner_id
    if freed.room_id is not None:
        same = or_(same, col(session.room_id) == freed.room_id)
    statement = (
        select(session.id)
        .where(
            session.clinic_id == caller.clinic_id,
            session.id != freed.session_id,
            same,
            col(session.state).in_(LIVE),
            session.starts_at > span.starts_at - LONGEST,
            session.starts_at < span.ends_at,
            session.ends_at > span.starts_at,
        )
        .limit(1)
    )
    return (await db.exec(statement)).first() is not None


def _usable(freed: Freed, now: datetime) -> Span | None:
    """What is left of the time, from when somebody could be there; None where nothing is."""
    soonest = now + _NOTICE
    late = timedelta(
        minutes=soonest.minute % _GRID_MINUTES,
        seconds=soonest.second,
        microseconds=soonest.microsecond,
    )
    if late:
        soonest += timedelta(minutes=_GRID_MINUTES) - late
    starts_at = max(freed.starts_at, soonest)
    if starts_at >= freed.ends_at:
        return None
    return Span(str(freed.practitioner_id), starts_at, freed.ends_at)


async def _waiting(
    db: AsyncSession, caller: Caller, span: Span, left_by: UUID
) -> Sequence[Waiting]:
    """Entries whose wishes the time meets, with their active plans, longest waiting first.

    Nobody is offered what they have just given up, nor a time later than what they have.
    """
    statement = (
        select(WaitlistEntry, TreatmentPlan, TreatmentSession)
        .join(
            TreatmentPlan,
            (col(TreatmentPlan.clinic_id) == col(WaitlistEntry.clinic_id))
            & (col(TreatmentPlan.id) == col(WaitlistEntry.plan_id)),
        )
        .join(
            Patient,
            (col(Patient.clinic_id) == col(WaitlistEntry.clinic_id))
            & (col(Patient.id) == col(WaitlistEntry.patient_id)),
        )
        .outerjoin(
            TreatmentSession,
            (col(TreatmentSession.clinic_id) == col(WaitlistEntry.clinic_id))
            & (col(TreatmentSession.id) == col(WaitlistEntry.session_id)),
        )
        .where(
            WaitlistEntry.clinic_id == caller.clinic_id,
            WaitlistEntry.state == WaitlistState.WAITING,
            WaitlistEntry.until_on >= local_day(span.starts_at, caller.zone),
            TreatmentPlan.state == PlanState.ACTIVE,
            TreatmentPlan.id != left_by,
            col(Patient.archived_at).is_(None),
        )
        .order_by(col(WaitlistEntry.recorded_at), col(WaitlistEntry.id))
        .limit(_LOOKED_AT)
    )
    rows = (await db.exec(statement)).all()
    return [
        (entry, plan, None if fell_away(session) else session)
        for entry, plan, session in rows
        if wanted(entry, span, caller.zone) and earlier(session, span.starts_at)
    ]


def fell_away(session: TreatmentSession | None) -> bool:
    """Nothing is booked any more: who had it waits as those who never had one."""
    return session is None or session.state in _FALLEN


def earlier(session: TreatmentSession | None, starts_at: datetime) -> bool:
    """Whether it is of use to who has this session: it can still be moved, and would be sooner."""
    if session is None or fell_away(session):
        return True
    return session.state in MOVABLE and starts_at < session.starts_at
