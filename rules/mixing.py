"""Rules on what is in one syringe: volumes that balance, products given alone."""

from rules import wording
from rules.case import Case
from rules.facts import Administration
from rules.finding import Fault, Severity, fail, unknown
from rules.lines import Line
from rules.registry import NOT_APPLICABLE, Answer, rule
from rules.stage import Stage

_BLOCK = Severity.BLOCK


@rule(
    "MIX-VOLUME-BALANCE",
    17,
    title="Volumes do not balance",
    why="What was drawn must be what is there; a missing volume hides a wrong dose.",
    stages=(Stage.FORMULA_APPROVAL, Stage.ADMINISTRATION),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Correct a volume",
    source="arithmetic; tolerance convention",
    evidence="convention",
    passing="1.0 + 0.5 + 0.5 mL against 2.1 mL declared",
    failing="1.0 + 0.5 + 0.5 mL against 2.2 mL declared",
    parameters=("mix.balance_tolerance",),
)
def volume_balance(case: Case) -> Answer:
    """Sum of the lines against the declared total; at administration also what became of it.

    Administered + discarded must be what was prepared. Exactly the tolerance passes.
    """
    formula = case.facts.formula
    if formula is None:
        return NOT_APPLICABLE
    volumes = [line.component.volume_ul for line in case.lines]
    known = [volume for volume in volumes if volume is not None]
    faults: list[Fault | None] = []
    if formula.total_volume_ul is None or len(known) < len(volumes) or not volumes:
        faults.append(unknown(_BLOCK, "A volume, or the total volume, is missing.", _total(case)))
    else:
        parts, whole = sum(known), formula.total_volume_ul
        faults.append(_balance(case, "The lines add up to", parts, "declared", whole))
    if case.stage is Stage.ADMINISTRATION:
        faults.append(_used(case, case.facts.administration))
    return tuple(fault for fault in faults if fault is not None)


def _total(case: Case) -> str | None:
    return "/total_volume_ml" if case.stage is Stage.FORMULA_APPROVAL else None


def _used(case: Case, given: Administration | None) -> Fault | None:
    prepared = case.prepared_ul
    if given is not None and given.prepared_ul is not None:
        prepared = given.prepared_ul
    administered = case.given_ul
    if given is None or administered is None or given.discarded_ul is None or prepared is None:
        text = "The administered, the discarded or the prepared volume is missing."
        return unknown(_BLOCK, text, "/discarded_ml")
    used = administered + given.discarded_ul
    return _balance(case, "Administered and discarded add up to", used, "prepared", prepared)


def _balance(case: Case, what: str, parts: int, word: str, whole: int) -> Fault | None:
    tolerance = case.figures.integer("mix.balance_tolerance")
    difference = abs(parts - whole)
    if difference <= tolerance:
        return None
    pointer = "/discarded_ml" if word == "prepared" else _total(case)
    return fail(
        _BLOCK,
        f"{what} {wording.thousandths(parts)} mL, {wording.thousandths(whole)} mL are {word}: "
        f"{wording.thousandths(difference)} mL apart; at most {wording.thousandths(tolerance)} mL "
        "is accepted.",
        pointer,
        measured=wording.thousandths(difference),
        limit=wording.thousandths(tolerance),
        unit="mL",
    )


@rule(
    "MIX-DO-NOT-ADMIX",
    19,
    title="Product that must be given alone",
    why="Its label forbids dilution or admixture.",
    stages=(Stage.FORMULA_APPROVAL, Stage.ADMINISTRATION),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Give alone",
    source="label [DCA-LBL] (no dilution or admixture)",
    evidence="label",
    passing="deoxycholic acid alone",
    failing="deoxycholic acid with lidocaine",
)
def given_alone(case: Case) -> Answer:
    """A do-not-mix product is alone in its syringe; a toxin may have 0.9 % saline."""
    if not case.lines:
        return NOT_APPLICABLE
    return tuple(
        fail(
            _BLOCK,
            f"{line.code} must be given alone; {wording.listed(company)} is in the same syringe.",
            case.component_pointer(line),
            measured=line.code,
        )
        for line in case.lines
        if _alone(line) and (company := _company(case, line))
    )


def _alone(line: Line) -> bool:
    stated = line.component.do_not_mix
    listed = line.ingredient is not None and line.ingredient.has("do_not_mix")
    return listed or bool(stated)


def _company(case: Case, line: Line) -> list[str]:
    allowed = line.ingredient.admix_allowed if line.ingredient else ()
    return sorted(
        {
            other.code
            for other in case.lines
            if other.component.syringe == line.component.syringe
            and other.code != line.code
            and other.code not in allowed
        }
    )
