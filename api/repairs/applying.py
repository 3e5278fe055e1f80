"""Carrying a proposal out: every move, or none.

Everything that the moves touch is locked before the first of them, in the order that all bookings
keep, and looked at again: what has changed since the proposal refuses all of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.availability.booking_settings import how_to_book
from api.database import locked
from api.decisions.turns import take_turn_alone
from api.preconditions import check
from api.problems import IllegalTransition, NotFound
from api.repairs import recording, service
from api.repairs.affected import affected
from api.repairs.carrying_out import carry_out
from api.repairs.outdated import RepairOutdated, session_changed
from api.repairs.schemas import RepairApply, RepairMove
from api.security import Caller
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
from models.base import ClinicRecord

Row = TypeVar("Row", bound=ClinicRecord)
_TO_COME = (SessionState.SCHEDULED, SessionState.CONFIRMED)


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
    held = await _lock(db, caller, repair, going)
    if body.record_unavailability:
        await take_turn_alone(db, caller.clinic_id)
    _refuse(await _changed(db, caller, repair, moves))
    await carry_out(db, caller, going, held.sessions, list(held.plans.values()))
    if body.record_unavailability:
        await db.flush()
        await recording.record(db, caller, repair)
    repair.state = RepairState.APPLIED
    repair.applied_at, repair.applied_by = caller.now, caller.actor_id
    audit.record(db, caller, "repair.applied", repair, reason=repair.reason)
    await db.flush()
    return repair, moves


@dataclass(frozen=True, slots=True)
class _Held:
    """What is locked. kept: rows that are only looked at, so that each is read once."""

    sessions: dict[UUID, TreatmentSession]
    plans: dict[UUID, TreatmentPlan]
    kept: list[Any]


async def _lock(
    db: AsyncSession, caller: Caller, repair: Repair, going: Sequence[RepairMove]
) -> _Held:
    places = [each for move in going for each in (move.present, move.proposed) if each is not None]
    people = {each.practitioner_id for each in places}
    rooms = {each.room_id for each in places if each.room_id is not None}
    if repair.practitioner_id is not None:
        people.add(repair.practitioner_id)
    if repair.room_id is not None:
        rooms.add(repair.room_id)
    kept = [
        await _lock_all(db, caller, Patient, {each.patient_id for each in going}),
        await _lock_all(db, caller, StaffMember, people),
        await _lock_all(db, caller, Room, rooms),
    ]
    plans = await _lock_all(db, caller, TreatmentPlan, {each.plan_id for each in going})
    sessions = {each.session_id for each in going}
    return _Held(await _lock_all(db, caller, TreatmentSession, sessions), plans, kept)


async def _lock_all(
    db: AsyncSession, caller: Caller, kind: type[Row], ids: Collection[UUID]
) -> dict[UUID, Row]:
    """One after the other in the order of their ids, as everybody does; freshly read."""
    statement = (
        select(kind)
        .where(kind.clinic_id == caller.clinic_id, col(kind.id).in_(sorted(ids)))
        .order_by(col(kind.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in await db.exec(statement)}
    if len(found) < len(ids):
        raise NotFound
    return found


async def _changed(
    db: AsyncSession, caller: Caller, repair: Repair, moves: Sequence[RepairMove]
) -> list[dict[str, Any]]:
    """Sessions that are not as they were looked at, and new ones in the way."""
    found = []
    earliest = (await how_to_book(db, caller.clinic_id)).not_before(caller.now)
    for move in moves:
        to = move.proposed
        if to is not None and to.starts_at < earliest and to.starts_at != move.present.starts_at:
            found.append(session_changed(move.session_id, "Its new time is too near by now."))
        session = await db.get_one(TreatmentSession, (caller.clinic_id, move.session_id))
        if session.state not in _TO_COME:
            found.append(session_changed(move.session_id, f"It is {session.state.value} now."))
        elif session.version != move.session_version:
            found.append(session_changed(move.session_id, "It was changed."))
    known = {move.session_id for move in moves}
    statement = affected(select(TreatmentSession.id), caller.clinic_id, repair, caller.now)
    for session_id in sorted((await db.exec(statement)).all()):
        if session_id not in known:
            found.append(session_changed(session_id, "It was booked into that time."))
    return found


def _refuse(changed: Sequence[dict[str, Any]]) -> None:
    if changed:
        raise RepairOutdated(changed)
