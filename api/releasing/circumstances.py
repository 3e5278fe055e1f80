"""What stands around a hold: its plan, a pregnancy, the lots under suspicion, the worklist.

Each function answers whether its criterion is met, and what that rests on or what is missing, in
words.
"""

import json

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from api.releasing.pregnancy import pregnancy_told
from api.releasing.records import Look, Seen
from models import (
    FormulaComponent,
    Hold,
    HoldScope,
    Lot,
    LotState,
    PlanState,
    TreatmentPlan,
    WorklistItem,
    WorklistKind,
)

_OVER = (PlanState.STOPPED, PlanState.COMPLETED)
EXPOSURE = "pregnancy_exposure"  # what a task to follow an exposure to birth is known by


async def lots_preserved(look: Look) -> Seen:
    """None of the lots that the side effect holds is back in use."""
    statement = (
        select(Lot)
        .join(Hold, (col(Hold.clinic_id) == col(Lot.clinic_id)) & (col(Hold.lot_id) == col(Lot.id)))
        .where(
            Lot.clinic_id == look.hold.clinic_id,
            Hold.side_effect_id == look.hold.side_effect_id,
            Hold.scope == HoldScope.LOT,
            col(Hold.released_at).is_(None),
        )
    )
    held = {lot.lot_number: lot.state for lot in await look.db.exec(statement)}
    in_use = ", ".join(sorted(no for no, state in held.items() if state is LotState.AVAILABLE))
    if in_use:
        return False, f"Still in use: lot {in_use}."
    return True, f"Set aside: lot {', '.join(sorted(held))}." if held else "No lot is held for it."


async def suspects_out(look: Look) -> Seen:
    """The plan is over, or its formula has none of what this patient must not be given again."""
    plan = await _plan(look)
    if plan is None or plan.state in _OVER:
        return True, "The plan is stopped."
    held = select(Hold.ingredient_code).where(
        Hold.clinic_id == plan.clinic_id,
        Hold.patient_id == plan.patient_id,
        Hold.scope == HoldScope.INGREDIENT,
        col(Hold.released_at).is_(None),
    )
    statement = select(FormulaComponent.ingredient_code).where(
        FormulaComponent.clinic_id == plan.clinic_id,
        FormulaComponent.formula_version_id == plan.formula_version_id,
        col(FormulaComponent.ingredient_code).in_(held),
    )
    still = ", ".join(sorted(set(await look.db.exec(statement))))
    if still:
        return False, f"The plan still gives {still}; stop it, or change its formula."
    return True, "The plan's formula has none of the suspects."


async def plan_stopped(look: Look) -> Seen:
    """The plan is over, or nothing on record says any longer that the patient is pregnant."""
    plan = await _plan(look)
    if plan is None or plan.state in _OVER:
        return True, "The plan is stopped."
    whose = (look.hold.clinic_id, plan.patient_id)
    if await pregnancy_told(look.db, *whose, look.caller.today) is False:
        return True, "By the latest record the patient is not pregnant."
    return False, "The plan is not stopped, and no later record says that there is no pregnancy."


async def _plan(look: Look) -> TreatmentPlan | None:
    if look.hold.plan_id is None:
        return None
    return await look.db.get(TreatmentPlan, (look.hold.clinic_id, look.hold.plan_id))


async def exposure_followed(look: Look) -> Seen:
    """The task to follow an exposure to birth is closed, or there never was one."""
    tasks = await _open_tasks(look, col(WorklistItem.patient_id) == look.hold.patient_id)
    for task in tasks:
        if any(EXPOSURE in about for about in json.loads(task.figures)):
            return False, f"Still on the worklist: {task.title}"
    return True, "No exposure is left to be followed."


async def signal_assessed(look: Look) -> Seen:
    """Nobody still has to assess a signal of this lot."""
    tasks = await _open_tasks(look, col(WorklistItem.lot_id) == look.hold.lot_id)
    if tasks:
        return False, f"Still on the worklist: {tasks[0].title}"
    return True, "The task to assess the signal is closed."


async def _open_tasks(look: Look, about: ColumnElement[bool]) -> list[WorklistItem]:
    """What the row of the table that opened the hold still asks somebody to do."""
    statement = select(WorklistItem).where(
        WorklistItem.clinic_id == look.hold.clinic_id,
        WorklistItem.kind == WorklistKind.TASK,
        WorklistItem.cause == look.hold.reason_code,
        col(WorklistItem.closed_at).is_(None),
        about,
    )
    return list(await look.db.exec(statement.order_by(col(WorklistItem.id))))
