"""Rules on preparing a mixture: how many products, which pH, used within what time."""

from datetime import timedelta
from fractions import Fraction

from rules.arithmetic import decimal_text, rounded_text
from rules.case import Case
from rules.finding import Severity, fail, unknown
from rules.registry import NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE, _WARN, _INFO = Severity


@rule(
    "MIX-PRODUCT-COUNT",
    23,
    title="Too many products drawn into one mixture",
    why="Every further product is another puncture and another chance of contamination.",
    stages=(Stage.FORMULA_APPROVAL,),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=_BLOCK,
    remedy="Order a pharmacy-compounded ready mix",
    source="USP <797> immediate-use condition (recalled; older text seen [USP-IU]); French "
    '"at most 3 products" habit, convention',
    evidence="convention",
    passing="3 products, diluent included",
    failing="4 products",
    override_role=PRESCRIBER,
    parameters=("mix.products_max",),
)
def product_count(case: Case) -> Answer:
    """Distinct sterile products per syringe, diluent included; a line without one is its own."""
    if not case.lines:
        return NOT_APPLICABLE
    most = case.figures.integer("mix.products_max")
    syringes: dict[int, set[str]] = {}
    for line in case.lines:
        name = line.component.product or line.code
        syringes.setdefault(line.component.syringe, set()).add(name)
    return tuple(
        fail(
            _OVERRIDE,
            f"{len(products)} products in one syringe; the maximum is {most}.",
            "/components" if case.stage is Stage.FORMULA_APPROVAL else None,
            measured=str(len(products)),
            limit=str(most),
            unit="products",
        )
        for _, products in sorted(syringes.items())
        if len(products) > most
    )


@rule(
    "MIX-PH-RANGE",
    24,
    title="pH of the mixture",
    why="Far from neutral a mixture burns and harms the tissue.",
    stages=(Stage.FORMULA_APPROVAL,),
    severities=(_OVERRIDE, _WARN, _INFO),
    if_missing=_INFO,
    remedy="Buffer or drop the acidic or alkaline line",
    source="`unsure` (tissue tolerance convention; many licensed products lie outside)",
    evidence="unsure",
    passing="pH 5.0",
    failing="pH 4.9",
    override_role=PRESCRIBER,
    parameters=("mix.ph_pass_min", "mix.ph_pass_max", "mix.ph_warn_min", "mix.ph_warn_max"),
)
def ph_range(case: Case) -> Answer:
    """The declared pH against the range that passes and the wider one that warns, inclusive."""
    formula = case.facts.formula
    if formula is None:
        return NOT_APPLICABLE
    if formula.ph_hundredths is None:
        return (unknown(_INFO, "The pH of the mixture is not stated.", "/ph"),)
    value, figures = formula.ph_hundredths, case.figures
    low, high = figures.integer("mix.ph_pass_min"), figures.integer("mix.ph_pass_max")
    if low <= value <= high:
        return ()
    warned = figures.integer("mix.ph_warn_min") <= value <= figures.integer("mix.ph_warn_max")
    measured, limit = decimal_text(value, 2), f"{decimal_text(low, 2)} to {decimal_text(high, 2)}"
    text = f"The pH is {measured}; {limit} is well tolerated."
    severity = _WARN if warned else _OVERRIDE
    return (fail(severity, text, "/ph", measured=measured, limit=limit, unit="pH"),)


@rule(
    "MIX-BUD",
    25,
    title="Mixture too old",
    why="A mixture without preservative grows what got into it.",
    stages=(Stage.ADMINISTRATION,),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Discard and prepare again",
    source="USP <797> immediate use 4 h [USP-IU]",
    evidence="consensus",
    passing="240 minutes after the preparation began",
    failing="241 minutes",
    parameters=("mix.use_within",),
)
def used_within(case: Case) -> Answer:
    """Minutes from the start of preparation to the start of administration, 0 to the limit."""
    given = case.facts.administration
    pointer = "/preparation_started_at"
    if given is None or given.preparation_started_at is None or given.performed_at is None:
        text = "When the preparation or the administration began is not recorded."
        return (unknown(_BLOCK, text, pointer),)
    passed = given.performed_at - given.preparation_started_at  # both UTC
    most = case.figures.integer("mix.use_within")
    if timedelta(0) <= passed <= timedelta(minutes=most):
        return ()
    if passed < timedelta(0):
        return (fail(_BLOCK, "The preparation began after the administration.", pointer),)
    minutes = _minutes(passed)
    text = f"{minutes} minutes since the preparation began; the maximum is {most} minutes."
    return (fail(_BLOCK, text, pointer, measured=minutes, limit=str(most), unit="min"),)


def _minutes(passed: timedelta) -> str:
    return rounded_text(Fraction(passed // timedelta(seconds=1), 60), 1)
