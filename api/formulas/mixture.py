"""From a version's lines to what a reader sees: amounts, final concentrations, sums.

All arithmetic is on integers and fractions; a final concentration is rounded for reading only.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.fields import to_decimal
from api.formulas.answers import AmountRead, ComponentRead, MeasureRead
from models import FormulaComponent, FormulaVersion, Ingredient
from rules.arithmetic import final_concentration_milli, mixture_volume_ul, rounded_text

LABEL_SCALES = {"label_max_concentration_milli": 3, "label_max_session_micro": 6}
EXCIPIENTS_STATED = "excipients_stated"


@dataclass(frozen=True, slots=True)
class Line:
    """A stored line with the ingredient that it is of."""

    component: FormulaComponent
    ingredient: Ingredient


def components_read(version: FormulaVersion, lines: Sequence[Line]) -> list[ComponentRead]:
    """The lines in their order, each with its amount and its share of its syringe."""
    doses, volumes = _in_syringes(version, lines)
    return [
        _component_read(
            line,
            _concentration(doses[_place(line)], volumes[line.component.syringe]),
        )
        for line in lines
    ]


def amounts_read(lines: Sequence[Line]) -> list[AmountRead]:
    """The exact amount of each ingredient in the whole preparation, by code."""
    sums: defaultdict[str, int] = defaultdict(int)
    units: dict[str, str] = {}
    for line in lines:
        sums[line.component.ingredient_code] += line.component.dose_micro
        units[line.component.ingredient_code] = line.ingredient.unit.value
    return [
        AmountRead(ingredient_code=code, amount=_measure(to_decimal(sums[code], 6), units[code]))
        for code in sorted(sums)
    ]


def _place(line: Line) -> tuple[int, str]:
    return line.component.syringe, line.component.ingredient_code


def _in_syringes(
    version: FormulaVersion, lines: Sequence[Line]
) -> tuple[dict[tuple[int, str], int], dict[int, int]]:
    """The dose of each ingredient per syringe, and each syringe's volume in uL.

    The declared total counts where there is only one syringe, as it does for the rules.
    """
    doses: defaultdict[tuple[int, str], int] = defaultdict(int)
    drawn: defaultdict[int, list[int]] = defaultdict(list)
    for line in lines:
        doses[_place(line)] += line.component.dose_micro
        drawn[line.component.syringe].append(line.component.volume_ul)
    declared = version.total_volume_ul if len(drawn) == 1 else None
    return doses, {
        syringe: mixture_volume_ul(volumes, declared) for syringe, volumes in drawn.items()
    }


def _concentration(dose_micro: int, volume_ul: int) -> Decimal:
    milli = final_concentration_milli(dose_micro, volume_ul)
    return Decimal(rounded_text(milli / 1000))


def _component_read(line: Line, concentration: Decimal) -> ComponentRead:
    component, unit = line.component, line.ingredient.unit.value
    percent = component.percent_wv_micro
    facts: dict[str, Any] = json.loads(component.product_facts or "{}")
    known = facts.pop(EXCIPIENTS_STATED, False) or component.excipient_classes
    return ComponentRead(
        position=component.position,
        syringe=component.syringe,
        ingredient_code=component.ingredient_code,
        ingredient_name=line.ingredient.name,
        stock_concentration=_measure(to_decimal(component.concentration_milli, 3), f"{unit}/mL"),
        percent_wv=None if percent is None else to_decimal(percent, 6),
        volume_ml=to_decimal(component.volume_ul, 3),
        amount=_measure(to_decimal(component.dose_micro, 6), unit),
        final_concentration=_measure(concentration, f"{unit}/mL"),
        product_name=component.product_name,
        label=_label(facts, unit),
        excipient_classes=component.excipient_classes if known else None,
    )


def _measure(value: Decimal, unit: str) -> MeasureRead:
    return MeasureRead(value=value, unit=unit)


def _label(facts: dict[str, Any], unit: str) -> dict[str, Any] | None:
    """The leaflet's statements as they came in, with their units."""
    shown: dict[str, Any] = {}
    for name, value in facts.items():
        if name in LABEL_SCALES:
            measure = _measure(
                to_decimal(value, LABEL_SCALES[name]),
                f"{unit}/mL" if name.endswith("_milli") else unit,
            )
            plain_name = name.removeprefix("label_").rpartition("_")[0]
            shown[plain_name] = measure.model_dump(mode="json")
        elif name == "ethanol_ul":
            shown["ethanol_ml"] = str(to_decimal(value, 3).normalize())
        else:
            shown[name.removeprefix("label_")] = value
    return shown or None
