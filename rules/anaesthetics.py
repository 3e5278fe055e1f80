"""Rules on local anaesthetics: one per formula, and one allowance for all of a visit."""

from collections.abc import Iterator
from fractions import Fraction

from rules import limits, wording
from rules.case import Case
from rules.facts import OtherDose
from rules.finding import Fault, Severity, fail, unknown
from rules.lines import Line, SessionDose
from rules.registry import NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE = Severity.BLOCK, Severity.OVERRIDE


@rule(
    "DOSE-LA-ADDITIVE",
    13,
    title="Local anaesthetics together above the maximum",
    why="Anaesthetics add up: each uses part of one allowance.",
    stages=(Stage.FORMULA_APPROVAL, Stage.ADMINISTRATION),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Drop or reduce one anaesthetic",
    source="label: mixing anaesthetics not recommended [LID-LBL]; the additive fraction is "
    "convention",
    evidence="convention",
    passing="150/300 lidocaine + 175/350 procaine: 1.000",
    failing="150/300 lidocaine + 178.5/350 procaine: 1.010",
    parameters=("dose.anaesthetic_sum",),
)
def additive_anaesthetics(case: Case) -> Answer:
    """Sum of dose over effective maximum, injected and topical; exactly the maximum passes.

    The effective maximum is the smaller of absolute and mg/kg x weight; where the formula is
    not tied to a patient, the absolute one alone. What is put on the skin counts whole: how much
    of it is taken up is not known. A product in no list counts as one until somebody says that
    it is none.
    """
    given = [d for d in case.visit_doses if d.ingredient and d.ingredient.has("local_anaesthetic")]
    untold = [other for other in case.facts.also_given if _may_be_one(case, other)]
    if not given and not untold:
        return NOT_APPLICABLE
    shares = [_share(case, dose) for dose in given]
    known = [share for share in shares if share is not None]
    if untold or len(known) < len(shares):
        return tuple(_unknown(case, given, shares, untold))
    total, most = sum(known), Fraction(case.figures.integer("dose.anaesthetic_sum"), 1000)
    if total <= most:
        return ()
    share = wording.thousandths(total * 1000)
    return (
        fail(
            _BLOCK,
            f"{wording.listed([d.code for d in given])} together use {share} of the allowance; "
            f"the maximum is {wording.thousandths(most * 1000)}.",
            _pointer(case, given),
            measured=share,
            limit=wording.thousandths(most * 1000),
            unit="1",
        ),
    )


def _may_be_one(case: Case, other: OtherDose) -> bool:
    """Whether nothing rules out that a product given besides is an anaesthetic without limit."""
    if other.ingredient_code is not None:
        return case.ingredient(other.ingredient_code) is None
    return other.local_anaesthetic is not False


def _share(case: Case, dose: SessionDose) -> Fraction | None:
    """Which part of its own maximum a dose uses up; None where that cannot be told."""
    limit = limits.weight_limit(case, dose)
    untied = case.stage is Stage.FORMULA_APPROVAL and case.facts.patient is None
    if untied and (absolute := limits.session_limit(dose)) is not None:
        limit = limits.Limit(absolute.value * 1000, "", "", _BLOCK)
    if limit is None or dose.dose is None:
        return None
    return limits.fraction_of(dose.dose, limit)


def _unknown(
    case: Case,
    given: list[SessionDose],
    shares: list[Fraction | None],
    untold: list[OtherDose],
) -> Iterator[Fault]:
    """The first anaesthetic that cannot be reckoned with, and every product that may be one."""
    first = next((dose for dose, share in zip(given, shares, strict=True) if share is None), None)
    if first is not None:
        text = f"{first.code}: its dose, its maximum or the patient's weight is not known."
        yield unknown(_BLOCK, text, _pointer(case, given))
    for name in sorted({_called(other) for other in untold}):
        text = (
            f"{name}, given besides, is in no list of ingredients: whether it is a local "
            "anaesthetic, or the most of it, is not known."
        )
        yield unknown(_BLOCK, text, "/also_given")


def _called(other: OtherDose) -> str:
    return other.ingredient_code or other.name or "A product"


def _pointer(case: Case, given: list[SessionDose]) -> str | None:
    lines = next((dose.lines for dose in given if dose.lines), ())
    return case.dose_pointer(lines) if lines or not case.facts.also_given else "/also_given"


@rule(
    "MIX-TWO-ANAESTHETICS",
    20,
    title="More than one local anaesthetic",
    why="Mixing anaesthetics is not recommended: their toxicity adds up.",
    stages=(Stage.FORMULA_APPROVAL,),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=_BLOCK,
    remedy="Keep one",
    source="label [LID-LBL]",
    evidence="label",
    passing="lidocaine and biotin",
    failing="lidocaine and procaine",
    override_role=PRESCRIBER,
)
def one_anaesthetic(case: Case) -> Answer:
    """At most one local anaesthetic per formula; salts of one count once."""
    if not case.lines:
        return NOT_APPLICABLE
    first: dict[str, Line] = {}
    for line in case.lines:
        if line.ingredient is None:
            text = f"{line.code} is in no list; it may be an anaesthetic."
            return (unknown(_BLOCK, text, case.component_pointer(line, "/ingredient_code")),)
        if line.ingredient.has("local_anaesthetic"):
            first.setdefault(line.code, line)
    if len(first) <= 1:
        return ()
    names = sorted(first)
    last = max(first.values(), key=lambda line: line.index)
    return (
        fail(
            _OVERRIDE,
            f"{wording.listed(names)} are {len(names)} local anaesthetics in one formula.",
            case.component_pointer(last),
            measured=str(len(names)),
            limit="1",
            unit="anaesthetics",
        ),
    )
