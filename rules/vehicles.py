"""Rules on what the mixture is dissolved in: oil, alcohol, and how much water can hold."""

from fractions import Fraction

from rules import wording
from rules.arithmetic import rounded_text
from rules.case import Case
from rules.finding import Fault, Severity, fail, unknown
from rules.lines import Line
from rules.registry import NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE, _WARN = Severity.BLOCK, Severity.OVERRIDE, Severity.WARN


@rule(
    "MIX-OIL-ALCOHOL",
    21,
    title="Oil or too much alcohol",
    why="Oil and alcohol under the skin cause necrosis and granuloma.",
    stages=(Stage.FORMULA_APPROVAL,),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=_OVERRIDE,
    remedy="Use an aqueous product",
    source="review [KON-2013] (no oil/alcohol: necrosis); 5 % figure `unsure`",
    evidence="review",
    passing="5.00 % v/v ethanol",
    failing="6.00 % v/v ethanol",
    override_role=PRESCRIBER,
    parameters=("mix.ethanol_max",),
)
def oil_and_alcohol(case: Case) -> Answer:
    """No oil vehicle; ethanol as a share of the mixture, exactly the maximum passes.

    An ingredient that only comes in water counts as free of both until a product says otherwise.
    """
    if not case.lines:
        return NOT_APPLICABLE
    oily = [line for line in case.lines if line.component.oil]
    if oily:
        return tuple(
            fail(_BLOCK, f"{line.code} is in oil.", case.component_pointer(line)) for line in oily
        )
    total = case.prepared_ul
    parts = [_ethanol_ul(line) for line in case.lines]
    untold = [line for line in case.lines if line.component.oil is None and not _aqueous(line)]
    if untold or None in parts or total is None:
        names = wording.listed(sorted({line.code for line in untold}) or ["A volume"])
        text = f"{names}: whether it is in oil or alcohol is not stated."
        return (unknown(_OVERRIDE, text, "/components"),)
    share = Fraction(sum(part for part in parts if part is not None) * 100, total)
    most = Fraction(case.figures.integer("mix.ethanol_max"), 100)
    if share <= most:
        return ()
    measured, limit = rounded_text(share, 2), rounded_text(most, 2)
    text = f"{measured} % v/v ethanol in the mixture; the maximum is {limit} %."
    return (fail(_OVERRIDE, text, measured=measured, limit=limit, unit="%"),)


def _aqueous(line: Line) -> bool:
    return line.ingredient is not None and line.ingredient.has("aqueous")


def _ethanol_ul(line: Line) -> int | None:
    stated = line.component.ethanol_ul
    return 0 if stated is None and _aqueous(line) else stated


@rule(
    "MIX-SOLUBILITY",
    22,
    title="More than water can dissolve",
    why="What does not stay dissolved is injected as crystals.",
    stages=(Stage.FORMULA_APPROVAL,),
    severities=(_OVERRIDE, _WARN),
    if_missing=_WARN,
    remedy="Inspect for crystals; use the licensed vehicle",
    source="label [MNX-LBL] about 2 mg/mL",
    evidence="label",
    passing="2.0 mg/mL minoxidil",
    failing="5.0 mg/mL minoxidil without cosolvent",
    override_role=PRESCRIBER,
)
def solubility(case: Case) -> Answer:
    """Final concentration against aqueous solubility, unless the product covers the dilution."""
    bound = [
        line
        for line in case.lines
        if line.ingredient
        and line.ingredient.solubility_milli
        and not line.component.vehicle_covers_dilution
    ]
    if not bound:
        return NOT_APPLICABLE
    return tuple(fault for line in bound if (fault := _solubility_fault(case, line)))


def final_strength(case: Case, line: Line) -> Fraction | None:
    """The line's ingredient in its syringe, thousandths of the unit per mL; None if unknown."""
    total = case.syringe_ul(line.component.syringe)
    doses = [
        other.dose_micro
        for other in case.lines
        if (other.code, other.component.syringe) == (line.code, line.component.syringe)
    ]
    if total is None or None in doses:
        return None
    return Fraction(sum(dose for dose in doses if dose is not None), total)


def _solubility_fault(case: Case, line: Line) -> Fault | None:
    known, strength = line.ingredient, final_strength(case, line)
    if known is None or known.solubility_milli is None:
        return None
    if strength is None:
        return unknown(_WARN, f"{known.name}: its final concentration is unknown.")
    figure = known.solubility_milli
    if strength <= figure.value:
        return None
    measured, limit = wording.strength(strength), wording.strength(figure.value)
    return fail(
        _OVERRIDE,
        f"{known.name}: {measured} {known.unit}/mL in the mixture; water holds {limit} "
        f"{known.unit}/mL and no cosolvent is stated.",
        case.component_pointer(line),
        measured=measured,
        limit=limit,
        unit=f"{known.unit}/mL",
        source=figure.source,
        evidence=figure.evidence,
    )
