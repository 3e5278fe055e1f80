"""The window and the rules are one: a day is inside exactly when a booking finds nothing."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.evaluate import evaluate
from rules.facts import Facts, GivenDose, Plan, PlanSession
from rules.window import SPACING_CODES, window
from tests.rules.cases import DAY, REFERENCE, SCHED, changed, formula, line, protocol
from tests.rules.strategies import given_doses, or_none, protocols, sessions, several


def spacing_free(facts: Facts, day: date) -> bool:
    found = evaluate(SCHED, replace(facts, on=day, at=None), REFERENCE).findings
    return not any(finding.code in SPACING_CODES for finding in found)


def around(first: date, days: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(days)]


MIXTURES = [
    formula(line("BIOTIN", 5_000, 1_000)),
    formula(line("DUTASTERIDE", 500, 2_000), line("LIDOCAINE", 20_000, 500)),
    formula(line("CYANOCOBALAMIN", 1_000, 900), line("ZINC", 1_000, 1_000)),
]


def history() -> st.SearchStrategy:
    codes = st.sampled_from(["BIOTIN", "DUTASTERIDE", "CYANOCOBALAMIN", "ZINC", "MINOXIDIL"])
    doses = given_doses.flatmap(
        lambda dose: st.tuples(codes, st.integers(1, 2_000_000)).map(
            lambda drawn: replace(dose, ingredient_code=drawn[0], dose_micro=drawn[1], at=None)
        )
    )
    return several(doses, 6)


plans = st.builds(
    Plan,
    plan_id=st.just("p"),
    session_number=or_none(st.integers(1, 6)),
    protocol=or_none(protocols),
)


@given(
    st.builds(
        Facts,
        on=st.just(DAY),
        plan=plans,
        formula=st.sampled_from(MIXTURES),
        sessions=several(sessions, 4),
        given=history(),
        effects=st.just(()),
    )
)
@settings(max_examples=20, deadline=None)
def test_a_day_is_inside_exactly_when_a_booking_gets_no_spacing_finding(facts):
    found = window(facts, REFERENCE)
    for day in around(DAY - timedelta(days=70), 200):
        assert any(run.holds(day) for run in found.runs) == spacing_free(facts, day), day
    if found.runs:
        assert (found.earliest_on, found.latest_on) == (found.runs[0].first, found.runs[0].last)
    ends = [(run.first, run.last) for run in found.runs]
    for (_, last), (first, _) in pairwise(ends):
        assert last is not None
        assert first is not None
        assert last + timedelta(days=1) < first


@given(st.lists(st.integers(6, 16), min_size=1, max_size=11), st.sampled_from(MIXTURES))
@settings(max_examples=15, deadline=None)
def test_in_an_ordinary_course_the_window_is_one_run(gaps, made):
    days = [DAY]
    for gap in gaps[:-1]:
        days.append(days[-1] + timedelta(days=gap))
    facts = Facts(
        on=days[-1],
        plan=Plan("p", len(days) + 1, protocol=protocol()),
        formula=made,
        sessions=tuple(PlanSession(n, on, performed=True) for n, on in enumerate(days, 1)),
        given=tuple(GivenDose("BIOTIN", on, 5_000_000) for on in days),
        effects=(),
    )
    found = window(facts, REFERENCE)
    assert len(found.runs) <= 1
    inside = [day for day in around(days[-1] - timedelta(days=3), 130) if spacing_free(facts, day)]
    if inside:
        assert (found.earliest_on, found.latest_on) == (inside[0], inside[-1])
        assert found.target_on in inside
        assert found.findings == ()
    else:
        assert found.runs == ()


def second_session(**more) -> Facts:
    base = Facts(
        on=DAY,
        plan=Plan("p", 2, protocol=protocol()),
        formula=MIXTURES[0],
        sessions=(PlanSession(1, DAY, performed=True),),
        given=(GivenDose("BIOTIN", DAY, 5_000_000),),
    )
    return replace(base, **more)


def test_the_classic_second_session():
    found = window(second_session(), REFERENCE)
    assert (found.session_number, found.phase) == (2, "A")
    assert found.earliest_on == date(2025, 6, 8)
    assert found.target_on == date(2025, 6, 9)
    assert found.latest_on == date(2025, 6, 12)
    assert found.findings == ()


def test_too_late_is_told_as_of_today():
    found = window(second_session(), REFERENCE, as_of=date(2025, 6, 13))
    assert found.latest_on == date(2025, 6, 12)
    assert [finding.code for finding in found.findings] == ["SPACING-MAX-GAP"]
    assert window(second_session(), REFERENCE, as_of=date(2025, 6, 12)).findings == ()


def test_the_first_session_is_free():
    first = second_session(sessions=(), given=(), plan=Plan("p", 1, protocol=protocol()))
    found = window(first, REFERENCE)
    assert (found.earliest_on, found.target_on, found.latest_on) == (None, None, None)
    assert found.findings == ()


def test_an_ingredient_may_leave_no_free_day():
    monthly = second_session(formula=MIXTURES[1], given=(GivenDose("DUTASTERIDE", DAY, 1_000_000),))
    found = window(monthly, REFERENCE)
    assert found.runs == ()
    assert found.earliest_on == DAY + timedelta(days=28)
    assert found.latest_on == DAY + timedelta(days=10)
    assert found.target_on == found.earliest_on
    assert [finding.code for finding in found.findings] == ["SPACING-MAX-GAP"]


def test_the_ceiling_over_four_weeks_moves_the_window():
    weeks = [DAY + timedelta(days=7 * n) for n in range(4)]
    doses = [GivenDose("CYANOCOBALAMIN", on, 1_000_000) for on in weeks]
    facts = second_session(
        formula=formula(line("CYANOCOBALAMIN", 1_000, 900)),
        plan=Plan("p", 5, protocol=protocol()),
        sessions=tuple(PlanSession(n, on, performed=True) for n, on in enumerate(weeks, 1)),
        given=tuple(doses),
    )
    assert window(facts, REFERENCE).earliest_on == weeks[-1] + timedelta(days=12)
    doubled = replace(facts, given=(*doses[:3], replace(doses[3], dose_micro=3_100_000)))
    found = window(doubled, REFERENCE)
    assert found.earliest_on == weeks[2] + timedelta(days=28)
    assert found.latest_on == weeks[-1] + timedelta(days=18)


def test_spacing_nobody_published_has_no_window():
    facts = second_session(plan=Plan("p", 2, protocol=protocol("P-DUTA-SOB")))
    found = window(facts, REFERENCE)
    assert (found.earliest_on, found.latest_on, found.runs) == (None, None, ())
    assert "SPACING-MIN-INTERVAL" in [finding.code for finding in found.findings]


def test_a_sleeping_rule_sets_no_bounds():
    def sleep(document):
        for row in document["rules"]:
            row["active"] = row["code"] != "SPACING-MAX-GAP"

    assert window(second_session(), changed(sleep)).latest_on is None
