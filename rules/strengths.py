"""Rules on strength: what a label says of a line, and how strong the mixture is."""

from collections.abc import Iterator
from fractions import Fraction

from rules import limits, wording
from rules.case import Case
from rules.dosing import not_in_any_list
from rules.finding import Fault, Severity, fail, unknown
from rules.lines import Line
from rules.registry import MEDICAL_DIRECTOR, NOT_APPLICABLE, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE, _WARN = Severity.BLOCK, Severity.OVERRIDE, Severity.WARN


@rule(
    "DOSE-UNIT-CONSISTENCY",
    8,
    title="Declared percentage does not match the strength",
    why="A percentage and a strength of one line are two ways to say one thing; a tenfold slip "
    "shows when they disagree.",
    stages=(Stage.FORMULA_APPROVAL,),
    severities=(_BLOCK,),
    if_missing=_WARN,
    remedy="Correct the strength; tenfold slips are the usual cause",
    source="arithmetic: 1 % w/v = 10 mg/mL",
    evidence="convention",
    passing="0.5 % beside 5 mg/mL",
    failing="0.05 % beside 5 mg/mL: tenfold",
    parameters=("dose.strength_tolerance",),
)
def strength_consistency(case: Case) -> Answer:
    """Compare % w/v x 10 with mg/mL; a difference of exactly the tolerance passes."""
    declared = [line for line in case.lines if line.component.percent_milli is not None]
    if not declared:
        return NOT_APPLICABLE
    return tuple(fault for line in declared if (fault := _strength_fault(case, line)))


def _strength_fault(case: Case, line: Line) -> Fault | None:
    percent, strength = line.component.percent_milli or 0, line.component.concentration_milli
    pointer = case.component_pointer(line, "/stock_concentration")
    if strength is None:
        return unknown(_WARN, f"{line.code}: the strength in mg/mL is missing.", pointer)
    if line.ingredient is None:
        return not_in_any_list(case, line)
    if line.ingredient.unit != "mg":
        return unknown(
            _WARN, f"{line.code} is counted in {line.ingredient.unit}, not in mg/mL.", pointer
        )
    tolerance = case.figures.integer("dose.strength_tolerance")  # hundredths of a percent
    difference = abs(percent * 10 - strength)
    if difference * 100 * 100 <= strength * tolerance:
        return None
    stated, expected = wording.strength(strength), wording.strength(percent * 10)
    return fail(
        _BLOCK,
        f"{line.code}: {wording.strength(percent)} % w/v is {expected} mg/mL, but {stated} mg/mL "
        "is stated.",
        pointer,
        measured=stated,
        limit=expected,
        unit="mg/mL",
    )


@rule(
    "DOSE-CONC-MAX",
    9,
    title="Final concentration above the maximum",
    why="What reaches the tissue is the mixture; too strong a mixture injures it.",
    stages=(Stage.FORMULA_APPROVAL, Stage.ADMINISTRATION),
    severities=(_BLOCK, _OVERRIDE, _WARN),
    if_missing=_BLOCK,
    remedy="Dilute, or reduce the dose",
    source="section 1B (per ingredient)",
    evidence="convention",
    passing="8 mg minoxidil in 1.6 mL: 5.0000 mg/mL",
    failing="8 mg minoxidil in 1.5 mL: 5.3333 mg/mL",
    override_role=MEDICAL_DIRECTOR,
    second_person=True,
)
def maximum_concentration(case: Case) -> Answer:
    """Dose in the syringe over its volume, compared before rounding; equal passes.

    A limit nobody has published is told as not checked; it never passes in silence.
    """
    if not case.lines:
        return NOT_APPLICABLE
    return tuple(_concentration_faults(case))


def _concentration_faults(case: Case) -> Iterator[Fault]:
    seen: set[tuple[str, int]] = set()
    for line in case.lines:
        known, place = line.ingredient, (line.code, line.component.syringe)
        if known is None:
            yield not_in_any_list(case, line)
        elif known.unit != "mL" and place not in seen:  # a volume in a volume has no strength
            seen.add(place)
            same = [each for each in case.lines if (each.code, each.component.syringe) == place]
            yield from _concentration_fault(case, line, same)


def _concentration_fault(case: Case, line: Line, same: list[Line]) -> Iterator[Fault]:
    known, pointer = line.ingredient, case.component_pointer(line)
    total = case.syringe_ul(line.component.syringe)
    doses = [each.dose_micro for each in same if each.dose_micro is not None]
    if known is None or not limits.needs_a_limit(known):
        return
    if total is None or len(doses) < len(same):
        text = f"{known.name}: a strength or a volume is missing, so the concentration is unknown."
        yield unknown(_BLOCK, text, pointer)
        return
    found = [limits.concentration_limit(case, known, each.component) for each in same]
    stated = [limit for limit in found if limit is not None]
    if len(stated) < len(found):
        text = f"{known.name}: no maximum concentration is known, so it was not checked."
        yield unknown(_WARN, text, pointer, source=known.source, evidence=known.evidence)
        return
    limit = min(stated, key=lambda each: each.value)
    measured = Fraction(sum(doses), total)
    if measured <= limit.value:
        return
    ceiling = known.ceiling_concentration_milli
    severity = _BLOCK if ceiling is not None and measured > ceiling.value else _OVERRIDE
    yield fail(
        severity,
        f"{known.name}: {wording.strength(measured)} {known.unit}/mL in the mixture; the maximum "
        f"is {wording.strength(limit.value)} {known.unit}/mL.",
        pointer,
        measured=wording.strength(measured),
        limit=wording.strength(limit.value),
        unit=f"{known.unit}/mL",
        source=limit.source,
        evidence=limit.evidence,
    )
