"""Joining the waitlist, and leaving it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found, locked
from api.plans import states
from api.preconditions import check
from api.problems import AlreadyExists, IllegalTransition, invalid
from api.security import Caller
from api.waitlist import passing_on
from api.waitlist.offering import MOVABLE
from api.waitlist.schemas import WaitlistCreate, WaitlistQuery
from models import (
    PlanState,
    StaffMember,
    TreatmentPlan,
    TreatmentSession,
    WaitlistEntry,
    WaitlistState,
)

HORIZON = timedelta(days=180)


async def join(db: AsyncSession, caller: Caller, draft: WaitlistCreate) -> WaitlistEntry:
    """Put an active plan on the list; AlreadyExists where it waits already."""
    if not caller.today <= draft.until_on <= caller.today + HORIZON:
        raise invalid("/until_on", "horizon", "Give a day from today to 180 days ahead.")
    plan = await locked(db, TreatmentPlan, caller.clinic_id, draft.plan_id)
    if plan.state is not PlanState.ACTIVE:
        raise states.refusal(plan, "Only active plans wait for a session.")
    for position, staff_id in enumerate(draft.practitioner_ids):
        staff = await found(db, StaffMember, caller.clinic_id, staff_id)
        if not staff.bookable or staff.disabled_at is not None:
            pointer = f"/practitioner_ids/{position}"
            raise invalid(pointer, "not_bookable", "This person does not take sessions.")
    if draft.session_id is not None:
        await _check_session(db, caller, plan, draft.session_id)
    if await _waits(db, plan):
        raise AlreadyExists("The plan is on the waitlist already.")
    entry = WaitlistEntry(
        clinic_id=caller.clinic_id,
        plan_id=plan.id,
        patient_id=plan.patient_id,
        session_id=draft.session_id,
        practitioner_ids=tuple(str(each) for each in dict.fromkeys(draft.practitioner_ids)),
        weekdays=tuple(str(each) for each in sorted(set(draft.weekdays))),
        earliest_time=draft.earliest_time,
        latest_time=draft.latest_time,
        until_on=draft.until_on,
        duration_minutes=draft.duration_minutes,
        notes=draft.notes,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
    )
    db.add(entry)
    await db.flush()
    audit.record(db, caller, "waitlist_entry.added", entry)
    return entry


async def _check_session(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, session_id: UUID
) -> None:
    """One of the plan's that can still be brought forward."""
    session = await found(db, TreatmentSession, caller.clinic_id, session_id)
    if session.plan_id != plan.id:
        raise invalid("/session_id", "another_plan", "This session belongs to another plan.")
    if session.state not in MOVABLE or session.starts_at <= caller.now:
        text = "Only a booked session that lies ahead can be brought forward."
        raise invalid("/session_id", "not_movable", text)


async def _waits(db: AsyncSession, plan: TreatmentPlan) -> bool:
    statement = select(WaitlistEntry.id).where(
        WaitlistEntry.clinic_id == plan.clinic_id,
        WaitlistEntry.plan_id == plan.id,
        WaitlistEntry.state == WaitlistState.WAITING,
    )
    return (await db.exec(statement)).first() is not None


async def withdraw(
    db: AsyncSession, caller: Caller, entry_id: UUID, expected: int
) -> WaitlistEntry:
    """Take it off the list: nothing more is offered, and what was goes to the next in order."""
    slots = await passing_on.lock_slots(db, caller, entry_id)
    entry = await locked(db, WaitlistEntry, caller.clinic_id, entry_id)
    check(entry, expected)
    if entry.state is not WaitlistState.WAITING:
        raise IllegalTransition(entry.state, [])
    entry.state = WaitlistState.WITHDRAWN
    audit.record(db, caller, "waitlist_entry.withdrawn", entry)
    await db.flush()
    await passing_on.pass_on(db, caller, entry, slots)
    return entry


def listing(caller: Caller, query: WaitlistQuery) -> Select[Any]:
    """The clinic's entries that meet every filter."""
    statement: Select[Any] = select(WaitlistEntry).where(
        WaitlistEntry.clinic_id == caller.clinic_id
    )
    for name in ("state", "plan_id", "patient_id"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(col(getattr(WaitlistEntry, name)) == value)
    return statement
