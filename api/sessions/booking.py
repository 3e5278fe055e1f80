"""Booking a session, and moving it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from api import audit
from api.availability import freeing
from api.availability.booking_settings import how_to_book, kind_of
from api.availability.horizon import refuse_too_far
from api.decisions.later import was_left_for_later
from api.decisions.matters import Scheduling
from api.decisions.service import Decided, decide
from api.plans import states
from api.plans.closed_records import refuse_closed
from api.plans.holds import refuse_if_held
from api.preconditions import check
from api.problems import invalid
from api.security import Caller
from api.sessions import booked_rows, moves, overbooking
from api.sessions.availability import refuse_conflicts
from api.sessions.conflicts import flush_booking
from api.sessions.joint import Joint
from api.sessions.locking import check_resources, lock_plan, lock_to_move
from api.sessions.numbering import expect, place
from api.sessions.occupying import Booking
from api.sessions.outside import settle
from api.sessions.reserved import consume
from api.sessions.rooms import check_room
from api.sessions.schemas import SessionCreate, SessionPatch
from api.sessions.series import Series
from models import PlanState, TreatmentPlan, TreatmentSession

_REQUIRED = ("starts_at", "duration_minutes", "practitioner_id")
_MOVING = frozenset({*_REQUIRED, "room_id", "overbook"})
_NOT_ASKED: dict[str, Any] = {"outcome": "allowed", "findings": [], "decision_id": None}


async def schedule(
    db: AsyncSession,
    caller: Caller,
    draft: SessionCreate,
    *,
    ahead: bool = False,
    series: Series | None = None,
) -> tuple[TreatmentSession, Decided | None]:
    """Book a session of an active plan. ahead: as one of a whole course.

    series: what was loaded where many are booked together.
    Raises OutsideCalendars where the clinic is closed or somebody away, ScheduleConflict where
    somebody or something is taken, RoomLacksFeatures where the plan needs another room, Refused
    where rules stand in the way; before them IllegalTransition where the plan is not active, a
    hold touches it, or the patient's record is closed, and AnotherSessionNumber where it is not the
    session that was expected. A visit that has already taken place is entered without asking the
    scheduling rules, which could not undo it.
    """
    plan = series.plan if series else await _plan_to_book(db, caller, draft)
    _check_start(caller, draft.starts_at, draft.retrospective)
    await check_resources(db, caller, draft.practitioner_id, draft.room_id)
    booking = Booking(
        session_id=uuid7(),
        patient_id=plan.patient_id,
        practitioner_id=draft.practitioner_id,
        room_id=draft.room_id,
        starts_at=draft.starts_at,
        ends_at=draft.starts_at + timedelta(minutes=draft.duration_minutes),
        overbooks=overbooking.asked(caller, draft.overbook),
    )
    if draft.expected_session_number is not None:
        await expect(db, caller, plan, draft.starts_at, draft.expected_session_number)
    if draft.reservation_id is not None:
        await consume(db, caller, draft.reservation_id, booking)
    number, phase = await place(db, caller, plan, booking.session_id, booking.starts_at)
    matter = _matter(plan, number, booking, ahead)
    decided = None
    if draft.retrospective:
        await refuse_conflicts(db, caller, matter, booking, calendars=False)
        db.info["decision"] = _NOT_ASKED  # what a dry run answers
    else:
        booking = await _ask_calendars(db, caller, matter, booking, phase, series=series)
        told = await series.facts.told(db, caller, matter) if series else None
        decided = await decide(db, caller, matter, draft, told)
    session = booked_rows.new_session(caller, draft, plan, booking, number)
    session.phase = phase
    session.decision_id = decided.id if decided else None
    overbooking.mark(session, draft.overbook)
    db.add(session)
    await flush_booking(db, booking)
    audit.record(db, caller, "session.booked", session)
    return session, decided


async def _plan_to_book(db: AsyncSession, caller: Caller, draft: SessionCreate) -> TreatmentPlan:
    """The plan, which may be booked, with all that the session would take locked."""
    plan = await lock_plan(db, caller, draft.plan_id, draft.practitioner_id, draft.room_id)
    await refuse_closed(db, plan, happened=draft.retrospective)
    _check_plan(plan, draft.retrospective)
    if not draft.retrospective:
        await refuse_if_held(db, plan)
    return plan


async def reschedule(
    db: AsyncSession,
    caller: Caller,
    session_id: UUID,
    patch: SessionPatch,
    expected: int,
    *,
    ahead: bool = False,
    joint: Joint | None = None,
) -> tuple[TreatmentSession, Decided | None]:
    """Move a session to another time, practitioner or room; all rules and conflicts again.

    A new start takes the confirmation back: the patient confirmed another time.
    joint: what was loaded where many sessions move together.
    """
    session, plan = (
        joint.of(session_id)
        if joint
        else await lock_to_move(db, caller, session_id, patch.practitioner_id, patch.room_id)
    )
    check(session, expected)
    moves.require(session, moves.RESCHEDULE, caller.now)
    for name in _REQUIRED:
        if name in patch.model_fields_set and getattr(patch, name) is None:
            raise invalid(f"/{name}", "required", "This cannot be null.")
    booking, before = booked_rows.moved(caller, session, patch), freeing.Freed.of(session)
    decided = None
    if patch.model_fields_set & _MOVING or caller.dry_run:
        await refuse_closed(db, plan)
        _check_plan(plan, moving=True)
        if booking.starts_at != session.starts_at:
            _check_start(caller, booking.starts_at, retrospective=False)
        await check_resources(db, caller, booking.practitioner_id, booking.room_id)
        booking, decided = await _judge_move(
            db, caller, (session, plan), (booking, patch), ahead, joint
        )
    if "notes" in patch.model_fields_set:
        session.notes = patch.notes
    await flush_booking(db, booking)
    audit.record(db, caller, "session.rescheduled" if decided else "session.noted", session)
    if freeing.left(before, session):
        await freeing.tell(db, caller, before)
    return session, decided


async def _judge_move(
    db: AsyncSession,
    caller: Caller,
    row: tuple[TreatmentSession, TreatmentPlan],
    asked: tuple[Booking, SessionPatch],
    ahead: bool,
    joint: Joint | None,
) -> tuple[Booking, Decided]:
    """Calendars, conflicts and rules about the move; the session is changed if they allow it."""
    (session, plan), (booking, patch) = row, asked
    told = None
    if joint is None:
        number, phase = await place(db, caller, plan, session.id, booking.starts_at)
    else:
        number, phase, told = session.session_number, session.phase, joint.told[session.id]
    ahead = ahead or await was_left_for_later(db, caller.clinic_id, session.decision_id)
    matter = _matter(plan, number, booking, ahead)
    moved = booking.starts_at != session.starts_at
    booking = await _ask_calendars(db, caller, matter, booking, phase, notice=moved, joint=joint)
    decided = await decide(db, caller, matter, patch, told)
    booked_rows.apply(session, booking, caller, patch)
    await settle(db, caller, session)
    session.session_number, session.phase = number, phase
    session.decision_id = decided.id
    return booking, decided


async def _ask_calendars(
    db: AsyncSession,
    caller: Caller,
    matter: Scheduling,
    booking: Booking,
    phase: str | None,
    notice: bool = True,
    joint: Joint | None = None,
    series: Series | None = None,
) -> Booking:
    """The booking with the buffers of its kind; refused where it cannot be then.

    notice: whether the clinic's lead time is asked, which a session that keeps its start has met.
    """
    await check_room(db, caller, matter.plan, booking.room_id)
    loaded = joint or series
    settings = loaded.how if loaded else await how_to_book(db, caller.clinic_id)
    buffers = settings.usual[kind_of(matter.session_number, phase)].buffers
    booking = replace(booking, before=buffers.before, after=buffers.after)
    not_before = settings.not_before(caller.now) if notice else None
    hours = joint.hours if joint and not notice else series.hours if series else None
    await refuse_conflicts(db, caller, matter, booking, not_before=not_before, hours=hours)
    return booking


def _check_plan(plan: TreatmentPlan, retrospective: bool = False, moving: bool = False) -> None:
    """New sessions need an active plan; a held one keeps, and may move, those it has."""
    allowed = {PlanState.ACTIVE}
    if moving or retrospective:
        allowed.add(PlanState.ON_HOLD)
    if retrospective:
        allowed |= {PlanState.COMPLETED, PlanState.STOPPED}
    if plan.state not in allowed:
        raise states.refusal(plan, "Sessions are booked for active plans.")


def _check_start(caller: Caller, starts_at: datetime, retrospective: bool) -> None:
    """Bookings lie ahead (the running minute counts), retrospective entries behind."""
    this_minute = caller.now.replace(second=0, microsecond=0)
    if retrospective:
        caller.require("sessions:administer")
        if starts_at >= caller.now:
            raise invalid("/starts_at", "not_past", "A retrospective entry starts in the past.")
    elif starts_at < this_minute:
        raise invalid(
            "/starts_at",
            "in_the_past",
            "Sessions are booked ahead; enter a past visit with retrospective: true.",
        )
    else:
        refuse_too_far(caller.now, starts_at)


def _matter(plan: TreatmentPlan, number: int, booking: Booking, ahead: bool) -> Scheduling:
    return Scheduling(
        plan,
        booking.session_id,
        number,
        booking.starts_at,
        booking.ends_at,
        booking.practitioner_id,
        ahead,
    )
