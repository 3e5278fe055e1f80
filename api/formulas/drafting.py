"""From a request to the lines of a version: every quantity exact, every fault with its pointer."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.fields import to_int
from api.formulas.mixture import EXCIPIENTS_STATED
from api.formulas.schemas import ComponentIn, LabelLimits, Measure, Mixture
from api.formulas.strengths import UnfitStrength, read_amount, read_strength
from api.ingredients import service as ingredients
from api.problems import FieldError, InvalidRequest
from models import FormulaComponent, Ingredient

_HIGHEST_TOTAL_UL = 1_000_000


async def lines_of(
    db: AsyncSession, clinic_id: UUID, version_id: UUID, mixture: Mixture
) -> list[FormulaComponent]:
    """The lines of a version in their order.

    Raises InvalidRequest with a pointer for every unknown ingredient and unfit strength.
    """
    codes = {component.ingredient_code for component in mixture.components}
    known = await ingredients.by_codes(db, clinic_id, codes)
    errors: list[FieldError] = []
    lines = []
    for position, component in enumerate(mixture.components):
        ingredient = known.get(component.ingredient_code)
        if ingredient is None:
            pointer = f"/components/{position}/ingredient_code"
            errors.append(FieldError(pointer, "unknown_ingredient", "Not in the formulary."))
            continue
        try:
            lines.append(_line(position, component, ingredient, version_id))
        except UnfitStrength as unfit:
            pointer = f"/components/{position}/{unfit.field}"
            errors.append(FieldError(pointer, unfit.code, unfit.reason))
    if sum_of_volumes_ul(lines) > _HIGHEST_TOTAL_UL:
        errors.append(FieldError("/components", "range", "Together more than 1000 mL."))
    if errors:
        raise InvalidRequest(errors)
    return lines


def total_volume_ul(mixture: Mixture, lines: Sequence[FormulaComponent]) -> int:
    """The declared total, or the sum of the lines where none is declared."""
    if mixture.total_volume_ml is not None:
        return to_int(mixture.total_volume_ml, 3)
    return sum_of_volumes_ul(lines)


def sum_of_volumes_ul(lines: Sequence[FormulaComponent]) -> int:
    return sum(line.volume_ul for line in lines)


def _line(
    position: int, component: ComponentIn, ingredient: Ingredient, version_id: UUID
) -> FormulaComponent:
    stock = component.stock_concentration
    strength = read_strength(
        ingredient.unit,
        None if stock is None else stock.value,
        None if stock is None else stock.unit,
        component.percent_wv,
    )
    volume_ul = to_int(component.volume_ml, 3)
    facts = _product_facts(component, ingredient)
    return FormulaComponent(
        clinic_id=ingredient.clinic_id,
        formula_version_id=version_id,
        position=position,
        syringe=component.syringe,
        ingredient_id=ingredient.id,
        ingredient_code=ingredient.code,
        concentration_milli=strength.concentration_milli,
        volume_ul=volume_ul,
        dose_micro=strength.concentration_milli * volume_ul,
        percent_wv_micro=strength.percent_micro,
        product_name=component.product_name,
        product_facts=_canonical(facts) if facts else None,
        excipient_classes=tuple(sorted(set(component.excipient_classes or ()))),
    )


def _canonical(facts: dict[str, Any]) -> str:
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _product_facts(component: ComponentIn, ingredient: Ingredient) -> dict[str, Any]:
    """What the leaflet says, in the names and scales in which the rules read it."""
    facts: dict[str, Any] = {}
    if component.excipient_classes is not None:
        facts[EXCIPIENTS_STATED] = True
    if component.label is not None:
        facts |= _label_facts(component.label, ingredient)
    return facts


def _label_facts(label: LabelLimits, ingredient: Ingredient) -> dict[str, Any]:
    facts = {
        "label_max_concentration_milli": _label_concentration(label.max_concentration, ingredient),
        "label_max_session_micro": _label_session(label.max_session, ingredient),
        "label_min_interval_days": label.min_interval_days,
        "do_not_mix": label.do_not_mix,
        "oil": label.oil,
        "ethanol_ul": _microlitres(label.ethanol_ml),
        "vehicle_covers_dilution": label.vehicle_covers_dilution,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _label_concentration(measure: Measure | None, ingredient: Ingredient) -> int | None:
    if measure is None:
        return None
    try:
        return read_strength(ingredient.unit, measure.value, measure.unit, None).concentration_milli
    except UnfitStrength as unfit:
        raise unfit.at("label/max_concentration") from None


def _label_session(measure: Measure | None, ingredient: Ingredient) -> int | None:
    if measure is None:
        return None
    try:
        return read_amount(ingredient.unit, measure.value, measure.unit)
    except UnfitStrength as unfit:
        raise unfit.at("label/max_session") from None


def _microlitres(volume_ml: Decimal | None) -> int | None:
    return None if volume_ml is None else to_int(volume_ml, 3)
