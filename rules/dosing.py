"""Rules on the dose of one session: in all, and per kilogram of body weight."""

from fractions import Fraction

from rules import limits, wording
from rules.case import Case
from rules.finding import Fault, Severity, fail, unknown
from rules.lines import Line, SessionDose
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
