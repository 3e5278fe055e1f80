"""Holds: what must not go on until somebody has looked. Nothing releases itself.

A plan is `on_hold` exactly while a hold on this patient touches it: one on the plan, the patient,
an area it treats, its formula, or an ingredient of it. A hold of nobody in particular (a formula
or an ingredient for the whole clinic) leaves the states of plans as they are, and one on a single
session concerns that session only; both still refuse check-in and administration.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found, touch
from api.plans import states
from api.plans.areas import overlapping
from api.problems import NotFound, invalid
from api.releasing import release
from api.security import Caller
from models import (
    FormulaComponent,
    FormulaVersion,
    Hold,
    HoldScope,
    PlanState,
    TreatmentPlan,
    TreatmentSession,
)


async def open_hold(db: AsyncSession, caller: Caller, hold: Hold) -> Hold:
    """Store a hold and put every active plan of its patient that it touches on hold.

    hold: a new row with its scope, subject, reason_code, release_role and `opened_at`;
    `opened_by` names a person, or `opened_by_rule` the rule that opened it. A hold on a plan
    gets the plan's patient here.
    The caller has locked the patient, where the hold has one.
    """
    if hold.plan_id is not None and hold.patient_id is None:
        plan = await found(db, TreatmentPlan, hold.clinic_id, hold.plan_id)
        hold.patient_id = plan.patient_id
    db.add(hold)
    audit.record(db, caller, "hold.opened", hold, reason=hold.reason_code)
    await db.flush()
    if hold.patient_id is not None:
        await settle(db, caller, hold.patient_id)
    return hold


async def holds_in_force(
    db: AsyncSession, clinic_id: UUID, plan: TreatmentPlan, session_id: UUID | None = None
) -> list[Hold]:
    """The holds that stop this plan now, oldest first.

    session_id: the session about to go on, whose own holds then count too.
    """
    concerned = _touching(plan)
    if session_id is not None:
        own = and_(col(Hold.scope) == HoldScope.SESSION, col(Hold.session_id) == session_id)
        concerned = or_(concerned, own)
    rows = await db.exec(
        select(Hold)
        .where(Hold.clinic_id == clinic_id, col(Hold.released_at).is_(None), concerned)
        .order_by(col(Hold.id))
    )
    return list(rows)


async def refuse_if_held(
    db: AsyncSession, plan: TreatmentPlan, session_id: UUID | None = None
) -> None:
    """IllegalTransition with the `holds` where the plan, or that session of it, may not go on."""
    holds = await holds_in_force(db, plan.clinic_id, plan, session_id)
    if holds:
        raise states.held(plan, holds)


def concerning(plan: TreatmentPlan) -> ColumnElement[bool]:
    """Every hold, released or not, that is or was about this plan or one of its sessions."""
    sessions = select(TreatmentSession.id).where(
        TreatmentSession.clinic_id == plan.clinic_id, TreatmentSession.plan_id == plan.id
    )
    own = and_(col(Hold.scope) == HoldScope.SESSION, col(Hold.session_id).in_(sessions))
    return and_(col(Hold.clinic_id) == plan.clinic_id, or_(_touching(plan), own))


def _touching(plan: TreatmentPlan) -> ColumnElement[bool]:
    scope, patient = col(Hold.scope), col(Hold.patient_id)
    this_patient = patient == plan.patient_id
    this_or_any = or_(this_patient, patient.is_(None))
    formula = select(FormulaVersion.formula_id).where(
        FormulaVersion.clinic_id == plan.clinic_id, FormulaVersion.id == plan.formula_version_id
    )
    ingredients = select(FormulaComponent.ingredient_code).where(
        FormulaComponent.clinic_id == plan.clinic_id,
        FormulaComponent.formula_version_id == plan.formula_version_id,
    )
    areas = overlapping(plan.areas)
    return or_(
        and_(scope == HoldScope.PLAN, col(Hold.plan_id) == plan.id),
        and_(scope == HoldScope.PATIENT, this_patient),
        and_(scope == HoldScope.AREA, this_patient, col(Hold.area).in_(areas))
        if areas
        else false(),
        and_(scope == HoldScope.FORMULA, this_or_any, col(Hold.formula_id).in_(formula)),
        and_(
            scope == HoldScope.INGREDIENT, this_or_any, col(Hold.ingredient_code).in_(ingredients)
        ),
    )


async def release_hold(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, hold_id: UUID | None, reason: str
) -> Hold:
    """Release one hold on the plan; the patient and the plan are locked.

    Without `hold_id` the one that is in force. With the last hold gone, a plan on hold is active
    again. Forbidden to who may not release this hold.
    """
    hold = await _chosen(db, plan, hold_id)
    await release(db, caller, hold, reason)
    touch(plan, db)
    await db.flush()
    await settle(db, caller, plan.patient_id)
    return hold


async def _chosen(db: AsyncSession, plan: TreatmentPlan, hold_id: UUID | None) -> Hold:
    statement = select(Hold).where(concerning(plan)).with_for_update(key_share=True)
    if hold_id is not None:
        hold = (await db.exec(statement.where(Hold.id == hold_id))).first()
        if hold is None:
            raise NotFound("The plan has no such hold.", pointer="/hold_id")
        return hold
    unreleased = statement.where(col(Hold.released_at).is_(None)).limit(2)
    holds: Sequence[Hold] = (await db.exec(unreleased)).all()
    if not holds:
        raise states.refusal(plan, "No hold is in force.")
    if len(holds) > 1:
        raise invalid("/hold_id", "missing", "Several holds are in force; say which to release.")
    return holds[0]


async def settle(db: AsyncSession, caller: Caller, patient_id: UUID) -> None:
    """Bring the states of the patient's running plans in line with the holds in force."""
    running = await db.exec(
        select(TreatmentPlan)
        .where(
            TreatmentPlan.clinic_id == caller.clinic_id,
            TreatmentPlan.patient_id == patient_id,
            col(TreatmentPlan.state).in_((PlanState.ACTIVE, PlanState.ON_HOLD)),
        )
        .order_by(col(TreatmentPlan.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    for plan in running.all():
        holds = await holds_in_force(db, caller.clinic_id, plan)
        on_hold = any(hold.patient_id is not None for hold in holds)
        if on_hold and plan.state is PlanState.ACTIVE:
            plan.state, plan.state_changed_at = PlanState.ON_HOLD, caller.now
            audit.record(db, caller, "plan.held", plan)
        elif not on_hold and plan.state is PlanState.ON_HOLD:
            plan.state, plan.state_changed_at = PlanState.ACTIVE, caller.now
            audit.record(db, caller, "plan.resumed", plan)
    await db.flush()
