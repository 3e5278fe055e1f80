"""What to tell a patient after a session, from the catalogue in force on its day."""

from collections.abc import Iterable
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.facts_formula import load_formula
from api.decisions.figures import in_force
from api.security import Caller
from models import TreatmentPlan
from rules.aftercare import Aftercare
from rules.aftercare import aftercare as advice_for


async def aftercare(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, areas: Iterable[str], on: date
) -> Aftercare:
    """Advice by time, red flags, and the usual course of common effects, shedding included.

    areas: those treated, or planned. on: the local day of the session.
    """
    loaded = await load_formula(db, caller.clinic_id, plan.formula_version_id)
    codes = [line.ingredient_code for line in loaded.formula.components]
    rule_set = await in_force(db, caller.clinic_id, on)
    return advice_for(codes, areas, rule_set.figures)
