"""Days between sessions: both sides of every interval, exceptions, gaps, unknown spacing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rules.facts import Facts, GivenDose, OtherTherapy, Plan, PlanSession
from rules.protocol import IngredientException, Protocol, course_dates
from rules.reference_data import reference_protocols
from tests.rules.cases import (
    ADMIN,
    CHECK_IN,
    DAY,
    SCHED,
    asked,
    changed,
    formula,
    line,
    parameter,
    protocol,
    words,
)

MIN, GAP, INGREDIENT = "SPACING-MIN-INTERVAL", "SPACING-MAX-GAP", "SPACING-INGREDIENT-MIN"


def on_day(days: int, number: int = 2, *others: tuple[int, int], code="P-CLASSIC-442") -> Facts:
    """Session `number` on DAY + days; others as (number, day), the first of them performed."""
    sessions = tuple(
        PlanSession(n, DAY + timedelta(days=at), performed=place == 0)
        for place, (n, at) in enumerate(others or ((1, 0),))
    )
    plan = Plan("p", number, protocol=protocol(code))
    return Facts(on=DAY + timedelta(days=days), plan=plan, sessions=sessions)


@pytest.mark.parametrize("stage", [SCHED, CHECK_IN, ADMIN])
@pytest.mark.parametrize(("days", "expected"), [(7, []), (6, []), (5, ["fail override"])])
def test_minimum_interval(stage, days, expected):
    assert words(asked(MIN, stage, on_day(days))) == expected


def test_minimum_interval_in_words():
    (finding,) = asked(MIN, SCHED, on_day(5)) or ()
    assert finding.message == "5 days after session 1 (2025-06-02); phase A asks for at least 6."
    assert finding.first_day == date(2025, 6, 8)
    assert finding.remedy == (
        "Move to the first allowed date. The first day that passes is 2025-06-08."
    )
    assert (finding.measured, finding.limit, finding.unit) == ("5", "6", "d")
    assert finding.pointer == "/starts_at"
    assert finding.override_role == "prescriber"
    assert not finding.second_person


def test_the_interval_of_a_phase_precedes_each_of_its_sessions():
    assert asked(MIN, SCHED, on_day(12, 5, (4, 0))) == ()
    assert words(asked(MIN, SCHED, on_day(11, 5, (4, 0)))) == ["fail override"]
    assert words(asked(MIN, SCHED, on_day(24, 9, (8, 0)))) == ["fail override"]
    assert words(asked(MIN, SCHED, on_day(69, 12, (11, 0)))) == ["fail override"]
    assert asked(MIN, SCHED, on_day(70, 12, (11, 0))) == ()


def test_the_next_session_is_not_crowded_either():
    others = ((1, 0), (3, 20))
    assert asked(MIN, SCHED, on_day(14, 2, *others)) == ()
    (finding,) = asked(MIN, SCHED, on_day(15, 2, *others)) or ()
    assert finding.message.startswith("5 days before session 3")
    assert words(asked(MIN, SCHED, on_day(21, 2, *others))) == ["fail override"]


def test_a_session_cannot_overtake_the_one_before():
    (finding,) = asked(MIN, SCHED, on_day(-1)) or ()
    assert finding.measured == "-1"


def test_booked_sessions_count_when_scheduling_and_not_on_the_day():
    facts = on_day(20, 3, (1, 0), (2, 16))
    assert words(asked(MIN, SCHED, facts)) == ["fail override"]
    assert asked(MIN, CHECK_IN, facts) == ()
    assert asked(MIN, ADMIN, facts) == ()


def test_two_sessions_of_one_number_are_no_pass():
    (finding,) = asked(MIN, SCHED, on_day(30, 2, (2, 0))) or ()
    assert words((finding,)) == ["not_evaluable override"]
    assert finding.message == (
        "There is another session 2, so what comes before which cannot be told."
    )


def test_the_first_session_passes_and_the_unknown_does_not():
    first = replace(on_day(0, 1), sessions=())
    assert asked(MIN, SCHED, first) == ()
    assert asked(GAP, SCHED, first) == ()
    unknown = replace(on_day(0, 1), sessions=None)
    assert words(asked(MIN, SCHED, unknown)) == ["not_evaluable override"]
    assert words(asked(GAP, SCHED, unknown)) == ["not_evaluable warn"]


def test_spacing_nobody_published_is_not_a_pass():
    facts = on_day(30, 2, code="P-DUTA-SOB")
    (finding,) = asked(MIN, SCHED, facts) or ()
    assert words((finding,)) == ["not_evaluable override"]
    assert finding.message == "The protocol states no interval for session 2."
    beyond = on_day(30, 11, (10, 0), code="P-MINOX-10W")
    (finding,) = asked(MIN, SCHED, beyond) or ()
    assert finding.message == "The protocol ends with session 10; this is 11."


@pytest.mark.parametrize(
    ("days", "expected"),
    [(10, []), (11, ["fail warn"]), (20, ["fail warn"]), (21, ["fail override"])],
)
def test_maximum_gap(days, expected):
    for stage in (SCHED, CHECK_IN):
        assert words(asked(GAP, stage, on_day(days))) == expected


def test_maximum_gap_factor_is_a_figure():
    strict = changed(parameter("spacing.gap_factor", "1.5"))
    assert words(asked(GAP, SCHED, on_day(15), strict)) == ["fail warn"]
    assert words(asked(GAP, SCHED, on_day(16), strict)) == ["fail override"]


def given(days: int, code: str = "DUTASTERIDE", *, planned: bool = False, **plan) -> Facts:
    dose = GivenDose(code, DAY, 1, planned=planned)
    return Facts(
        on=DAY + timedelta(days=days),
        formula=formula("DUTASTERIDE", "BIOTIN"),
        given=(dose,),
        plan=Plan("p", **plan),
    )


@pytest.mark.parametrize("stage", [SCHED, ADMIN])
@pytest.mark.parametrize(
    ("days", "expected"),
    [(28, []), (27, ["fail override"]), (-27, ["fail override"]), (-28, [])],
)
def test_ingredient_interval(stage, days, expected):
    assert words(asked(INGREDIENT, stage, given(days))) == expected


def test_ingredient_interval_in_words():
    (finding,) = asked(INGREDIENT, SCHED, given(20)) or ()
    assert finding.message == (
        "Dutasteride: 20 days after the dose of 2025-06-02; at least 28 are asked for."
    )
    assert finding.first_day == DAY + timedelta(days=28)


def test_the_first_clear_day_may_touch_the_dose_after_it():
    doses = tuple(GivenDose("DUTASTERIDE", DAY + timedelta(days=n), 1) for n in (0, 56))
    (finding,) = asked(INGREDIENT, SCHED, replace(given(0), given=doses)) or ()
    assert finding.message.startswith("Dutasteride: 0 days after the dose of 2025-06-02")
    assert finding.first_day == DAY + timedelta(days=28)


def test_an_approved_exception_of_the_protocol_names_the_ingredient():
    weekly = protocol("P-DUTA-ABD")
    assert asked(INGREDIENT, SCHED, given(6, protocol=weekly)) == ()
    assert words(asked(INGREDIENT, SCHED, given(5, protocol=weekly))) == ["fail override"]
    draft = replace(weekly, approved=False)
    assert words(asked(INGREDIENT, SCHED, given(6, protocol=draft))) == ["fail override"]
    other = Protocol("P", weekly.phases, exceptions=(IngredientException("FINASTERIDE", 6),))
    assert words(asked(INGREDIENT, SCHED, given(6, protocol=other))) == ["fail override"]


def test_a_label_may_ask_for_more_days():
    made = formula(line("BIOTIN", label_min_interval_days=10))
    facts = replace(given(9, "BIOTIN"), formula=made)
    (finding,) = asked(INGREDIENT, SCHED, facts) or ()
    assert (finding.limit, finding.evidence) == ("10", "label")


@pytest.mark.parametrize(("days", "expected"), [(400, []), (399, ["fail override"])])
def test_a_label_looks_back_further_than_any_figure_of_the_rule_set(days, expected):
    made = formula(line("BIOTIN", label_min_interval_days=400))
    facts = replace(given(days, "BIOTIN"), formula=made)
    assert words(asked(INGREDIENT, SCHED, facts)) == expected


def test_booked_doses_of_an_ingredient_count_when_scheduling():
    facts = given(20, planned=True)
    assert words(asked(INGREDIENT, SCHED, facts)) == ["fail override"]
    assert asked(INGREDIENT, ADMIN, facts) == ()


def test_ingredients_without_history_or_name():
    never = replace(given(1), given=())
    assert asked(INGREDIENT, SCHED, never) == ()
    untold = replace(given(1), given=None)
    assert words(asked(INGREDIENT, SCHED, untold)) == ["not_evaluable override"]
    odd = replace(never, formula=formula("NO_SUCH_THING"))
    assert words(asked(INGREDIENT, SCHED, odd)) == ["not_evaluable block"]


def test_intervals_are_calendar_days_also_over_a_clock_change():
    facts = replace(on_day(0), on=date(2026, 4, 4))
    before = PlanSession(1, date(2026, 3, 29), performed=True)  # 23 hours long in Europe
    assert asked(MIN, SCHED, replace(facts, sessions=(before,))) == ()
    leap = PlanSession(1, date(2028, 2, 28), performed=True)
    assert asked(MIN, SCHED, replace(facts, on=date(2028, 3, 5), sessions=(leap,))) == ()
    (finding,) = asked(MIN, SCHED, replace(facts, on=date(2028, 3, 4), sessions=(leap,))) or ()
    assert finding.measured == "5"


def test_wash_out_after_other_procedures():
    def after(code, days, codes=("BIOTIN",)):
        others = (OtherTherapy(code, DAY - timedelta(days=days)),)
        facts = Facts(on=DAY, formula=formula(*codes), other_therapies=others)
        return words(asked("SPACING-OTHER-PROCEDURE", SCHED, facts))

    assert after("LASER", 14) == []
    assert after("LASER", 0) == ["fail override"]
    assert after("LASER", -1) == []
    assert after("LASER", 13) == ["fail override"]
    assert after("VACCINE", 1) == []
    assert after("VACCINE", 13, ("HYALURONIC_ACID_NCL",)) == ["fail override"]
    assert after("PRP", 1, ("PRP",)) == []
    assert after("ORAL_FINASTERIDE", 0) == []
    untold = Facts(on=DAY, formula=formula("BIOTIN"))
    assert words(asked("SPACING-OTHER-PROCEDURE", SCHED, untold)) == ["not_evaluable warn"]


def test_the_worked_schedule_of_the_classic_course():
    days = course_dates(protocol(), date(2025, 3, 3), 11)
    assert days is not None
    assert [day.isoformat()[5:] for day in days] == [
        "03-03", "03-10", "03-17", "03-24", "04-07", "04-21", "05-05", "05-19",
        "06-16", "07-14", "08-11",
    ]  # fmt: skip
    assert (days[-1] - days[0]).days == 161


def test_courses_that_end_go_on_or_are_unknown():
    assert len(course_dates(protocol("P-MINOX-10W"), DAY, 12) or ()) == 10
    classic = course_dates(protocol(), DAY, 13) or ()
    assert [(b - a).days for a, b in zip(classic[-3:], classic[-2:], strict=False)] == [84, 84]
    assert course_dates(protocol("P-DUTA-SOB"), DAY, 2) is None
    assert course_dates(protocol("P-DUTA-SOB"), DAY, 1) == (DAY,)


def test_stated_intervals_become_phases():
    weeks = course_dates(protocol("P-DUTA-ABD"), DAY, 7) or ()
    assert [(day - DAY).days // 7 for day in weeks] == [0, 1, 2, 3, 5, 7, 11]
    phases = [(p.min_days, p.max_days) for p in protocol("P-DUTA-ABD").phases]
    assert phases == [(6, 10), (13, 17), (27, 31)]


def test_the_nineteen_reference_protocols_are_sourced():
    found = reference_protocols()
    assert len(found) == 19
    for each in found:
        assert each.source
        assert each.evidence
        for phase in each.protocol.phases:
            if phase.target_days is not None:
                assert phase.min_days is not None
                assert phase.max_days is not None
                assert phase.min_days <= phase.target_days <= phase.max_days
