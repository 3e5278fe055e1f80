"""Pregnancy discovered: what runs is stopped, and an exposure is followed to birth.

Noticed as it is written, wherever that is: a pregnancy statement, a screening, a condition, or an
administration that is entered late for somebody who is known to be pregnant by then. Done
at the end of the same transaction, so that no feature has to remember it.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session as PlainSession
from sqlalchemy.orm import UOWTransaction
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import UnitOfWork, locked
from api.decisions.figures import in_force
from api.plans.holds import open_hold
from api.releasing import EXPOSURE, pregnancy_told
from api.security import Caller
from api.side_effects.suspects import same_administration
from api.side_effects.targets import load_targets
from api.side_effects.tasks import open_task
from models import (
    AdministeredDose,
    Administration,
    Condition,
    Hold,
    HoldScope,
    Patient,
    PlanState,
    PregnancyStatement,
    PregnancyStatus,
    PregnancyTestResult,
    Screening,
    TreatmentPlan,
)

if TYPE_CHECKING:
    from rules.rule_set import RuleSet
    from rules.tables import Escalation

TRIGGER = "pregnancy"
_HARMFUL = "pregnancy_test"  # attribute of what must not be given without a negative test
_RUNNING = (PlanState.ACTIVE, PlanState.ON_HOLD)


@event.listens_for(UnitOfWork, "before_flush")
def _notice(session: PlainSession, _context: UOWTransaction, _instances: object) -> None:
    told = {row.patient_id for row in [*session.new, *session.dirty] if _tells_of_one(row)}
    # What is entered late may have been given to somebody who is known to be pregnant by now.
    late = {row.patient_id for row in session.new if isinstance(row, Administration)
            and row.retrospective}  # fmt: skip
    if not told and not late:
        return
    if "pregnancies" not in session.info:
        session.info["pregnancies"], session.info["given_late"] = set(), set()
        session.info.setdefault("before_commit", []).insert(0, _stop_all)
    session.info["pregnancies"] |= told
    session.info["given_late"] |= late


def _tells_of_one(row: Any) -> bool:
    if isinstance(row, PregnancyStatement | Screening):
        said = row.pregnancy_status is PregnancyStatus.PREGNANT
        tested = row.pregnancy_test_result is PregnancyTestResult.POSITIVE
        return (said or tested) and row.entered_in_error_at is None
    if isinstance(row, Condition):
        lasts = row.ended_on is None and row.entered_in_error_at is None
        return row.code == "PREGNANCY" and lasts
    return False


async def _stop_all(db: AsyncSession) -> None:
    caller = audit.recorder(db)
    figures = (await in_force(db, caller.clinic_id, caller.today)).figures
    row = next((each for each in figures.escalations if each.trigger == TRIGGER), None)
    if row is None:
        return
    told: set[UUID] = db.info["pregnancies"]
    for patient_id in db.info["given_late"] - told:
        if await pregnancy_told(db, caller.clinic_id, patient_id, caller.today):
            told.add(patient_id)
    for patient_id in sorted(told):
        await _stop(db, caller, patient_id, row, figures)


async def _stop(
    db: AsyncSession, caller: Caller, patient_id: UUID, row: "Escalation", figures: "RuleSet"
) -> None:
    """Hold every running plan that is not yet held for it, and put the tasks on the worklist."""
    await locked(db, Patient, caller.clinic_id, patient_id)
    due_at = (await load_targets(db, caller, [row])).due_at(row) or caller.now
    plans = await _plans_to_stop(db, caller, patient_id)
    for plan in plans:
        hold = Hold(
            clinic_id=caller.clinic_id,
            scope=HoldScope.PLAN,
            plan_id=plan.id,
            patient_id=patient_id,
            reason_code=TRIGGER,
            note=row.name,
            release_role=row.release_role or "medical_director",
            release_criteria=row.release_criteria,
            opened_at=caller.now,
            opened_by_rule=f"escalation:{TRIGGER}",
            due_at=due_at,
        )
        await open_hold(db, caller, hold)
    if plans:
        title = f"{row.name}: stop the plan ({len(plans)} running)."
        subject = (TRIGGER, str(patient_id))
        await open_task(db, caller, row, title, subject, due_at, patient_id=patient_id)
    for code, last_on in await _exposures(db, caller, patient_id, figures):
        title = f"{row.name} after {code}, last given on {last_on}: follow the exposure to birth."
        about = (EXPOSURE, str(patient_id), code)
        await open_task(db, caller, row, title, about, due_at, patient_id=patient_id)


async def _plans_to_stop(db: AsyncSession, caller: Caller, patient_id: UUID) -> list[TreatmentPlan]:
    held = select(Hold.plan_id).where(
        Hold.clinic_id == caller.clinic_id,
        Hold.patient_id == patient_id,
        Hold.reason_code == TRIGGER,
        col(Hold.released_at).is_(None),
        col(Hold.plan_id).is_not(None),
    )
    plans = select(TreatmentPlan).where(
        TreatmentPlan.clinic_id == caller.clinic_id,
        TreatmentPlan.patient_id == patient_id,
        col(TreatmentPlan.state).in_(_RUNNING),
        col(TreatmentPlan.id).not_in(held),
    )
    return list(await db.exec(plans.order_by(col(TreatmentPlan.id))))


async def _exposures(
    db: AsyncSession, caller: Caller, patient_id: UUID, figures: "RuleSet"
) -> list[tuple[str, date]]:
    """Whatever was given that may harm the child: each code with its last local day, latest first.

    It counts for as long as its label defers a blood donation; without such a figure, always.
    """
    codes = [code for code, each in figures.ingredients.items() if each.has(_HARMFUL)]
    statement = (
        select(col(AdministeredDose.ingredient_code), func.max(col(Administration.performed_on)))
        .join(Administration, same_administration(AdministeredDose))
        .where(
            AdministeredDose.clinic_id == caller.clinic_id,
            Administration.patient_id == patient_id,
            col(AdministeredDose.ingredient_code).in_(codes),
            col(Administration.entered_in_error_at).is_(None),
        )
        .group_by(col(AdministeredDose.ingredient_code))
        .order_by(func.max(col(Administration.performed_on)).desc())
    )
    found = []
    for code, on in await db.exec(statement):
        deferral = figures.ingredients[code].donation_deferral_days
        if deferral is None or caller.today <= on + timedelta(days=deferral.value):
            found.append((code, on))
    return found
