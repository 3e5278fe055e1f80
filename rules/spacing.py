"""Rules on days between sessions: within the plan, per ingredient, after other procedures."""

from datetime import date, timedelta

from rules import limits, wording
from rules.case import Case
from rules.facts import Plan, PlanSession
from rules.finding import Fault, Severity, fail, unknown
from rules.ingredient import Ingredient
from rules.protocol import Phase
from rules.registry import NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE, _WARN = Severity.BLOCK, Severity.OVERRIDE, Severity.WARN


def pointer(case: Case) -> str | None:
    """Where the day under judgement stands in the request body."""
    return {Stage.SCHEDULING: "/starts_at", Stage.ADMINISTRATION: "/performed_at"}.get(case.stage)


def other_sessions(case: Case) -> list[PlanSession]:
    """The plan's other sessions that count: booked ones only when scheduling."""
    booked_count = case.stage is Stage.SCHEDULING
    return [each for each in case.facts.sessions or () if each.performed or booked_count]


def session_number(case: Case, plan: Plan) -> int:
    """The number of the session under review; by default the one after all others."""
    if plan.session_number is not None:
        return plan.session_number
    return 1 + max((each.number for each in case.facts.sessions or ()), default=0)


def previous_session(case: Case, plan: Plan) -> PlanSession | None:
    """The latest session before the one under review; None for the first."""
    number = session_number(case, plan)
    lower = [each for each in other_sessions(case) if each.number < number]
    return max(lower, key=lambda each: each.on, default=None)


def _phase(plan: Plan, number: int) -> Phase | None:
    return plan.protocol.phase_of(number) if plan.protocol is not None else None


@rule(
    "SPACING-MIN-INTERVAL",
    30,
    title="Too soon after another session",
    why="The skin needs its time between sessions; the protocol's phase says how long.",
    stages=(Stage.SCHEDULING, Stage.CHECK_IN, Stage.ADMINISTRATION),
    severities=(_OVERRIDE,),
    if_missing=None,
    remedy="Move to the first allowed date",
    source="section 4 (phase A of P-CLASSIC-442: min 6)",
    evidence="convention",
    passing="6 days after the session before, phase A",
    failing="5 days",
    override_role=PRESCRIBER,
)
def minimum_interval(case: Case) -> Answer:
    """Whole calendar days to the plan's other sessions, before and after; equal passes.

    A phase's interval precedes each of its sessions, so a later session is judged by its own
    phase. Spacing that was never published is told as unknown. The first session passes.
    """
    plan = case.facts.plan
    if plan is None:
        return NOT_APPLICABLE
    if case.facts.sessions is None:
        return (unknown(_OVERRIDE, "The plan's other sessions are not known.", pointer(case)),)
    number, others = session_number(case, plan), other_sessions(case)
    if any(each.number == number for each in others):
        text = f"There is another session {number}, so what comes before which cannot be told."
        return (unknown(_OVERRIDE, text, pointer(case)),)
    before = max((o for o in others if o.number < number), key=_day, default=None)
    after = min((o for o in others if o.number > number), key=_day, default=None)
    faults = []
    if before is not None:
        faults.append(_too_soon(case, plan, number, before))
    if after is not None:
        faults.append(_too_close_before(case, plan, after))
    return tuple(fault for fault in faults if fault is not None)


def _day(session: PlanSession) -> date:
    return session.on


def _too_soon(case: Case, plan: Plan, number: int, before: PlanSession) -> Fault | None:
    phase = _phase(plan, number)
    if phase is None or phase.min_days is None:
        return _no_interval(case, plan, number)
    days = (case.facts.on - before.on).days
    if days >= phase.min_days:
        return None
    return fail(
        _OVERRIDE,
        f"{wording.count(days, 'day')} after session {before.number} ({before.on.isoformat()}); "
        f"phase {phase.name} asks for at least {phase.min_days}.",
        pointer(case),
        measured=str(days),
        limit=str(phase.min_days),
        unit="d",
        first_day=before.on + timedelta(days=phase.min_days),
    )


def _too_close_before(case: Case, plan: Plan, after: PlanSession) -> Fault | None:
    phase = _phase(plan, after.number)
    if phase is None or phase.min_days is None:
        return _no_interval(case, plan, after.number)
    days = (after.on - case.facts.on).days
    if days >= phase.min_days:
        return None
    return fail(
        _OVERRIDE,
        f"{wording.count(days, 'day')} before session {after.number} ({after.on.isoformat()}); "
        f"phase {phase.name} asks for at least {phase.min_days}.",
        pointer(case),
        measured=str(days),
        limit=str(phase.min_days),
        unit="d",
    )


def _no_interval(case: Case, plan: Plan, number: int) -> Fault:
    text = f"The protocol states no interval for session {number}."
    if plan.protocol is not None and _phase(plan, number) is None:
        text = f"The protocol ends with session {plan.protocol.sessions}; this is {number}."
    return unknown(_OVERRIDE, text, pointer(case))


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
        return (unknown(_OVERRIDE, "The doses given before are not known.", pointer(case)),)
    faults: dict[str, Fault] = {}
    for line in case.lines:
        if line.ingredient is None:
            text = f"{line.code} is in no list of ingredients."
            faults[line.code] = unknown(_BLOCK, text, pointer(case))
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
        for given in case.given_by_code.get(ingredient.code, ())
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
        pointer(case),
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


@rule(
    "SPACING-MAX-GAP",
    32,
    title="Too long since the session before",
    why="After too long a gap the course has lost its effect; it is reassessed or restarted.",
    stages=(Stage.SCHEDULING, Stage.CHECK_IN),
    severities=(_OVERRIDE, _WARN),
    if_missing=None,
    remedy="Reassess; restart or shorten the phase",
    source="convention",
    evidence="convention",
    passing="35 days, phase C",
    failing="36 days warns; 71 days needs an override",
    override_role=PRESCRIBER,
    parameters=("spacing.gap_factor",),
)
def maximum_gap(case: Case) -> Answer:
    """Days since the session before; up to the phase's maximum passes, up to twice it warns."""
    plan = case.facts.plan
    if plan is None:
        return NOT_APPLICABLE
    if case.facts.sessions is None:
        return (unknown(_WARN, "The plan's other sessions are not known.", pointer(case)),)
    before = previous_session(case, plan)
    if before is None:
        return ()
    phase = _phase(plan, session_number(case, plan))
    if phase is None or phase.max_days is None:
        return (unknown(_WARN, "The protocol states no longest gap.", pointer(case)),)
    days = (case.facts.on - before.on).days
    if days <= phase.max_days:
        return ()
    factor = case.figures.integer("spacing.gap_factor")  # thousandths
    beyond = days * 1000 > factor * phase.max_days
    text = (
        f"{wording.count(days, 'day')} since session {before.number} ({before.on.isoformat()}); "
        f"phase {phase.name} allows at most {phase.max_days}."
    )
    severity = _OVERRIDE if beyond else _WARN
    return (
        fail(
            severity, text, pointer(case), measured=str(days), limit=str(phase.max_days), unit="d"
        ),
    )
