"""Writing plans: draft, activation, holds, and their end."""

from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found, locked, touch
from api.decisions.matters import PlanActivation
from api.decisions.schemas import Answers
from api.decisions.service import Decided, decide
from api.fields import to_int
from api.plans import pinning, states
from api.plans.hold_schemas import HoldOpen, HoldRelease
from api.plans.holds import open_hold, refuse_if_held, release_hold
from api.plans.schemas import PlanCreate, PlanPatch
from api.preconditions import check
from api.problems import FieldError, InUse, InvalidRequest, invalid
from api.security import Caller
from models import (
    FormulaState,
    FormulaVersion,
    Hold,
    HoldScope,
    Patient,
    PlanState,
    ProtocolState,
    ProtocolVersion,
    SessionState,
    StaffMember,
    TreatmentPlan,
    TreatmentSession,
)

_PINS = {"protocol_id", "protocol_version", "formula_id", "formula_version"}
_REQUIRED = frozenset(
    {
        "protocol_id", "formula_id", "practitioner_id", "diagnosis_icd10", "areas",
        "volume_per_session_ml",
    }
)  # fmt: skip
_BOOKED = (SessionState.SCHEDULED, SessionState.CONFIRMED)


async def create(db: AsyncSession, caller: Caller, draft: PlanCreate) -> TreatmentPlan:
    """A draft that pins its protocol and formula versions."""
    patient = await pinning.named(db, Patient, caller, draft.patient_id, "patient_id")
    if patient.archived_at is not None or patient.erased_at is not None:
        raise invalid("/patient_id", "archived", "This patient's record is closed.")
    await pinning.practitioner(db, caller, draft.practitioner_id)
    protocol = await pinning.protocol_version(db, caller, draft.protocol_id, draft.protocol_version)
    formula = await pinning.formula_version(db, caller, draft.formula_id, draft.formula_version)
    plan = TreatmentPlan(
        clinic_id=caller.clinic_id,
        patient_id=patient.id,
        protocol_version_id=protocol.id,
        formula_version_id=formula.id,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
        **_columns(draft.model_dump(exclude=_PINS | {"patient_id"})),
    )
    db.add(plan)
    audit.record(db, caller, "plan.created", plan)
    await db.flush()
    return plan


def _columns(fields: dict[str, Any]) -> dict[str, Any]:
    """What the wire says in mL and mm, as the table keeps it in µL and µm."""
    kept = dict(fields)
    if "volume_per_session_ml" in kept:
        kept["volume_per_session_ul"] = to_int(kept.pop("volume_per_session_ml"), 3)
    if "depth_mm" in kept:
        depth = kept.pop("depth_mm")
        kept["depth_um"] = None if depth is None else to_int(depth, 3)
    return kept


async def _locked_plan(
    db: AsyncSession, caller: Caller, plan_id: UUID, expected: int
) -> TreatmentPlan:
    """The plan, its patient locked before it, in the version that the caller has seen."""
    plan = await found(db, TreatmentPlan, caller.clinic_id, plan_id)
    await locked(db, Patient, caller.clinic_id, plan.patient_id)
    plan = await locked(db, TreatmentPlan, caller.clinic_id, plan_id)
    check(plan, expected)
    return plan


async def change(
    db: AsyncSession, caller: Caller, plan_id: UUID, patch: PlanPatch, expected: int
) -> TreatmentPlan:
    """Change a draft; an active plan is what was agreed and decided, and stays as it is."""
    plan = await _locked_plan(db, caller, plan_id, expected)
    states.require(plan, states.CHANGE)
    said = patch.model_fields_set
    nulls = sorted(name for name in _REQUIRED & said if getattr(patch, name) is None)
    if nulls:
        raise InvalidRequest(
            [FieldError(f"/{name}", "required", "This cannot be removed.") for name in nulls]
        )
    if patch.practitioner_id is not None:
        await pinning.practitioner(db, caller, patch.practitioner_id)
    await _pin_again(db, caller, plan, patch)
    changes = patch.model_dump(include=said - _PINS)
    for name, value in _columns(changes).items():
        setattr(plan, name, value)
    audit.record(db, caller, "plan.changed", plan)
    await db.flush()
    return plan


async def _pin_again(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, patch: PlanPatch
) -> None:
    """Another protocol or formula, or another version of the one that is pinned."""
    said = patch.model_fields_set
    if {"protocol_id", "protocol_version"} & said:
        protocol_id = patch.protocol_id
        if protocol_id is None:
            now = await found(db, ProtocolVersion, caller.clinic_id, plan.protocol_version_id)
            protocol_id = now.protocol_id
        version = await pinning.protocol_version(db, caller, protocol_id, patch.protocol_version)
        plan.protocol_version_id = version.id
    if {"formula_id", "formula_version"} & said:
        formula_id = patch.formula_id
        if formula_id is None:
            pinned = await found(db, FormulaVersion, caller.clinic_id, plan.formula_version_id)
            formula_id = pinned.formula_id
        formula = await pinning.formula_version(db, caller, formula_id, patch.formula_version)
        plan.formula_version_id = formula.id


async def activate(
    db: AsyncSession, caller: Caller, plan_id: UUID, answers: Answers, expected: int
) -> tuple[TreatmentPlan, Decided]:
    """Start the plan, once everything it pins is approved and the rules let it through."""
    plan = await _locked_plan(db, caller, plan_id, expected)
    states.require(plan, states.ACTIVATE)
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
    plan = await _locked_plan(db, caller, plan_id, expected)
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
    plan = await _locked_plan(db, caller, plan_id, expected)
    await release_hold(db, caller, plan, order.hold_id, order.reason)
    return plan


async def complete(
    db: AsyncSession, caller: Caller, plan_id: UUID, reason: str | None, expected: int
) -> TreatmentPlan:
    """The course is done; InUse while sessions are still to come."""
    plan = await _locked_plan(db, caller, plan_id, expected)
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
    plan = await _locked_plan(db, caller, plan_id, expected)
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
    for session in booked.all():
        session.state = SessionState.CANCELLED
        session.cancelled_at, session.cancel_reason = caller.now, "The plan was stopped."
        audit.record(db, caller, "session.cancelled", session, reason=session.cancel_reason)
