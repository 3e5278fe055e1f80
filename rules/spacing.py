"""Rules on days between the sessions of a plan: not too soon, not too late."""

from datetime import timedelta

from rules import wording
from rules.case import Case
from rules.facts import Plan, PlanSession
from rules.finding import Fault, Severity, fail, unknown
from rules.protocol import Phase
from rules.registry import NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE, _WARN = Severity.BLOCK, Severity.OVERRIDE, Severity.WARN


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
        return (unknown(_OVERRIDE, "The plan's other sessions are not known.", case.day_pointer),)
    near = case.neighbours
    number, before, after = near.number, near.before, near.after
    if near.doubled:
        text = f"There is another session {number}, so what comes before which cannot be told."
        return (unknown(_OVERRIDE, text, case.day_pointer),)
    faults = []
    if before is not None:
        faults.append(_too_soon(case, plan, number, before))
    if after is not None:
        faults.append(_too_close_before(case, plan, after))
    return tuple(fault for fault in faults if fault is not None)


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
        case.day_pointer,
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
        case.day_pointer,
        measured=str(days),
        limit=str(phase.min_days),
        unit="d",
    )


def _no_interval(case: Case, plan: Plan, number: int) -> Fault:
    text = f"The protocol states no interval for session {number}."
    if plan.protocol is not None and _phase(plan, number) is None:
        text = f"The protocol ends with session {plan.protocol.sessions}; this is {number}."
    return unknown(_OVERRIDE, text, case.day_pointer)


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
        return (unknown(_WARN, "The plan's other sessions are not known.", case.day_pointer),)
    before = case.neighbours.before
    if before is None:
        return ()
    phase = _phase(plan, case.neighbours.number)
    if phase is None or phase.max_days is None:
        return (unknown(_WARN, "The protocol states no longest gap.", case.day_pointer),)
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
            severity,
            text,
            case.day_pointer,
            measured=str(days),
            limit=str(phase.max_days),
            unit="d",
        ),
    )
