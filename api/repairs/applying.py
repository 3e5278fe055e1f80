"""Carrying a proposal out: every move, or none.

Each session is moved by the ordinary rescheduling, so the calendars, conflicts and rules of this
moment have the last word. Everything that the moves touch is locked before the first of them, in
the order that all bookings keep.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.availability.booking_settings import how_to_book
from api.clock import local_day
from api.database import locked
from api.decisions.turns import take_turn_alone
from api.preconditions import check
from api.problems import IllegalTransition, Problem
from api.repairs import recording, service
from api.repairs.affected import affected
from api.repairs.schemas import RepairApply, RepairMove, RepairPlace
from api.security import Caller
from api.sessions import booking
from api.sessions.conflicts import flush_booking
from api.sessions.occupying import Booking
from api.sessions.schemas import SessionPatch
from models import (
    Patient,
    Repair,
    RepairState,
    Room,
    SessionState,
    StaffMember,
    TreatmentPlan,
    TreatmentSession,
)

_TO_COME = (SessionState.SCHEDULED, SessionState.CONFIRMED)


class RepairOutdated(Problem):
    """Something that the proposal relies on is not as it was."""

    name, status, title = "repair-outdated", 409, "The calendar has changed since the proposal"
    what_to_do = (
        "`changed` says what: sessions that were moved, cancelled or booked meanwhile, or places"
        " that are taken or refused by now. Nothing was moved. Ask for a new proposal."
    )

    def __init__(self, changed: Sequence[dict[str, Any]]) -> None:
        super().__init__(changed=list(changed))


async def apply(
    db: AsyncSession, caller: Caller, repair_id: UUID, body: RepairApply, expected: int
) -> tuple[Repair, list[RepairMove]]:
    """Move every session that has a place. RepairOutdated, and nothing moved, where the proposal
    does not hold any more; IllegalTransition where there is none, or it was applied."""
    repair = await locked(db, Repair, caller.clinic_id, repair_id)
    check(repair, expected)
    if repair.state is not RepairState.PROPOSED:
        raise IllegalTransition(repair.state.value, [])
    if body.record_unavailability:
        recording.check(caller, repair)
    moves = await service.moves_of(db, repair)
    going = [each for each in moves if each.proposed is not None]
    await _lock(db, caller, repair, going)
    if body.record_unavailability:
        await take_turn_alone(db, caller.clinic_id)
    _refuse(await _changed(db, caller, repair, moves))
    rows = await _put(db, caller, going)
    for move in going:
        await _judge(db, caller, move, rows[move.session_id])
    if body.record_unavailability:
        await db.flush()
        await recording.record(db, caller, repair)
    repair.state = RepairState.APPLIED
    repair.applied_at, repair.applied_by = caller.now, caller.actor_id
    audit.record(db, caller, "repair.applied", repair, reason=repair.reason)
    await db.flush()
    return repair, moves


async def _lock(
    db: AsyncSession, caller: Caller, repair: Repair, going: Sequence[RepairMove]
) -> None:
    places = [each for move in going for each in (move.present, move.proposed) if each is not None]
    people = {each.practitioner_id for each in places}
    rooms = {each.room_id for each in places if each.room_id is not None}
    if repair.practitioner_id is not None:
        people.add(repair.practitioner_id)
    if repair.room_id is not None:
        rooms.add(repair.room_id)
    for kind, ids in (
        (Patient, {each.patient_id for each in going}),
        (StaffMember, people),
        (Room, rooms),
        (TreatmentPlan, {each.plan_id for each in going}),
        (TreatmentSession, {each.session_id for each in going}),
    ):
        await _lock_all(db, caller, kind, ids)


async def _lock_all(db: AsyncSession, caller: Caller, kind: Any, ids: Iterable[UUID]) -> None:
    """One after the other in the order of their ids, as everybody does."""
    for row_id in sorted(ids):
        await locked(db, kind, caller.clinic_id, row_id)


async def _changed(
    db: AsyncSession, caller: Caller, repair: Repair, moves: Sequence[RepairMove]
) -> list[dict[str, Any]]:
    """Sessions that are not as they were looked at, and new ones in the way."""
    found = []
    earliest = (await how_to_book(db, caller.clinic_id)).not_before(caller.now)
    for move in moves:
        to = move.proposed
        if to is not None and to.starts_at < earliest and to.starts_at != move.present.starts_at:
            found.append(_session_changed(move.session_id, "Its new time is too near by now."))
        session = await db.get_one(TreatmentSession, (caller.clinic_id, move.session_id))
        if session.state not in _TO_COME:
            found.append(_session_changed(move.session_id, f"It is {session.state.value} now."))
        elif session.version != move.session_version:
            found.append(_session_changed(move.session_id, "It was changed."))
    known = {move.session_id for move in moves}
    statement = affected(select(TreatmentSession.id), caller.clinic_id, repair, caller.now)
    for session_id in sorted((await db.exec(statement)).all()):
        if session_id not in known:
            found.append(_session_changed(session_id, "It was booked into that time."))
    return found


def _session_changed(session_id: UUID, text: str) -> dict[str, Any]:
    return {"session_id": str(session_id), "code": "session_changed", "message": text}


def _refuse(changed: Sequence[dict[str, Any]]) -> None:
    if changed:
        raise RepairOutdated(changed)


async def _put(
    db: AsyncSession, caller: Caller, going: Sequence[RepairMove]
) -> dict[UUID, TreatmentSession]:
    """Write all new times first, so that each session is then judged beside where the others go.

    Who leaves a place goes before who takes it. The database refuses any overlap.
    """
    rows = {
        move.session_id: await db.get_one(TreatmentSession, (caller.clinic_id, move.session_id))
        for move in going
    }
    present = {session_id: Booking.of(row) for session_id, row in rows.items()}
    for move, place in _in_order(going, present):
        session = rows[move.session_id]
        if place.starts_at != session.starts_at and session.state is SessionState.CONFIRMED:
            session.state, session.confirmed_at = SessionState.SCHEDULED, None
        session.starts_at, session.ends_at = place.starts_at, place.ends_at
        session.scheduled_on = local_day(place.starts_at, caller.zone)
        session.practitioner_id, session.room_id = place.practitioner_id, place.room_id
        session.occupied_from = session.occupied_until = None
        try:
            await flush_booking(db, Booking.of(session))
        except Problem as problem:
            raise RepairOutdated([_refused(move, problem)]) from None
    return rows


def _in_order(
    going: Sequence[RepairMove], present: dict[UUID, Booking]
) -> list[tuple[RepairMove, RepairPlace]]:
    """The proposal holds no circle, so somebody can always go next."""
    left = [(move, move.proposed) for move in going if move.proposed is not None]
    ordered = []
    while left:
        for each in left:
            others = [present[move.session_id] for move, _ in left if move is not each[0]]
            if not any(_booking(*each).shares(other) for other in others):
                break
        else:
            each = left[0]
        ordered.append(each)
        left.remove(each)
    return ordered


def _booking(move: RepairMove, place: RepairPlace) -> Booking:
    return Booking(
        move.session_id,
        move.patient_id,
        place.practitioner_id,
        place.room_id,
        place.starts_at,
        place.ends_at,
    )


async def _judge(
    db: AsyncSession, caller: Caller, move: RepairMove, session: TreatmentSession
) -> None:
    """The ordinary rescheduling, to where the session was just put."""
    if move.proposed is None:
        return
    patch = SessionPatch(
        starts_at=move.proposed.starts_at,
        practitioner_id=move.proposed.practitioner_id,
        room_id=move.proposed.room_id,
        acknowledged=move.acknowledge,
    )
    await db.flush()
    try:
        await booking.reschedule(
            db, caller, move.session_id, patch, session.version, ahead=bool(move.open_points)
        )
    except Problem as problem:
        raise RepairOutdated([_refused(move, problem)]) from None


def _refused(move: RepairMove, problem: Problem) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: problem.extra[name]
        for name in ("conflicts", "refused_by", "findings", "state")
        if name in problem.extra
    }
    return {
        "session_id": str(move.session_id),
        "code": problem.name,
        "message": problem.detail or problem.title,
        **told,
    }
