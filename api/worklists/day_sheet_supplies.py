"""What is mixed on a day, and the lots that it comes from."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.fields import to_decimal
from api.security import Caller
from api.worklists.day_sheet_schemas import (
    SheetComponent,
    SheetFormula,
    SheetLot,
    SheetStrength,
    SheetSupply,
)
from models import (
    Formula,
    FormulaComponent,
    FormulaVersion,
    Hold,
    HoldScope,
    Ingredient,
    Lot,
    LotState,
    TreatmentPlan,
)


async def formulas(
    db: AsyncSession, caller: Caller, plans: Collection[TreatmentPlan]
) -> dict[UUID, SheetFormula]:
    """By plan, what its sessions get; empty for a caller who may not see it."""
    if not caller.may("formulas:read"):
        return {}
    versions = {plan.formula_version_id for plan in plans}
    statement = (
        select(FormulaVersion, Formula)
        .join(
            Formula,
            (col(Formula.clinic_id) == col(FormulaVersion.clinic_id))
            & (col(Formula.id) == col(FormulaVersion.formula_id)),
        )
        .where(FormulaVersion.clinic_id == caller.clinic_id, col(FormulaVersion.id).in_(versions))
    )
    known = {version.id: (version, formula) for version, formula in await db.exec(statement)}
    components = await _components(db, caller, versions)
    return {plan.id: _formula(plan, *known[plan.formula_version_id], components) for plan in plans}


def _formula(
    plan: TreatmentPlan,
    version: FormulaVersion,
    formula: Formula,
    components: Mapping[UUID, tuple[SheetComponent, ...]],
) -> SheetFormula:
    return SheetFormula(
        formula_id=formula.id,
        name=formula.name,
        number=version.number,
        areas=plan.areas,
        volume_per_session_ml=to_decimal(plan.volume_per_session_ul, 3),
        components=components.get(version.id, ()),
    )


async def _components(
    db: AsyncSession, caller: Caller, versions: Collection[UUID]
) -> dict[UUID, tuple[SheetComponent, ...]]:
    statement = (
        select(FormulaComponent, Ingredient.unit)
        .join(
            Ingredient,
            (col(Ingredient.clinic_id) == col(FormulaComponent.clinic_id))
            & (col(Ingredient.id) == col(FormulaComponent.ingredient_id)),
        )
        .where(
            FormulaComponent.clinic_id == caller.clinic_id,
            col(FormulaComponent.formula_version_id).in_(versions),
        )
        .order_by(col(FormulaComponent.position))
    )
    found: dict[UUID, list[SheetComponent]] = defaultdict(list)
    for line, unit in await db.exec(statement):
        found[line.formula_version_id].append(
            SheetComponent(
                ingredient_code=line.ingredient_code,
                stock_concentration=SheetStrength(
                    value=to_decimal(line.concentration_milli, 3), unit=f"{unit}/mL"
                ),
                volume_ml=to_decimal(line.volume_ul, 3),
                syringe=line.syringe,
            )
        )
    return {version: tuple(lines) for version, lines in found.items()}


async def supplies(
    db: AsyncSession, caller: Caller, mixed: Iterable[SheetFormula], on: date
) -> tuple[SheetSupply, ...] | None:
    """What the formulas need together, one for each session still to be performed."""
    if not caller.may("formulas:read"):
        return None
    needed: dict[str, list[Any]] = defaultdict(list)
    for formula in mixed:
        volumes: dict[str, Any] = {}
        for line in formula.components:
            volumes[line.ingredient_code] = volumes.get(line.ingredient_code, 0) + line.volume_ml
        for code, volume_ml in volumes.items():
            needed[code].append(volume_ml)
    lots = await _usable(db, caller, needed, on)
    return tuple(
        SheetSupply(
            ingredient_code=code,
            sessions=len(volumes),
            volume_ml=sum(volumes),
            enough=sum(lot.remaining_volume_ml for lot in lots[code]) >= sum(volumes),
            lots=tuple(lots[code]),
        )
        for code, volumes in sorted(needed.items())
    )


async def _usable(
    db: AsyncSession, caller: Caller, codes: Collection[str], on: date
) -> dict[str, list[SheetLot]]:
    """Lots that are not held, not expired and not empty on the day, the first to expire first."""
    held = select(Hold.lot_id).where(
        Hold.clinic_id == caller.clinic_id,
        Hold.scope == HoldScope.LOT,
        col(Hold.released_at).is_(None),
        col(Hold.patient_id).is_(None),
    )
    statement = (
        select(Lot)
        .where(
            Lot.clinic_id == caller.clinic_id,
            col(Lot.ingredient_code).in_(codes),
            Lot.state == LotState.AVAILABLE,
            Lot.expires_on >= on,
            Lot.remaining_volume_ul > 0,
            col(Lot.id).not_in(held),
        )
        .order_by(col(Lot.expires_on), col(Lot.id))
    )
    found: dict[str, list[SheetLot]] = defaultdict(list)
    for lot in await db.exec(statement):
        if not _in_use_too_long(lot, on):
            found[lot.ingredient_code].append(
                SheetLot(
                    lot_id=lot.id,
                    lot_number=lot.lot_number,
                    product_name=lot.product_name,
                    expires_on=lot.expires_on,
                    opened_on=lot.opened_on,
                    remaining_volume_ml=to_decimal(lot.remaining_volume_ul, 3),
                )
            )
    return found


def _in_use_too_long(lot: Lot, on: date) -> bool:
    """Opened longer than its label allows. Without a label's word the rules decide at the time."""
    if lot.opened_on is None or lot.in_use_days is None:
        return False
    return on > lot.opened_on + timedelta(days=lot.in_use_days)
