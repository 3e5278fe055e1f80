"""Rules on what a patient must not be given: allergies, conditions, medicines, age."""

from collections.abc import Iterator

from rules import wording
from rules.case import Case
from rules.facts import Patient
from rules.finding import Fault, Severity, fail, unknown
from rules.ingredient import Ingredient
from rules.lines import Line
from rules.pregnancy import is_lactating, is_pregnant
from rules.registry import NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE, _INFO = Severity.BLOCK, Severity.OVERRIDE, Severity.INFO
_SESSION = (Stage.CHECK_IN, Stage.ADMINISTRATION)


@rule(
    "CONTRA-ALLERGY-CLASS",
    37,
    title="Allergy to an ingredient or excipient",
    why="An allergy is to a class; the class hides in vehicles and preservatives too.",
    stages=(Stage.FORMULA_APPROVAL, *_SESSION),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Choose another ingredient/excipient; allergy work-up",
    source="label/review per class (1C)",
    evidence="review",
    passing="penicillin allergy and PDRN",
    failing="fish allergy and PDRN (salmonid DNA)",
    patient_bound=True,
)
def allergy_classes(case: Case) -> Answer:
    """The patient's classes against those of ingredients, vehicles, products and lots in use.

    "No known allergy" must be recorded; an empty list is "not asked". At check-in the answer
    must have been confirmed that day.
    """
    patient = case.facts.patient
    if patient is None or not (patient.allergies or patient.no_known_allergies):
        return (unknown(_BLOCK, "Allergies were not asked about."),)
    faults: list[Fault] = []
    if case.stage is Stage.CHECK_IN and not _confirmed_today(case):
        text = "Allergies were not confirmed today."
        faults.append(unknown(_BLOCK, text, "/allergies_confirmed"))
    allergies = {case.canonical(code) for code in patient.allergies or ()}
    if allergies:
        faults.extend(_line_matches(case, allergies))
        faults.extend(_lot_matches(case, allergies))
    return tuple(faults)


def _confirmed_today(case: Case) -> bool:
    return case.facts.screening is not None and bool(case.facts.screening.allergies_confirmed)


def _line_matches(case: Case, allergies: set[str]) -> list[Fault]:
    faults = []
    for line in case.lines:
        known, stated = line.ingredient, line.component.excipient_classes
        classes = {line.code, f"{line.code}_ALLERGY", *(stated or ())}
        if known is not None:
            classes.update(known.allergy_classes, known.vehicle_classes)
        pointer, found = case.component_pointer(line), sorted(classes & allergies)
        if found:
            name = known.name if known is not None else line.code
            text = f"{name} carries {wording.listed(found)}, to which the patient is allergic."
            faults.append(fail(_BLOCK, text, pointer, measured=wording.listed(found)))
        elif known is None or (not known.composition_known and stated is None):
            text = f"What {line.code} is made of is not known; the patient has allergies."
            faults.append(unknown(_BLOCK, text, pointer))
    return faults


def _lot_matches(case: Case, allergies: set[str]) -> list[Fault]:
    faults = []
    for place, lot in enumerate(case.facts.lots or ()):
        found = sorted(set(lot.excipient_classes or ()) & allergies)
        if found:
            text = f"Lot {lot.lot_number or lot.lot_id} carries {wording.listed(found)}."
            faults.append(
                fail(_BLOCK, text, f"/lots/{place}/lot_id", measured=wording.listed(found))
            )
    return faults


@rule(
    "CONTRA-CONDITION-INGREDIENT",
    38,
    title="Condition that speaks against an ingredient",
    why="Each ingredient has conditions in which its label or experience forbids it.",
    stages=(Stage.FORMULA_APPROVAL, Stage.PLAN_ACTIVATION, Stage.CHECK_IN),
    severities=(_BLOCK, _OVERRIDE, _INFO),
    if_missing=_OVERRIDE,
    remedy="Remove the ingredient",
    source="label [MNX-LBL] (pheochromocytoma)",
    evidence="label",
    passing="hypothyroidism and minoxidil",
    failing="pheochromocytoma and minoxidil",
    override_role=PRESCRIBER,
    patient_bound=True,
)
def conditions_against_ingredients(case: Case) -> Answer:
    """Active conditions against the ingredients' lists and the general contraindications.

    Absolute ones block, relative ones ask for an override, a mere precaution is told.
    """
    if not case.lines:
        return NOT_APPLICABLE
    patient = case.facts.patient
    if patient is None or patient.conditions is None:
        return (unknown(_OVERRIDE, "The patient's conditions were not asked about."),)
    present = set(patient.conditions) | _derived(case, patient)
    faults = []
    for line in case.lines:
        if line.ingredient is None:
            faults.append(unknown(_BLOCK, f"{line.code} is in no list of ingredients."))
        else:
            faults.extend(_listed_faults(case, line, line.ingredient, present))
    return (*faults, *_general_faults(case, present, faults))


