"""Rules on pregnancy and breastfeeding: all treatment waits, some ingredients need a test."""

from rules import wording
from rules.case import Case
from rules.facts import Patient
from rules.finding import Fault, Severity, fail, unknown
from rules.registry import NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE = Severity.BLOCK, Severity.OVERRIDE
_SESSION = (Stage.CHECK_IN, Stage.ADMINISTRATION)


def may_be_pregnant(patient: Patient) -> bool:
    """Whether pregnancy must be asked: said so, or not excluded by sex."""
    if patient.childbearing_potential is not None:
        return patient.childbearing_potential
    return patient.sex != "male"


def is_pregnant(patient: Patient) -> bool:
    """Declared, tested or recorded as a condition."""
    return (
        patient.pregnancy == "pregnant"
        or patient.pregnancy_test == "positive"
        or "PREGNANCY" in (patient.conditions or ())
    )


def is_lactating(patient: Patient) -> bool:
    """Declared or recorded as a condition."""
    return bool(patient.lactating) or "LACTATION" in (patient.conditions or ())


def _asked_at(case: Case, field: str) -> str | None:
    """Where the answer stands in the screening; no other request asks these questions."""
    return f"/{field}" if case.stage is Stage.CHECK_IN else None


@rule(
    "CONTRA-PREGNANCY",
    35,
    title="Pregnancy or breastfeeding",
    why="All of this treatment is elective; it waits until after pregnancy and lactation.",
    stages=(Stage.PLAN_ACTIVATION, *_SESSION),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=_BLOCK,
    remedy="Defer until after pregnancy and lactation",
    source="convention; trial exclusions (NCT01655108)",
    evidence="convention",
    passing="declared not pregnant",
    failing="pregnant",
    override_role=PRESCRIBER,
    parameters=("pregnancy.asked_days",),
)
def pregnancy(case: Case) -> Answer:
    """Unknown in a person who may be pregnant is not a pass; breastfeeding asks for an override.

    On the day of a session the question must have been asked that day.
    """
    patient, pointer = case.facts.patient, _asked_at(case, "pregnancy_status")
    if patient is None:
        return (unknown(_BLOCK, "The patient is not known.", pointer),)
    if is_pregnant(patient):
        return (fail(_BLOCK, "The patient is pregnant.", pointer, measured="pregnant"),)
    faults: list[Fault] = []
    if is_lactating(patient):
        text, where = "The patient is breastfeeding.", _asked_at(case, "lactating")
        faults.append(fail(_OVERRIDE, text, where, measured="lactating"))
    if not may_be_pregnant(patient):
        return tuple(faults)
    if patient.pregnancy != "not_pregnant":
        text = "Pregnancy was not excluded in a patient who may be pregnant."
        faults.append(unknown(_BLOCK, text, pointer))
    elif _asked_too_long_ago(case, patient):
        text = "Pregnancy was last asked about on an earlier day, not today."
        faults.append(unknown(_BLOCK, text, pointer))
    if patient.lactating is None and not is_lactating(patient):
        text = "Breastfeeding was not asked about."
        faults.append(unknown(_OVERRIDE, text, _asked_at(case, "lactating")))
    return tuple(faults)


def _asked_too_long_ago(case: Case, patient: Patient) -> bool:
    if case.stage not in _SESSION or patient.pregnancy_asked_on is None:
        return False
    days = (case.facts.on - patient.pregnancy_asked_on).days
    return not 0 <= days <= case.figures.integer("pregnancy.asked_days")


@rule(
    "CONTRA-PREGNANCY-5ARI",
    36,
    title="Ingredient that harms an unborn child",
    why="5-alpha-reductase inhibitors and vitamin A are contraindicated in pregnancy by label.",
    stages=(Stage.FORMULA_APPROVAL, *_SESSION),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Use a formula without 5ARI; test; counsel",
    source="label (dutasteride/finasteride contraindicated in pregnancy) [DUT-LBL]; 7 d convention",
    evidence="label",
    passing="negative test 7 days old and effective contraception",
    failing="negative test 8 days old",
    patient_bound=True,
    parameters=("pregnancy.test_days",),
)
def pregnancy_with_5ari(case: Case) -> Answer:
    """With childbearing potential: a negative test at most 7 days old, and contraception.

    Breastfeeding blocks. Applies where the formula holds a 5ARI or vitamin A.
    """
    bound = sorted({x.code for x in case.lines if x.ingredient and x.ingredient.has(_TESTED)})
    if not bound:
        return NOT_APPLICABLE
    patient, pointer = case.facts.patient, _asked_at(case, "pregnancy_status")
    names = wording.listed(bound)
    if patient is None:
        return (unknown(_BLOCK, f"{names}: the patient is not known.", pointer),)
    if is_pregnant(patient):
        return (fail(_BLOCK, f"{names}: the patient is pregnant.", pointer, measured="pregnant"),)
    faults = []
    if is_lactating(patient):
        text, where = f"{names}: the patient is breastfeeding.", _asked_at(case, "lactating")
        faults.append(fail(_BLOCK, text, where, measured="lactating"))
    if may_be_pregnant(patient):
        faults.extend(_test_faults(case, patient, names))
    return tuple(faults)


_TESTED = "pregnancy_test"


def _test_faults(case: Case, patient: Patient, names: str) -> list[Fault]:
    faults, tested = [], patient.pregnancy_tested_on
    if patient.pregnancy_test != "negative" or tested is None:
        where = _asked_at(case, "pregnancy_test_result")
        faults.append(unknown(_BLOCK, f"{names}: there is no dated negative test.", where))
    else:
        days, most = (case.facts.on - tested).days, case.figures.integer("pregnancy.test_days")
        if not 0 <= days <= most:
            text = f"{names}: the negative test is {days} days old; at most {most} are accepted."
            where = _asked_at(case, "pregnancy_test_on")
            faults.append(fail(_BLOCK, text, where, measured=str(days), limit=str(most), unit="d"))
    where = _asked_at(case, "contraception_effective")
    if patient.effective_contraception is None:
        faults.append(unknown(_BLOCK, f"{names}: contraception was not asked about.", where))
    elif not patient.effective_contraception:
        faults.append(fail(_BLOCK, f"{names}: there is no effective contraception.", where))
    return faults
