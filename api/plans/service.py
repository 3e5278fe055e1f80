"""Moving plans through their life: activation, holds, and their end."""

from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.availability import freeing
from api.database import found, touch
from api.decisions.matters import PlanActivation
from api.decisions.schemas import Answers
from api.decisions.service import Decided, decide
from api.plans import pinning, states
from api.plans.closed_records import refuse_closed
from api.plans.hold_schemas import HoldOpen, HoldRelease
from api.plans.holds import open_hold, refuse_if_held, release_hold
from api.plans.locking import locked_plan
from api.problems import InUse
from api.security import Caller
from models import (
    FormulaState,
    FormulaVersion,
    Hold,
    HoldScope,
    PlanState,
    ProtocolState,
    ProtocolVersion,
    SessionState,
    StaffMember,
    TreatmentPlan,
    TreatmentSession,
)

_BOOKED = (SessionState.SCHEDULED, SessionState.CONFIRMED)


async def activate(
    db: AsyncSession, caller: Caller, plan_id: UUID, answers: Answers, expected: int
) -> tuple[TreatmentPlan, Decided]:
    """Start the plan, once everything it pins is approved and the rules let it through."""
    plan = await locked_plan(db, caller, plan_id, expected)
    states.require(plan, states.ACTIVATE)
    await refuse_closed(db, plan)
    await _check_ready(db, caller, plan)
    await refuse_if_held(db, plan)
    decided = await decide(db, caller, PlanActivation(plan), answers)
    plan.state, plan.state_changed_at = PlanState.ACTIVE, caller.now
    plan.activated_at, plan.activated_by = caller.now, caller.actor_id
    plan.activation_decision_id = decided.id
    audit.record(db, caller, "plan.activated", plan)
    await db.flush()
    return plan, decided


async def _check_ready(db: AsyncSession, caller: Caller, plan: TreatmentPlan) -> None:
    """What a plan pinned as a draft must be by the time it starts."""
    protocol = await found(db, ProtocolVersion, caller.clinic_id, plan.protocol_version_id)
    formula = await found(db, FormulaVersion, caller.clinic_id, plan.formula_version_id)
    member = await found(db, StaffMember, caller.clinic_id, plan.practitioner_id)
    if protocol.state is not ProtocolState.APPROVED:
        raise states.refusal(plan, f"The protocol version is {protocol.state.value}.")
    if formula.state is not FormulaState.APPROVED:
        raise states.refusal(plan, f"The formula version is {formula.state.value}.")
    if not pinning.performs(member):
        raise states.refusal(plan, "The practitioner does not take sessions any more.")


async def hold(
    db: AsyncSession, caller: Caller, plan_id: UUID, order: HoldOpen, expected: int
) -> TreatmentPlan:
    """A person stops the plan: booked sessions stay, but none may go on."""
    person = caller.person()
    plan = await locked_plan(db, caller, plan_id, expected)
    states.require(plan, states.HOLD)
    await open_hold(
        db,
        caller,
        Hold(
            clinic_id=caller.clinic_id,
            scope=HoldScope.PLAN,
            plan_id=plan.id,
            patient_id=plan.patient_id,
            reason_code=order.reason_code.value,
            note=order.reason,
            release_role=order.release_role.value,
            release_criteria=order.release_criteria,
            due_at=order.due_at,
            opened_at=caller.now,
            opened_by=person,
        ),
    )
    touch(plan, db)
    await db.flush()
    return plan


async def release(
    db: AsyncSession, caller: Caller, plan_id: UUID, order: HoldRelease, expected: int
) -> TreatmentPlan:
    """A person releases a hold; the plan goes on once none is left."""
    plan = await locked_plan(db, caller, plan_id, expected)
    await release_hold(db, caller, plan, order.hold_id, order.reason)
    return plan


async def complete(
    db: AsyncSession, caller: Caller, plan_id: UUID, reason: str | None, expected: int
) -> TreatmentPlan:
    """The course is done; InUse while sessions are still to come."""
    plan = await locked_plan(db, caller, plan_id, expected)
    states.require(plan, states.COMPLETE)
    ahead = await _count_sessions(db, plan, (*_BOOKED, SessionState.CHECKED_IN))
    if ahead:
        raise InUse("The plan still has booked sessions; cancel or finish them.", sessions=ahead)
    plan.state, plan.state_changed_at = PlanState.COMPLETED, caller.now
    plan.completed_at, plan.state_reason = caller.now, reason
    audit.record(db, caller, "plan.completed", plan, reason=reason)
    await db.flush()
    return plan


async def stop(
    db: AsyncSession, caller: Caller, plan_id: UUID, reason: str, expected: int
) -> TreatmentPlan:
    """End the plan early and cancel its booked sessions; InUse while a patient is checked in.

    What is being given right now must still be recorded, so a session that is checked in is
    finished or cancelled first.
    """
    plan = await locked_plan(db, caller, plan_id, expected)
    states.require(plan, states.STOP)
    if await _count_sessions(db, plan, (SessionState.CHECKED_IN,)):
        raise InUse("The patient is checked in; finish or cancel that session.", sessions=1)
    await _cancel_booked(db, caller, plan)
    plan.state, plan.state_changed_at = PlanState.STOPPED, caller.now
    plan.stopped_at, plan.state_reason = caller.now, reason
    audit.record(db, caller, "plan.stopped", plan, reason=reason)
    await db.flush()
    return plan


async def _count_sessions(
    db: AsyncSession, plan: TreatmentPlan, in_states: tuple[SessionState, ...]
) -> int:
    statement = (
        select(func.count())
        .select_from(TreatmentSession)
        .where(
            TreatmentSession.clinic_id == plan.clinic_id,
            TreatmentSession.plan_id == plan.id,
            col(TreatmentSession.state).in_(in_states),
        )
    )
    return (await db.exec(statement)).one()


async def _cancel_booked(db: AsyncSession, caller: Caller, plan: TreatmentPlan) -> None:
    booked = await db.exec(
        select(TreatmentSession)
        .where(
            TreatmentSession.clinic_id == plan.clinic_id,
            TreatmentSession.plan_id == plan.id,
            col(TreatmentSession.state).in_(_BOOKED),
        )
        .order_by(col(TreatmentSession.id))
        .with_for_update(key_share=True)
    )
    sessions = booked.all()
    for session in sessions:
        session.state = SessionState.CANCELLED
        session.cancelled_at, session.cancel_reason = caller.now, "The plan was stopped."
        audit.record(db, caller, "session.cancelled", session, reason=session.cancel_reason)
    await db.flush()
    for session in sessions:
        await freeing.tell(db, caller, freeing.Freed.of(session))
