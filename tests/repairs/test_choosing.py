"""The core of a repair: exact conflicts, the best choice, and what is known about it."""

import time
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from api.solving import choosing
from api.solving.choosing import GREEDY, HIGHS, Solution, least_cost, solve
from api.solving.cliques import cliques
from api.solving.greedy import greedy
from api.solving.placing import (
    DAY_OFF_TARGET,
    OTHER_PRACTITIONER,
    PATIENT_MOVED,
    WITHOUT_PLACE,
    Affected,
    Choice,
    Place,
    Taking,
    collisions,
    cost_of,
)


def place(who: str, begins: int, ends: int, days_off: int = 0, **over) -> Place:
    values = {"moved": True, "other_practitioner": False} | over
    return Place((Taking(who, begins, ends),), days_off=days_off, **values)


def solved(*sessions: Affected, seconds: float = 10.0) -> Solution:
    begun = time.monotonic()
    return solve(sessions, seconds, lambda: time.monotonic() - begun)


@st.composite
def problems(draw) -> tuple[Affected, ...]:
    """Few sessions and places over two people, two rooms and a short day: all can be tried."""
    sessions = []
    for _ in range(draw(st.integers(1, 4))):
        places = []
        for _ in range(draw(st.integers(0, 4))):
            begins = draw(st.integers(0, 6))
            ends = begins + draw(st.integers(1, 3))
            who, room = draw(st.sampled_from("ab")), draw(st.sampled_from("xy"))
            places.append(
                Place(
                    (Taking(who, begins, ends), Taking(room, begins, ends)),
                    moved=draw(st.booleans()),
                    days_off=draw(st.integers(0, 30)),
                    other_practitioner=draw(st.booleans()),
                    inconvenience=draw(st.integers(0, 3)),
                )
            )
        sessions.append(Affected(draw(st.sampled_from(("p", "q", "r"))), tuple(places)))
    return tuple(sessions)


def every_choice(sessions: tuple[Affected, ...]) -> list[Choice]:
    options = [[None, *range(len(session.places))] for session in sessions]
    return [choice for choice in product(*options) if not collisions(sessions, choice)]


@settings(max_examples=150, deadline=None)
@given(problems())
def test_nothing_that_anybody_could_choose_costs_less(sessions):
    found = solved(*sessions)
    best = min(cost_of(sessions, choice) for choice in every_choice(sessions))
    assert collisions(sessions, found.choice) == []
    assert cost_of(sessions, found.choice) == found.objective == best
    assert found.optimal
    assert str(found.gap) == "0.0000"


@settings(max_examples=200, deadline=None)
@given(problems())
def test_places_exclude_each_other_exactly_where_they_overlap(sessions):
    together = {
        (one, other)
        for members in cliques(sessions)
        for one in members
        for other in members
        if one[0] < other[0]
    }
    for (i, one), (j, other) in product(enumerate(sessions), enumerate(sessions)):
        if i >= j:
            continue
        for a, b in product(range(len(one.places)), range(len(other.places))):
            pair: list[int | None] = [None] * len(sessions)
            pair[i], pair[j] = a, b
            overlap = bool(collisions(sessions, tuple(pair)))
            assert (((i, a), (j, b)) in together) == overlap


@settings(max_examples=200, deadline=None)
@given(problems())
def test_the_greedy_plan_is_sound_and_its_bound_is_true(sessions):
    choice = greedy(sessions)
    assert collisions(sessions, choice) == []
    best = min(cost_of(sessions, each) for each in every_choice(sessions))
    assert least_cost(sessions) <= best <= cost_of(sessions, choice)


def test_what_ends_when_another_begins_does_not_overlap_it():
    sessions = (
        Affected("p", (place("a", 0, 30),)),
        Affected("q", (place("a", 30, 60),)),
        Affected("r", (place("a", 29, 31),)),
    )
    assert collisions(sessions, (0, 0, None)) == []
    assert collisions(sessions, (0, None, 0)) == [(0, 2)]
    assert collisions(sessions, (None, 0, 0)) == [(2, 1)]


def test_a_place_for_everybody_comes_before_everything_else():
    one = Affected("p", (place("a", 0, 1), place("a", 9, 10, days_off=180)))
    other = Affected("q", (place("a", 0, 1),))
    found = solved(one, other)
    assert found.choice == (1, 0)
    assert found.objective == 2 * PATIENT_MOVED + 180 * DAY_OFF_TARGET < WITHOUT_PLACE


def test_no_patient_is_moved_where_somebody_else_can_take_them_at_the_same_time():
    session = Affected(
        "p",
        (place("a", 9, 10), place("b", 0, 1, 180, moved=False, other_practitioner=True)),
    )
    assert solved(session).choice == (1,)


def test_a_patient_with_two_sessions_is_moved_once():
    sessions = tuple(Affected("p", (place("a", n, n + 1),)) for n in (0, 5))
    assert solved(*sessions).objective == PATIENT_MOVED


def test_a_day_off_the_target_weighs_more_than_another_practitioner():
    session = Affected("p", (place("a", 9, 10, 1), place("b", 0, 1, 0, other_practitioner=True)))
    found = solved(session)
    assert (found.choice, found.objective) == ((1,), PATIENT_MOVED + OTHER_PRACTITIONER)


def test_the_solver_finds_what_the_greedy_plan_does_not():
    """Greedily the first takes its best place, which is the only cheap one of the second."""
    first = Affected("p", (place("a", 0, 1, 0), place("b", 0, 1, 1)))
    second = Affected("q", (place("a", 0, 1, 0), place("b", 5, 6, 9)))
    found = solved(first, second)
    assert cost_of((first, second), greedy((first, second))) == found.objective + 80
    assert (found.choice, found.planner, found.in_time) == ((1, 0), HIGHS, True)


def test_when_time_runs_out_the_best_so_far_is_given_with_its_gap():
    first = Affected("p", (place("a", 0, 1, 0), place("b", 0, 1, 1)))
    second = Affected("q", (place("a", 0, 1, 0), place("b", 5, 6, 9)))
    found = solve((first, second), 0.1, lambda: 0.1)
    assert (found.choice, found.planner, found.in_time) == ((0, 1), GREEDY, False)
    assert found.bound == 2 * PATIENT_MOVED
    assert str(found.gap) == "0.0221"  # 90 of 4,090, rounded up


def test_without_a_solver_the_greedy_plan_is_given_with_its_gap(monkeypatch):
    monkeypatch.setattr(choosing, "solver_installed", lambda: False)
    first = Affected("p", (place("a", 0, 1, 0), place("b", 0, 1, 1)))
    second = Affected("q", (place("a", 0, 1, 0), place("b", 5, 6, 9)))
    found = solved(first, second)
    assert (found.choice, found.planner, found.optimal) == ((0, 1), GREEDY, False)
    assert found.bound < found.objective


def test_a_session_without_any_place_stays_without():
    found = solved(Affected("p", ()), Affected("q", (place("a", 0, 1),)))
    assert (found.choice, found.optimal) == ((None, 0), True)
    assert found.objective == WITHOUT_PLACE + PATIENT_MOVED


def test_nothing_affected_costs_nothing():
    found = solved()
    assert (found.choice, found.objective, str(found.gap)) == ((), 0, "0.0000")
