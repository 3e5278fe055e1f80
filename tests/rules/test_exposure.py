"""Exposure over time: rolling windows at their edges, booked and late doses, courses, areas."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.facts import CourseCount, Facts, GivenDose
from tests.rules.cases import (
    ADMIN,
    CHECK_IN,
    DAY,
    PLAN,
    SCHED,
    administration,
    asked,
    formula,
    line,
    man,
    sound_facts,
    words,
)

MG = 1_000_000
CODE = "DOSE-CUMULATIVE-WINDOW"


def dutasteride(*given: tuple[int, int], planned: bool = False, **more) -> Facts:
    """1 mg proposed on DAY; earlier doses as (days before DAY, millionths of a mg)."""
    doses = tuple(
        GivenDose("DUTASTERIDE", DAY - timedelta(days=ago), micro, planned=planned)
        for ago, micro in given
    )
    made = formula(line("DUTASTERIDE", 500, 2_000))
    return sound_facts(
        formula=made, plan=None, given=doses, administration=administration(2_000), **more
    )


@pytest.mark.parametrize("stage", [PLAN, SCHED, ADMIN])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([(28, 2 * MG), (7, 3 * MG)], []),
        ([(27, 2 * MG), (7, 3 * MG)], ["fail override"]),
        ([(27, 3 * MG)], []),
        ([(27, 3 * MG + 1)], ["fail override"]),
        ([(0, 3 * MG)], []),
        ([(0, 3 * MG + 1)], ["fail override"]),
    ],
)
def test_the_window_is_half_open_and_the_maximum_inclusive(stage, given, expected):
    assert words(asked(CODE, stage, dutasteride(*given))) == expected


def test_the_finding_names_the_sum_and_the_first_day_with_room():
    facts = dutasteride((27, 2 * MG), (20, MG), (7, MG))
    (finding,) = asked(CODE, SCHED, facts) or ()
    assert (finding.measured, finding.limit, finding.unit) == ("5", "4", "mg")
    assert "within 28 days" in finding.message
    assert finding.first_day == DAY + timedelta(days=1)
    assert finding.remedy.endswith("The first day that passes is 2025-06-03.")
    assert finding.pointer == "/starts_at"
    assert finding.override_role == "medical_director"


def test_the_first_day_with_room_may_fill_the_window_to_the_brim():
    (finding,) = asked(CODE, SCHED, dutasteride((27, 1), (7, 3 * MG))) or ()
    assert finding.first_day == DAY + timedelta(days=1)
    (hopeless,) = asked(CODE, SCHED, dutasteride((27, 1), (7, 3 * MG + 1))) or ()
    assert hopeless.first_day == DAY + timedelta(days=21)


def test_booked_doses_count_when_scheduling_only():
    facts = dutasteride((14, 3 * MG + 1), planned=True)
    assert words(asked(CODE, SCHED, facts)) == ["fail override"]
    assert asked(CODE, ADMIN, facts) == ()


@pytest.mark.parametrize(("ahead", "expected"), [(27, ["fail override"]), (28, [])])
def test_a_dose_slipped_in_before_a_later_one_is_counted_with_it(ahead, expected):
    assert words(asked(CODE, SCHED, dutasteride((-ahead, 3 * MG + 1)))) == expected


def test_unknown_history_or_dose_refuses():
    assert words(asked(CODE, SCHED, sound_facts(given=None))) == ["not_evaluable block"]
    untold = sound_facts(formula=formula(line("BIOTIN", 1, None)), plan=None)
    assert words(asked(CODE, SCHED, untold)) == ["not_evaluable block"]
    assert asked(CODE, SCHED, sound_facts(formula=formula("DEXPANTHENOL"), given=None)) is None


@pytest.mark.parametrize(("hours", "expected"), [(23, ["fail block"]), (24, [])])
def test_a_window_of_one_day_is_24_hours_where_the_times_are_known(hours, expected):
    at = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)
    before = at - timedelta(hours=hours)
    doses = (GivenDose("MEPIVACAINE", before.date(), 990 * MG, at=before),)
    facts = Facts(
        on=DAY,
        at=at,
        formula=formula(line("MEPIVACAINE", 20_000, 1_000)),
        given=doses,
        administration=administration(1_000),
    )
    assert words(asked(CODE, ADMIN, facts)) == expected


@pytest.mark.parametrize(("days", "expected"), [(0, []), (90, []), (91, ["fail override"])])
def test_weight_age(days, expected):
    patient = man(weighed_on=DAY - timedelta(days=days))
    facts = Facts(on=DAY, patient=patient, formula=formula("LIDOCAINE"))
    assert words(asked("DOSE-WEIGHT-STALE", CHECK_IN, facts)) == expected


def test_weight_age_unknown_in_the_future_or_beside_the_point():
    formulas = formula("LIDOCAINE")
    for patient in (man(weighed_on=None), man(weighed_on=DAY + timedelta(days=1))):
        facts = Facts(on=DAY, patient=patient, formula=formulas)
        assert words(asked("DOSE-WEIGHT-STALE", CHECK_IN, facts)) == ["not_evaluable block"]
    assert asked("DOSE-WEIGHT-STALE", CHECK_IN, Facts(on=DAY, formula=formula("BIOTIN"))) is None


def test_course_length_without_history_refuses():
    facts = Facts(on=DAY, formula=formula("DEOXYCHOLIC_ACID"))
    assert words(asked("DOSE-COURSE-MAX-SESSIONS", SCHED, facts)) == ["not_evaluable block"]
    other = Facts(on=DAY, formula=facts.formula, course_counts=(CourseCount("BIOTIN", 20),))
    assert asked("DOSE-COURSE-MAX-SESSIONS", SCHED, other) == ()


def test_dose_per_area_needs_a_measured_area():
    made = formula(line("DEOXYCHOLIC_ACID", 10_000, 1_000))
    facts = Facts(on=DAY, formula=made, administration=administration(1_000))
    assert words(asked("DOSE-AREA-ADJUSTED", ADMIN, facts)) == ["not_evaluable block"]
