"""The days on which the next session of a plan may be booked, read off the spacing rules.

Nothing is computed twice: the rules themselves are asked, once per run of days on which their
answers cannot change, never day by day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rules.case import Case
from rules.catalogue import rule_named
from rules.evaluate import findings_of
from rules.facts import Facts, Plan
from rules.finding import WEIGHT, Finding
from rules.ingredient_spacing import ingredient_days
from rules.registry import Rule
from rules.rule_set import RuleSet
from rules.stage import Stage

SPACING_CODES = (
    "DOSE-CUMULATIVE-WINDOW",
    "SPACING-MIN-INTERVAL",
    "SPACING-INGREDIENT-MIN",
    "SPACING-MAX-GAP",
)
_GAP = "SPACING-MAX-GAP"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Run:
    """Days without a spacing finding, both ends included; None: without end on that side."""

    first: date | None
    last: date | None

    def holds(self, day: date) -> bool:
        """Whether the day lies in the run."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Window:
    """When the plan's next session may be booked.

    phase: its name; None beyond the protocol's end. earliest_on, latest_on: the first run of
    days without a spacing finding, both included; None where that side is open.
    Where no day is free of findings, earliest_on is the first day on which nothing but the gap
    since the session before stands in the way (None if there is none), latest_on the end of the
    phase's longest gap, and `runs` is empty.
    target_on: the protocol's day, moved into the window; None for the first session.
    findings: what a booking on `target_on` (or on `as_of`, if later) would get.
    runs: all runs of free days, in order; the first is earliest_on to latest_on.
    """

    session_number: int
    phase: str | None
    earliest_on: date | None
    target_on: date | None
    latest_on: date | None
    findings: tuple[Finding, ...]
    runs: tuple[Run, ...]


def window(facts: Facts, rule_set: RuleSet, as_of: date | None = None) -> Window:
    """The window of the session that the facts ask about, whatever their day.

    facts: as for scheduling; without a plan there is nothing to wait for, and every day is free.
    as_of: today; it moves no window, only the day whose findings are told.
    """
    case = Case(Stage.SCHEDULING, facts, rule_set)
    asked = [rule for code in SPACING_CODES if (rule := _active(code, rule_set)) is not None]
    plan = facts.plan or Plan(plan_id="")
    number, before = case.neighbours.number, case.neighbours.before
    phase = plan.protocol.phase_of(number) if plan.protocol is not None else None
    runs = tuple(_runs(case, asked, _turning_days(case, plan)))
    earliest, latest = (runs[0].first, runs[0].last) if runs else (None, None)
    target = None
    if before is not None and phase is not None and phase.target_days is not None:
        target = before.on + timedelta(days=phase.target_days)
    if not runs:
        earliest = _earliest_but_late(case, asked, plan)
        if before is not None and phase is not None and phase.max_days is not None:
            latest = before.on + timedelta(days=phase.max_days)
    target = _moved_into(target, earliest, latest if runs else None)
    told = max((day for day in (target or earliest, as_of) if day), default=facts.on)
    return Window(
        number,
        phase.name if phase is not None else None,
        earliest,
        target,
        latest,
        _findings(case.on_day(told), asked),
        runs,
    )


def _active(code: str, rule_set: RuleSet) -> Rule | None:
    return rule_named(code) if code in rule_set.active else None


def _passes(case: Case, asked: list[Rule]) -> bool:
    return not any(rule.check(case) for rule in asked)


def _findings(case: Case, asked: list[Rule]) -> tuple[Finding, ...]:
    found = [each for rule in asked for each in findings_of(rule, case) or ()]
    return tuple(sorted(found, key=lambda each: (WEIGHT[each.severity], each.code, each.message)))


def _moved_into(target: date | None, first: date | None, last: date | None) -> date | None:
    if target is None:
        return None
    if first is not None and target < first:
        return first
    return last if last is not None and target > last else target


def _earliest_but_late(case: Case, asked: list[Rule], plan: Plan) -> date | None:
    """The first day on which only the gap since the session before is found."""
    others = [rule for rule in asked if rule.code != _GAP]
    run = next(_runs(case, others, _turning_days(case, plan)), None)
    return run.first if run is not None else None


def _runs(case: Case, asked: list[Rule], turns: list[date]) -> Iterator[Run]:
    """Join neighbouring stretches of days on which every rule passes."""
    probe = turns[0] - _DAY if turns else case.facts.on
    open_since: date | None = None
    is_open = _passes(case.on_day(probe), asked)
    for turn in turns:
        passes = _passes(case.on_day(turn), asked)
        if is_open and not passes:
            yield Run(open_since, turn - _DAY)
        elif passes and not is_open:
            open_since = turn
        is_open = passes
    if is_open:
        yield Run(open_since, None)


def _turning_days(case: Case, plan: Plan) -> list[date]:
    """Every day on which some answer may differ from that of the day before, in order.

    An event matters from `reach` days before it to `reach` days after it, for the reach of
    each limit. Nothing before the session before can pass, so nothing earlier is asked.
    """
    number, before = case.neighbours.number, case.neighbours.before
    days: set[date] = set()
    for session in case.neighbours.others:
        for reach in _session_reaches(plan, number, session.number):
            days |= _edges(session.on, reach)
    for code, given in case.given_by_code.items():
        reaches = _ingredient_reaches(case, code)
        for on in {each.on for each in given}:
            for reach in reaches:
                days |= _edges(on, reach)
    floor = before.on if before is not None else None
    if floor is None:
        return sorted(days)
    return sorted({day for day in days if day > floor} | {floor})


def _edges(on: date, reach: int) -> set[date]:
    reach_of = timedelta(days=reach)
    return {on, on + _DAY, on + reach_of, on + reach_of + _DAY, on - reach_of, on - reach_of + _DAY}


def _session_reaches(plan: Plan, number: int, other: int) -> set[int]:
    found: set[int] = set()
    if plan.protocol is None:
        return found
    for each in (number, other):
        phase = plan.protocol.phase_of(each)
        if phase is not None:
            found |= {days for days in (phase.min_days, phase.max_days) if days is not None}
    return found


def _ingredient_reaches(case: Case, code: str) -> set[int]:
    ingredient = case.ingredient(code)
    if ingredient is None or all(line.code != code for line in case.lines):
        return set()
    found = {ingredient_days(case, ingredient)[0]}
    if ingredient.cumulative_window_days is not None:
        found.add(ingredient.cumulative_window_days.value)
    return found