def _listed_faults(case: Case, line: Line, known: Ingredient, present: set[str]) -> Iterator[Fault]:
    """What the ingredient's own lists say about the conditions that are there."""
    for severity, listed, word in (
        (_BLOCK, known.contra_block, "must not be given with {}."),
        (_OVERRIDE, known.contra_override, "is given with {} only with care."),
    ):
        for code in sorted(present.intersection(listed)):
            text = f"{known.name} {word.format(code)}"
            yield fail(severity, text, case.component_pointer(line), measured=code)


def _general_faults(case: Case, present: set[str], listed: list[Fault]) -> Iterator[Fault]:
    """The first row that fits of each condition, unless an ingredient's list weighs it as much.

    Rows of one condition stand worst first.
    """
    told = {(each.measured, weight) for each in listed for weight in _AS_MUCH[each.severity]}
    for row in case.figures.contraindications:
        severity = _LEVELS[row.level]
        if row.condition not in present or (row.condition, severity) in told:
            continue
        if _concerns(case, row.ingredients):
            told |= {(row.condition, weight) for weight in _AS_MUCH[severity]}
            yield fail(
                severity,
                f"{row.condition}: {row.what}.",
                measured=row.condition,
                source=row.source,
                evidence=row.evidence,
            )


_LEVELS = {"absolute": _BLOCK, "relative": _OVERRIDE, "precaution": _INFO}
# What need not be said once that much was said.
_AS_MUCH = {_BLOCK: (_BLOCK, _OVERRIDE, _INFO), _OVERRIDE: (_OVERRIDE, _INFO), _INFO: (_INFO,)}


def _concerns(case: Case, selectors: tuple[str, ...]) -> bool:
    """Whether a line of the formula answers to one of the selectors; `*` is any formula."""
    if "*" in selectors:
        return True
    words = {line.code for line in case.lines}
    for line in case.lines:
        if line.ingredient is not None:
            words.update(f"@{attribute}" for attribute in line.ingredient.attributes)
    return not words.isdisjoint(selectors)


def _derived(case: Case, patient: Patient) -> set[str]:
    """Conditions that follow from the patient's other data."""
    found = set()
    if is_pregnant(patient):
        found.add("PREGNANCY")
    if is_lactating(patient):
        found.add("LACTATION")
    if patient.childbearing_potential and not patient.effective_contraception:
        found.add("WOCBP_WITHOUT_CONTRACEPTION")
    if patient.born_on is not None and completed_years(patient, case) < 18:
        found.add("AGE_LT_18")
    if "SEVERE_RENAL_IMPAIRMENT" in (patient.conditions or ()):
        found.add("RENAL_IMPAIRMENT")
    return found


def completed_years(patient: Patient, case: Case) -> int:
    """Age on the day; someone born on 29 February turns on 1 March of other years."""
    born, on = patient.born_on, case.facts.on
    if born is None:
        raise ValueError("the date of birth is not known")
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@rule(
    "CONTRA-INTERACTION-DRUG",
    39,
    title="Current medicine that interacts",
    why="What the patient takes meets what is injected.",
    stages=(Stage.FORMULA_APPROVAL, Stage.PLAN_ACTIVATION, Stage.CHECK_IN),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=_OVERRIDE,
    remedy="Prescriber review",
    source="label (recalled)",
    evidence="label",
    passing="levothyroxine and tranexamic acid",
    failing="combined hormonal contraceptive and tranexamic acid",
    override_role=PRESCRIBER,
    patient_bound=True,
)
def interacting_medicines(case: Case) -> Answer:
    """Current medicines against the interactions of each ingredient.

    Where no ingredient has any, there is nothing to ask about.
    """
    if all(line.ingredient and not line.ingredient.interactions for line in case.lines):
        return NOT_APPLICABLE
    patient = case.facts.patient
    if patient is None or patient.medications is None:
        return (unknown(_OVERRIDE, "Current medicines were not asked about."),)
    faults = []
    for line in case.lines:
        known = line.ingredient
        if known is None:
            faults.append(unknown(_BLOCK, f"{line.code} is in no list of ingredients."))
            continue
        for code in sorted(set(patient.medications).intersection(known.interactions)):
            text = f"{known.name} interacts with the current medicine {code}."
            pointer = case.component_pointer(line)
            faults.append(fail(_OVERRIDE, text, pointer, measured=code))
    return tuple(faults)
