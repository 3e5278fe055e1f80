"""Rules on whether an ingredient may be used at all, there, and with what known limit."""

from rules import limits, wording
from rules.areas import treated_areas, within
from rules.case import Case
from rules.dosing import not_in_any_list
from rules.finding import Fault, Severity, fail, unknown
from rules.ingredient import Status
from rules.lines import Line
from rules.registry import MEDICAL_DIRECTOR, NOT_APPLICABLE, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE = Severity.BLOCK, Severity.OVERRIDE


@rule(
    "STATUS-PROHIBITED",
    5,
    title="Prohibited ingredient",
    why="Some substances were withdrawn or are known to harm when injected; nobody may use them.",
    stages=(Stage.FORMULA_APPROVAL, Stage.ADMINISTRATION),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Remove the ingredient",
    source="regulator [EMA-BUF], [FDA-EXO]",
    evidence="regulator",
    passing="pentoxifylline and lidocaine",
    failing="buflomedil and lidocaine",
)
def prohibited_ingredients(case: Case) -> Answer:
    """One finding per prohibited line; an ingredient in no list refuses as well."""
    if not case.lines:
        return _without_formula(case)
    return tuple(fault for line in case.lines if (fault := _status_fault(case, line)))


def _without_formula(case: Case) -> Answer:
    if case.facts.formula is None:
        return (unknown(_BLOCK, "The formula is not known, so its ingredients are not either."),)
    return (unknown(_BLOCK, "The formula has no ingredients.", "/components"),)


def _status_fault(case: Case, line: Line) -> Fault | None:
    known = line.ingredient
    if known is None:
        return not_in_any_list(case, line)
    if known.status is not Status.PROHIBITED:
        return None
    return fail(
        _BLOCK,
        f"{known.name} is prohibited.",
        case.component_pointer(line, "/ingredient_code"),
        measured=known.code,
        source=known.source,
        evidence=known.evidence,
    )


@rule(
    "STATUS-AREA-RESTRICTED",
    6,
    title="Ingredient not allowed in this area",
    why="Some ingredients are licensed for one area only, or have injured patients in another.",
    stages=(Stage.FORMULA_APPROVAL, Stage.PLAN_ACTIVATION, Stage.ADMINISTRATION),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Choose another area or ingredient",
    source="label [DCA-LBL]; case [DUQ-2009]",
    evidence="label",
    passing="deoxycholic acid under the chin",
    failing="phosphatidylcholine on the scalp",
)
def restricted_areas(case: Case) -> Answer:
    """Every ingredient with an area list against every area treated."""
    bound = [
        line
        for line in case.lines
        if line.ingredient and (line.ingredient.allowed_areas or line.ingredient.denied_areas)
    ]
    if not bound:
        return NOT_APPLICABLE
    areas = treated_areas(case)
    if not areas:
        names = wording.listed(sorted({line.code for line in bound}))
        return (unknown(_BLOCK, f"{names}: the area to be treated is not stated.", "/areas"),)
    return tuple(
        fault for line in bound for area in areas if (fault := _area_fault(case, line, area))
    )


def _area_fault(case: Case, line: Line, area: str) -> Fault | None:
    known = line.ingredient
    if known is None:
        return None
    allowed = not known.allowed_areas or any(
        within(case, area, each) for each in known.allowed_areas
    )
    denied = any(
        within(case, area, each) or within(case, each, area) for each in known.denied_areas
    )
    if allowed and not denied:
        return None
    return fail(
        _BLOCK,
        f"{known.name} is not allowed in {area}.",
        case.component_pointer(line) or "/areas",
        measured=area,
        source=known.source,
        evidence=known.evidence,
    )


@rule(
    "STATUS-LIMIT-UNKNOWN",
    7,
    title="No maximum dose is known",
    why="Without a maximum nothing can be checked; unknown is not unlimited.",
    stages=(Stage.FORMULA_APPROVAL,),
    severities=(_OVERRIDE,),
    if_missing=_OVERRIDE,
    remedy="Enter the product IFU maximum, or override with reason",
    source="convention",
    evidence="convention",
    passing="biotin with 20 mg; saline needs none",
    failing="an amino-acid mix without any maximum",
    override_role=MEDICAL_DIRECTOR,
    second_person=True,
)
def unknown_limits(case: Case) -> Answer:
    """Every active has a maximum dose, from the ingredient or from its product."""
    if not case.doses:
        return NOT_APPLICABLE
    return tuple(
        fail(
            _OVERRIDE,
            f"{dose.ingredient.name if dose.ingredient else dose.code}: no maximum dose is known.",
            case.dose_pointer(dose.lines),
            measured=dose.code,
        )
        for dose in case.doses
        if dose.ingredient is None
        or (limits.needs_a_limit(dose.ingredient) and limits.session_limit(dose) is None)
    )
