"""Rules on exposure over time and area: weight's age, rolling windows, courses, mg per cm²."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from rules import wording
from rules.areas import area_details
from rules.case import Case
from rules.facts import GivenDose
from rules.finding import Fault, Severity, fail, unknown
from rules.ingredient import Ingredient
from rules.lines import SessionDose
from rules.registry import MEDICAL_DIRECTOR, NOT_APPLICABLE, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE = Severity.BLOCK, Severity.OVERRIDE


@rule(
    "DOSE-WEIGHT-STALE",
    12,
    title="Weight is too old",
    why="A maximum per kilogram is only as good as the last weighing.",
    stages=(Stage.CHECK_IN, Stage.ADMINISTRATION),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=_BLOCK,
    remedy="Re-weigh",
    source="convention",
    evidence="convention",
    passing="weighed 90 days ago",
    failing="weighed 91 days ago",
    override_role=MEDICAL_DIRECTOR,
    parameters=("dose.weight_age_days",),
)
def weight_age(case: Case) -> Answer:
    """Days since weighing, where the visit gives an ingredient that is limited per kilogram."""
    if not any(dose.ingredient and dose.ingredient.max_per_kg_micro for dose in case.visit_doses):
        return NOT_APPLICABLE
    patient = case.facts.patient
    if patient is None or patient.weight_g is None or patient.weighed_on is None:
        return (unknown(_BLOCK, "The patient's weight, or its day, is not recorded."),)
    age = (case.facts.on - patient.weighed_on).days
    if age < 0:
        return (unknown(_BLOCK, f"The weight is dated {-age} days after this session."),)
    most = case.figures.integer("dose.weight_age_days")
    if age <= most:
        return ()
    text = f"The weight is {age} days old; at most {most} days are accepted."
    return (fail(_OVERRIDE, text, measured=str(age), limit=str(most), unit="d"),)


@rule(
    "DOSE-CUMULATIVE-WINDOW",
    14,
    title="Too much within the rolling window",
    why="Sessions add up; the ceiling holds for every run of days, not for calendar months.",
    stages=(Stage.PLAN_ACTIVATION, Stage.SCHEDULING, Stage.ADMINISTRATION),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=_BLOCK,
    remedy="Postpone, or lower the dose",
    source="RCT exposure ceiling [ABD-2009]; cap `unsure`",
    evidence="unsure",
    passing="dutasteride 0.5 mg exactly 28 days ago and 4.0 mg since",
    failing="dutasteride 0.5 mg 27 days ago and 4.0 mg since: 4.5 mg",
    override_role=MEDICAL_DIRECTOR,
    second_person=True,
)
def cumulative_window(case: Case) -> Answer:
    """Sum over any window that holds the proposed dose; a dose exactly window days ago is out.

    Booked sessions count when scheduling. Windows that end at a later dose count too, so that
    neither a booking in between nor a late entry slips under the ceiling.
    """
    capped = [dose for dose in case.doses if dose.ingredient and _cap(dose.ingredient)]
    if not capped:
        return NOT_APPLICABLE
    return tuple(fault for dose in capped if (fault := _window_fault(case, dose)))


def _cap(ingredient: Ingredient) -> tuple[int, int] | None:
    most, days = ingredient.cumulative_max_micro, ingredient.cumulative_window_days
    return None if most is None or days is None else (most.value, days.value)


def _window_fault(case: Case, dose: SessionDose) -> Fault | None:
    known, pointer = dose.ingredient, case.dose_pointer(dose.lines)
    cap = _cap(known) if known else None
    if known is None or cap is None or known.cumulative_max_micro is None:
        return None
    if dose.dose is None or case.facts.given is None:
        what = "doses given before" if dose.dose is not None else "dose of this session"
        return unknown(_BLOCK, f"{known.name}: the {what} cannot be told.", pointer)
    most, days = cap
    counted = [each for each in case.recent_by_code.get(known.code, ()) if _counts(case, each)]
    total = dose.dose + _fullest(case.facts.on, case.facts.at, counted, days)
    if total <= most:
        return None
    figure = known.cumulative_max_micro
    return fail(
        _BLOCK if figure.evidence in ("label", "regulator") else _OVERRIDE,
        f"{known.name}: {wording.amount(total)} {known.unit} within {wording.count(days, 'day')} "
        f"with this session; the maximum is {wording.amount(most)} {known.unit}.",
        pointer,
        measured=wording.amount(total),
        limit=wording.amount(most),
        unit=known.unit,
        source=figure.source,
        evidence=figure.evidence,
        first_day=_first_day(case.facts.on, counted, days, most - dose.dose),
    )


def _counts(case: Case, given: GivenDose) -> bool:
    return not (given.planned and case.stage is Stage.ADMINISTRATION)


def _fullest(on: date, at: datetime | None, counted: list[GivenDose], days: int) -> int:
    """The most that any window holding a dose on that day holds besides it."""
    ends = {on} | {each.on for each in counted if 0 < (each.on - on).days < days}
    return max(
        sum(
            each.dose_micro
            for each in counted
            if 0 <= (end - each.on).days < days or (end == on and _within_a_day(at, each, days))
        )
        for end in ends
    )


def _within_a_day(at: datetime | None, given: GivenDose, days: int) -> bool:
    """A window of a single day is 24 hours where both times are known: midnight is no wall."""
    if days != 1 or at is None or given.at is None:
        return False
    return timedelta(0) <= at - given.at < timedelta(days=1)


def _first_day(on: date, counted: list[GivenDose], days: int, room: Fraction) -> date | None:
    """The first later day with room for the dose: the day on which an earlier one drops out."""
    for each in sorted({given.on for given in counted}):
        day = each + timedelta(days=days)
        if day > on and _fullest(day, None, counted, days) <= room:
            return day
    return None


@rule(
    "DOSE-COURSE-MAX-SESSIONS",
    15,
    title="More sessions than a course may have",
    why="Some products are licensed for a number of treatments and no more.",
    stages=(Stage.PLAN_ACTIVATION, Stage.SCHEDULING),
    severities=(_BLOCK, _OVERRIDE),
    if_missing=_BLOCK,
    remedy="End the course; reassess",
    source="label [DCA-LBL]: at most 6 treatments",
    evidence="label",
    passing="the 6th session of deoxycholic acid",
    failing="the 7th",
    override_role=MEDICAL_DIRECTOR,
    second_person=True,
)
def maximum_course(case: Case) -> Answer:
    """Sessions performed with the ingredient in the area, this one included."""
    capped = [line for line in case.lines if line.ingredient and line.ingredient.max_sessions]
    if not capped:
        return NOT_APPLICABLE
    if case.facts.course_counts is None:
        return (unknown(_BLOCK, "It is not known how many sessions were performed before."),)
    done = {case.canonical(c.ingredient_code): c.performed for c in case.facts.course_counts}
    known = {line.code: line.ingredient for line in capped if line.ingredient}
    return tuple(
        fault for each in known.values() if (fault := _course_fault(each, done.get(each.code, 0)))
    )


def _course_fault(ingredient: Ingredient, performed: int) -> Fault | None:
    most = ingredient.max_sessions
    if most is None or performed + 1 <= most.value:
        return None
    return fail(
        _BLOCK if most.evidence in ("label", "regulator") else _OVERRIDE,
        f"{ingredient.name}: this would be session {performed + 1}; the maximum is {most.value}.",
        measured=str(performed + 1),
        limit=str(most.value),
        unit="sessions",
        source=most.source,
        evidence=most.evidence,
    )


@rule(
    "DOSE-AREA-ADJUSTED",
    16,
    title="Dose above what the marked area allows",
    why="A dose per square centimetre keeps each point at its labelled strength.",
    stages=(Stage.FORMULA_APPROVAL, Stage.ADMINISTRATION),
    severities=(_BLOCK,),
    if_missing=_BLOCK,
    remedy="Re-measure the area; reduce volume",
    source="label [DCA-LBL] 2 mg/cm²",
    evidence="label",
    passing="40 mg deoxycholic acid on 20 cm²",
    failing="42 mg deoxycholic acid on 20 cm²",
)
def dose_per_area(case: Case) -> Answer:
    """Dose against mg/cm² x marked area; equal passes. Before a patient there is no area."""
    bound = [d for d in case.doses if d.ingredient and d.ingredient.max_per_cm2_micro]
    untied = case.stage is Stage.FORMULA_APPROVAL and case.facts.administration is None
    if not bound or (untied and case.facts.plan is None):
        return NOT_APPLICABLE
    return tuple(fault for dose in bound if (fault := _area_fault(case, dose)))


def _area_fault(case: Case, dose: SessionDose) -> Fault | None:
    known, pointer = dose.ingredient, case.dose_pointer(dose.lines)
    areas = area_details(case)
    sizes = [area.area_cm2_hundredths for area in areas]
    if known is None or known.max_per_cm2_micro is None:
        return None
    if dose.dose is None or not sizes or None in sizes:
        return unknown(_BLOCK, f"{known.name}: the marked area is not measured.", pointer)
    figure, size = known.max_per_cm2_micro, sum(each for each in sizes if each is not None)
    if dose.dose * 100 <= figure.value * size:
        return None
    most = wording.amount(figure.value * size // 100)
    return fail(
        _BLOCK,
        f"{known.name}: {wording.amount(dose.dose)} {known.unit} on "
        f"{wording.thousandths(size * 10)} cm²; the maximum is {most} {known.unit} "
        f"({wording.amount(figure.value)} {known.unit}/cm²).",
        pointer,
        measured=wording.amount(dose.dose),
        limit=most,
        unit=known.unit,
        source=figure.source,
        evidence=figure.evidence,
    )
