"""Whether what a session will draw from is in the cupboard at all.

Sessions reserve no lots, so which lot a visit draws from is judged when it is given. But where
the clinic keeps lots of an ingredient and none that could be used is left, every visit that needs
it would be refused: that is known today. An ingredient of which no lot was ever received says
nothing; of what may come by the day of the visit nobody knows, so the cupboard of today counts.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.concerned import About
from api.security import Caller
from models import FormulaComponent, Lot, LotState, TreatmentPlan
from rules.finding import Finding, Outcome, Severity


async def lacking(
    db: AsyncSession, clinic_id: UUID, plans: Iterable[TreatmentPlan], today: date
) -> dict[UUID, tuple[Finding, ...]]:
    """By formula version: one finding for each ingredient of which no usable lot is left.

    One query for all the plans, and a second one where something is lacking.
    """
    ingredient = col(FormulaComponent.ingredient_id)
    statement = (
        select(
            FormulaComponent.formula_version_id,
            FormulaComponent.ingredient_id,
            FormulaComponent.ingredient_code,
        )
        .where(
            FormulaComponent.clinic_id == clinic_id,
            col(FormulaComponent.formula_version_id).in_(
                {plan.formula_version_id for plan in plans}
            ),
            select(Lot.id)
            .where(Lot.clinic_id == clinic_id, Lot.ingredient_id == ingredient)
            .exists(),
            ~_usable(clinic_id, ingredient, today),
        )
        .order_by(col(FormulaComponent.ingredient_code), col(FormulaComponent.id))
    )
    lines = (await db.exec(statement)).all()
    last = await _last_lots(db, clinic_id, {ingredient_id for _, ingredient_id, _ in lines})
    found: defaultdict[UUID, dict[str, Finding]] = defaultdict(dict)
    for version_id, ingredient_id, code in lines:
        found[version_id].setdefault(code, _finding(code, last[ingredient_id], today))
    return {version_id: tuple(each.values()) for version_id, each in found.items()}


async def _last_lots(
    db: AsyncSession, clinic_id: UUID, ingredient_ids: set[UUID]
) -> dict[UUID, Lot]:
    """Of each ingredient the lot that was lost last; of those never moved, the newest."""
    if not ingredient_ids:
        return {}
    statement = (
        select(Lot)
        .where(Lot.clinic_id == clinic_id, col(Lot.ingredient_id).in_(ingredient_ids))
        .order_by(col(Lot.state_changed_at).asc().nulls_first(), col(Lot.id))
    )
    return {lot.ingredient_id: lot for lot in await db.exec(statement)}


async def turned(db: AsyncSession, caller: Caller, about: About) -> bool:
    """Whether with this lot its ingredient ran out, or is there again: no other one is usable."""
    lot = await db.get_one(Lot, (about.clinic_id, about.id))
    other = _usable(about.clinic_id, lot.ingredient_id, caller.today, besides=lot.id)
    return not (await db.exec(select(other))).one()


def _usable(clinic_id: UUID, ingredient_id: Any, today: date, besides: UUID | None = None) -> Any:
    kept = aliased(Lot)
    statement = select(kept.id).where(
        kept.clinic_id == clinic_id,
        kept.ingredient_id == ingredient_id,
        kept.state == LotState.AVAILABLE,
        kept.expires_on >= today,
        kept.remaining_volume_ul > 0,
    )
    if besides is not None:
        statement = statement.where(kept.id != besides)
    return statement.exists()


def _finding(code: str, lot: Lot, today: date) -> Finding:
    state = lot.state
    if state is LotState.AVAILABLE:
        state = LotState.EXPIRED if lot.expires_on < today else LotState.USED_UP
    word = state.value.replace("_", " ")
    return Finding(
        code="LOT",
        outcome=Outcome.FAIL,
        severity=Severity.BLOCK,
        title="Nothing to draw from",
        message=f"No usable lot of {code} is left; the last, {lot.lot_number}, is {word}.",
        pointer=None,
        measured=None,
        limit=None,
        unit=None,
        source="the clinic's own stock, see /v1/lots",
        evidence="convention",
        remedy="Receive or release a lot before the visit, or move the session.",
        first_day=None,
        override_role=None,
        second_person=False,
    )
