"""Rule on days between doses of one ingredient, across all plans of the patient."""

from datetime import date, timedelta

from rules import limits, wording
from rules.case import Case
from rules.finding import Fault, Severity, fail, unknown
from rules.ingredient import Ingredient
from rules.registry import NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE = Severity.BLOCK, Severity.OVERRIDE


@rule(
    "SPACING-INGREDIENT-MIN",
    31,
    title="Too soon after the same ingredient",
    why="Some ingredients stay for weeks; their own interval holds across all plans.",
    stages=(Stage.SCHEDULING, Stage.ADMINISTRATION),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=None,
    remedy="Swap the formula or postpone",
    source="section 1B (dutasteride 28 d)",
    evidence="unsure",
    passing="dutasteride 28 days after the last",
    failing="dutasteride 27 days after the last",
    override_role=PRESCRIBER,
)
def ingredient_interval(case: Case) -> Answer:
    """Days to the nearest dose of each ingredient, before and after; equal passes.

    The stricter of ingredient and product label, unless an approved protocol version names an
    exception for that ingredient. Never given passes.
    """
    if not case.lines:
        return NOT_APPLICABLE
    if case.facts.given is None:
        return (unknown(_OVERRIDE, "The doses given before are not known.", case.day_pointer),)
    faults: dict[str, Fault] = {}
    for line in case.lines:
        if line.ingredient is None:
            text = f"{line.code} is in no list of ingredients."
            faults[line.code] = unknown(_BLOCK, text, case.day_pointer)
        elif line.code not in faults:
            fault = _ingredient_fault(case, line.ingredient)
            if fault is not None:
                faults[line.code] = fault
    return tuple(faults[code] for code in sorted(faults))


def ingredient_days(case: Case, ingredient: Ingredient) -> tuple[int, str, str]:
    """The interval in force for an ingredient, in days (0: none), with source and mark."""
    plan = case.facts.plan
    exception = None
    if plan is not None and plan.protocol is not None:
        exception = plan.protocol.exception_days(ingredient.code)
        if exception is not None:
            source = f"exception in protocol {plan.protocol.code} version {plan.protocol.version}"
            return exception, source, "convention"
    figure = ingredient.min_interval_days
    days = figure.value if figure is not None else 0
    labels = [
        line.component.label_min_interval_days or 0
        for line in case.lines
        if line.code == ingredient.code
    ]
    if max(labels, default=0) > days:
        return max(labels), limits.LABEL_SOURCE, "label"
    return days, figure.source if figure else "", figure.evidence if figure else "unsure"


def _ingredient_fault(case: Case, ingredient: Ingredient) -> Fault | None:
    least, source, evidence = ingredient_days(case, ingredient)
    on = case.facts.on
    if least <= 0:
        return None
    booked_count = case.stage is Stage.SCHEDULING
    days_given = {
        given.on
        for given in case.recent_by_code.get(ingredient.code, ())
        if booked_count or not given.planned
    }
    first, last = on - timedelta(days=least), on + timedelta(days=least)
    near = [day for day in days_given if first < day < last]
    if not near:
        return None
    nearest = min(near, key=lambda day: (abs((on - day).days), day))
    days = abs((on - nearest).days)
    word = "after" if nearest <= on else "before"
    return fail(
        _OVERRIDE,
        f"{ingredient.name}: {wording.count(days, 'day')} {word} the dose of "
        f"{nearest.isoformat()}; at least {least} are asked for.",
        case.day_pointer,
        measured=str(days),
        limit=str(least),
        unit="d",
        source=source,
        evidence=evidence,
        first_day=_first_clear_day(days_given, on, least),
    )


def _first_clear_day(taken: set[date], on: date, least: int) -> date:
    """The first day after `on` that is `least` days from every day taken."""
    for day in sorted(taken):
        if abs((on - day).days) < least:
            on = day + timedelta(days=least)
    return on
