"""Rules on what surrounds a course: other procedures in the area, and reassessment."""

from datetime import timedelta

from rules import wording
from rules.areas import treated_areas, within
from rules.case import Case
from rules.facts import OtherTherapy
from rules.finding import Fault, Severity, fail, unknown
from rules.registry import NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage

_OVERRIDE, _WARN = Severity.OVERRIDE, Severity.WARN


@rule(
    "SPACING-OTHER-PROCEDURE",
    33,
    title="Too soon after another procedure",
    why="Healing skin and fresh grafts need their time before they are injected.",
    stages=(Stage.SCHEDULING, Stage.CHECK_IN),
    severities=(_OVERRIDE, _WARN),
    if_missing=_WARN,
    remedy="Wait",
    source="convention (table 5.8)",
    evidence="convention",
    passing="30 days after a hair transplant",
    failing="29 days after a hair transplant",
    override_role=PRESCRIBER,
)
def other_procedures(case: Case) -> Answer:
    """Days since each other therapy with a wash-out in the treated area; equal passes."""
    if case.facts.other_therapies is None:
        return (unknown(_WARN, "Other procedures were not asked about.", case.day_pointer),)
    found = [_wash_out_fault(case, each) for each in case.facts.other_therapies]
    return tuple(fault for fault in found if fault is not None)


def _wash_out_fault(case: Case, therapy: OtherTherapy) -> Fault | None:
    row = case.figures.wash_outs.get(therapy.code)
    days = (case.facts.on - therapy.last_on).days
    codes = {line.code for line in case.lines}
    if row is None or days < 0 or days >= row.days.value or row.code in codes:
        return None
    if row.with_ingredients and codes.isdisjoint(row.with_ingredients):
        return None
    if row.same_area and not _touches(case, therapy.area):
        return None
    return fail(
        _OVERRIDE,
        f"{wording.count(days, 'day')} after {row.name} ({therapy.last_on.isoformat()}); at least "
        f"{row.days.value} are asked for.",
        case.day_pointer,
        measured=str(days),
        limit=str(row.days.value),
        unit="d",
        source=row.days.source,
        evidence=row.days.evidence,
        first_day=therapy.last_on + timedelta(days=row.days.value),
    )


def _touches(case: Case, area: str | None) -> bool:
    """Whether the therapy's area meets a treated one; an unstated area meets all of them."""
    areas = treated_areas(case)
    if area is None or not areas:
        return True
    return any(within(case, one, area) or within(case, area, one) for one in areas)


@rule(
    "PLAN-REASSESS-DUE",
    34,
    title="Outcome not assessed for too long",
    why="A course that is not looked at is a course that nobody stops.",
    stages=(Stage.SCHEDULING, Stage.CHECK_IN),
    severities=(_OVERRIDE,),
    if_missing=_OVERRIDE,
    remedy="Do photo/trichoscopy review first",
    source="RCT review points week 12–18 [ABD-2009], [MOF-2013]; 84 d convention",
    evidence="convention",
    passing="84 days since the last structured assessment",
    failing="85 days",
    override_role=PRESCRIBER,
    parameters=("plan.reassess_days",),
)
def reassessment(case: Case) -> Answer:
    """Days since the last structured assessment; equal passes."""
    plan = case.facts.plan
    if plan is None:
        return NOT_APPLICABLE
    if plan.last_assessed_on is None:
        return (unknown(_OVERRIDE, "There is no structured assessment yet.", case.day_pointer),)
    days, most = (
        (case.facts.on - plan.last_assessed_on).days,
        case.figures.integer("plan.reassess_days"),
    )
    if days <= most:
        return ()
    text = f"{days} days since the last structured assessment; at most {most} are accepted."
    return (fail(_OVERRIDE, text, case.day_pointer, measured=str(days), limit=str(most), unit="d"),)
