"""Rules on the dose of one session: per line, per ingredient, per kilogram, per area."""

from collections.abc import Iterator
from fractions import Fraction

from rules import limits, wording
from rules.case import Case, Line, SessionDose
from rules.finding import Fault, Severity, fail, unknown
from rules.registry import MEDICAL_DIRECTOR, NOT_APPLICABLE, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE, _WARN = Severity.BLOCK, Severity.OVERRIDE, Severity.WARN


def not_in_any_list(case: Case, line: Line) -> Fault:
    """An ingredient that neither the rule set nor the clinic knows: nothing can be checked."""
    return unknown(
        _BLOCK,
        f"{line.component.ingredient_code} is in no list of ingredients, so nothing about it can "
        "be checked.",
        case.component_pointer(line, "/ingredient_code"),
    )


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


@rule(
    "DOSE-ABS-MAX",
    10,
    title="Dose of the session above the maximum",
    why="All lines, syringes and areas of a session add up in one body.",
    stages=(Stage.FORMULA_APPROVAL, Stage.PLAN_ACTIVATION, Stage.ADMINISTRATION),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=_BLOCK,
    remedy="Reduce volume or strength",
    source="label [LID-LBL]",
    evidence="label",
    passing="20 mg/mL x 15.0 mL lidocaine: 300 mg",
    failing="20 mg/mL x 15.1 mL lidocaine: 302 mg",
    override_role=MEDICAL_DIRECTOR,
    second_person=True,
)
def maximum_session_dose(case: Case) -> Answer:
    """Concentration x volume summed per ingredient; equal passes.

    Above a limit of a label or regulator it blocks, above any other it asks for an override.
    """
    if not case.doses:
        return NOT_APPLICABLE
    return tuple(fault for dose in case.doses if (fault := _session_fault(case, dose)))


def _session_fault(case: Case, dose: SessionDose) -> Fault | None:
    known, pointer = dose.ingredient, case.dose_pointer(dose.lines)
    if known is None:
        return unknown(_BLOCK, f"{dose.code} is in no list of ingredients.", pointer)
    limit = limits.session_limit(dose)
    if limit is None:
        if not limits.needs_a_limit(known):
            return None
        return unknown(
            _OVERRIDE,
            f"{known.name}: no maximum dose is known; unknown is not unlimited.",
            pointer,
            source=known.source,
            evidence=known.evidence,
        )
    if dose.dose is None:
        return unknown(_BLOCK, f"{known.name}: the dose of the session is unknown.", pointer)
    if dose.dose <= limit.value:
        return None
    ceiling = known.ceiling_session_micro
    beyond = ceiling is not None and dose.dose > ceiling.value
    return fail(
        _BLOCK if beyond else limit.severity,
        f"{known.name}: {wording.amount(dose.dose)} {known.unit} in this session; the maximum is "
        f"{wording.amount(limit.value)} {known.unit}.",
        pointer,
        measured=wording.amount(dose.dose),
        limit=wording.amount(limit.value),
        unit=known.unit,
        source=limit.source,
        evidence=limit.evidence,
    )


@rule(
    "DOSE-WEIGHT-MAX",
    11,
    title="Dose above what the body weight allows",
    why="Some maxima grow with the body; a light patient reaches them first.",
    stages=(Stage.PLAN_ACTIVATION, Stage.CHECK_IN, Stage.ADMINISTRATION),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Weigh the patient; reduce the dose",
    source="label [LID-LBL]",
    evidence="label",
    passing="270 mg lidocaine at 60 kg: exactly 4.5 mg/kg",
    failing="272 mg lidocaine at 60 kg",
)
def maximum_dose_by_weight(case: Case) -> Answer:
    """Dose against the smaller of the absolute maximum and mg/kg x weight; equal passes."""
    weighed = [dose for dose in case.doses if dose.ingredient and dose.ingredient.max_per_kg_micro]
    if not weighed:
        return NOT_APPLICABLE
    return tuple(fault for dose in weighed if (fault := _weight_fault(case, dose)))


def _weight_fault(case: Case, dose: SessionDose) -> Fault | None:
    known, pointer = dose.ingredient, case.dose_pointer(dose.lines)
    if known is None or known.max_per_kg_micro is None:
        return None
    if case.facts.patient is None or case.facts.patient.weight_g is None:
        text = f"{known.name} is limited per kilogram and the patient's weight is not known."
        return unknown(_BLOCK, text, "/weight_kg" if case.stage is Stage.CHECK_IN else None)
    limit = limits.weight_limit(case, dose)
    if limit is None or dose.dose is None:
        return unknown(_BLOCK, f"{known.name}: the dose of the session is unknown.", pointer)
    if dose.dose * 1000 <= limit.value:
        return None
    weight = wording.thousandths(case.facts.patient.weight_g)
    most = wording.amount(Fraction(limit.value, 1000))
    return fail(
        _BLOCK,
        f"{known.name}: {wording.amount(dose.dose)} {known.unit} in this session; at {weight} kg "
        f"the maximum is {most} {known.unit} "
        f"({wording.amount(known.max_per_kg_micro.value)} {known.unit}/kg).",
        pointer,
        measured=wording.amount(dose.dose),
        limit=most,
        unit=known.unit,
        source=limit.source,
        evidence=limit.evidence,
    )
