"""Rows that a write on a session must hold, always taken in the same order.

Patient, practitioners, rooms, plan, session: whoever decides about a patient waits for whoever
does already, so that what was checked is still true when it is written, and nobody deadlocks.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found, locked
from api.problems import invalid
from api.security import Caller
from models import Patient, Room, StaffMember, TreatmentPlan, TreatmentSession


async def lock_plan(
    db: AsyncSession, caller: Caller, plan_id: UUID, practitioner_id: UUID, room_id: UUID | None
) -> TreatmentPlan:
    """The plan of a new session, with everything that the session would take; or NotFound."""
    plan = await found(db, TreatmentPlan, caller.clinic_id, plan_id)
    await locked(db, Patient, caller.clinic_id, plan.patient_id)
    await lock_resources(db, caller, {practitioner_id}, {room_id})
    return await locked(db, TreatmentPlan, caller.clinic_id, plan_id)


async def lock_session(db: AsyncSession, caller: Caller, session_id: UUID) -> TreatmentSession:
    """The session, after its patient; or NotFound."""
    session = await found(db, TreatmentSession, caller.clinic_id, session_id)
    await locked(db, Patient, caller.clinic_id, session.patient_id)
    return await locked(db, TreatmentSession, caller.clinic_id, session_id)


async def lock_session_and_plan(
    db: AsyncSession, caller: Caller, session_id: UUID
) -> tuple[TreatmentSession, TreatmentPlan]:
    """The session and its plan, after the patient; or NotFound."""
    session = await found(db, TreatmentSession, caller.clinic_id, session_id)
    await locked(db, Patient, caller.clinic_id, session.patient_id)
    plan = await locked(db, TreatmentPlan, caller.clinic_id, session.plan_id)
    return await locked(db, TreatmentSession, caller.clinic_id, session_id), plan


async def lock_to_move(
    db: AsyncSession,
    caller: Caller,
    session_id: UUID,
    practitioner_id: UUID | None,
    room_id: UUID | None,
) -> tuple[TreatmentSession, TreatmentPlan]:
    """The session with what it takes now and what it would take instead; or NotFound."""
    session = await found(db, TreatmentSession, caller.clinic_id, session_id)
    await locked(db, Patient, caller.clinic_id, session.patient_id)
    people = {session.practitioner_id, practitioner_id or session.practitioner_id}
    await lock_resources(db, caller, people, {session.room_id, room_id})
    plan = await locked(db, TreatmentPlan, caller.clinic_id, session.plan_id)
    return await locked(db, TreatmentSession, caller.clinic_id, session_id), plan


async def lock_resources(
    db: AsyncSession, caller: Caller, people: Iterable[UUID], rooms: Iterable[UUID | None]
) -> None:
    """The practitioners and rooms, each kind in the order of their ids; patients come before."""
    for staff_id in sorted(people):
        await locked(db, StaffMember, caller.clinic_id, staff_id)
    for room_id in sorted(room for room in rooms if room is not None):
        await locked(db, Room, caller.clinic_id, room_id)


async def check_resources(
    db: AsyncSession, caller: Caller, practitioner_id: UUID, room_id: UUID | None
) -> None:
    """InvalidRequest where nobody can be treated by that person or in that room. Locked before."""
    staff = await found(db, StaffMember, caller.clinic_id, practitioner_id)
    if not staff.bookable or staff.disabled_at is not None:
        raise invalid("/practitioner_id", "not_bookable", "This person does not take sessions.")
    if room_id is None:
        return
    room = await found(db, Room, caller.clinic_id, room_id)
    if not room.active:
        raise invalid("/room_id", "inactive", "This room is not in use any more.")
