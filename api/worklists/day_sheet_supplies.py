"""What is mixed on a day, and the lots that it comes from."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.fields import to_decimal, to_int
from api.security import Caller
from api.worklists.day_sheet_lots import Need, Stock, allot, usable
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
    Ingredient,
    TreatmentPlan,
    TreatmentSession,
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
    db: AsyncSession,
    caller: Caller,
    mixed: Iterable[tuple[TreatmentSession, SheetFormula]],
    on: date,
) -> tuple[SheetSupply, ...] | None:
    """What these sessions need together, in their order, and the lots that they are drawn from."""
    if not caller.may("formulas:read"):
        return None
    needs: dict[str, list[Need]] = defaultdict(list)
    for session, formula in mixed:
        volumes: dict[str, int] = defaultdict(int)
        for line in formula.components:
            volumes[line.ingredient_code] += to_int(line.volume_ml, 3)
        for code, volume_ul in volumes.items():
            needs[code].append(Need(session.id, session.patient_id, code, volume_ul))
    if not needs:
        return ()
    patients = {each.patient_id for of_code in needs.values() for each in of_code}
    stocks = await usable(db, caller, needs, patients, on)
    return tuple(_supply(code, needs[code], stocks.get(code, [])) for code in sorted(needs))


def _supply(code: str, needs: Sequence[Need], stocks: Sequence[Stock]) -> SheetSupply:
    missing_ul = allot(needs, stocks)
    return SheetSupply(
        ingredient_code=code,
        sessions=len(needs),
        volume_ml=to_decimal(sum(each.volume_ul for each in needs), 3),
        enough=missing_ul == 0,
        missing_volume_ml=to_decimal(missing_ul, 3),
        lots=tuple(_lot(each) for each in stocks),
    )


def _lot(stock: Stock) -> SheetLot:
    lot = stock.lot
    return SheetLot(
        lot_id=lot.id,
        lot_number=lot.lot_number,
        product_name=lot.product_name,
        container=lot.container,
        expires_on=lot.expires_on,
        opened_on=lot.opened_on,
        last_day_on=stock.last_day_on,
        remaining_volume_ml=to_decimal(lot.remaining_volume_ul, 3),
        drawn_volume_ml=to_decimal(sum(stock.drawn_ul.values()), 3),
        session_ids=tuple(stock.drawn_ul),
    )
