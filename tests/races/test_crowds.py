"""Crowds over a shared pool of practitioners, rooms and patients: afterwards nothing overlaps,
whoever was told that something is booked finds it, and nobody was failed."""

import time
from collections import Counter

import pytest

from tests.factories_crowds import make_plans
from tests.races import mornings
from tests.races.history import violations
from tests.races.standing import deadlocks

pytestmark = pytest.mark.slow
PLANS, WRITES, SECONDS = 20, 3, 60


def counted(crowd):
    return Counter((each.kind, each.status) for each in crowd.history)


def until():
    return time.monotonic() + SECONDS


async def test_sixty_four_clients(over_http, clinic, crowd, app):
    plans = await make_plans(over_http, clinic, PLANS)
    await mornings.bookings(crowd, plans, WRITES, until())
    assert violations(crowd.history, await crowd.final()) == []
    assert await deadlocks(app) == 0
    seen = counted(crowd)
    assert seen["book", 201] > 10
    assert seen["book", 409] > 20, "nobody collided: the test shows nothing"
    assert {kind for kind, status in seen if status < 300} == {"book", "move", "cancel"}
    collided = [each for each in crowd.history if each.body.get("conflicts")]
    assert {one["resource"] for each in collided for one in each.body["conflicts"]} >= {
        "practitioner", "room",
    }  # fmt: skip


async def test_courses_beside_single_bookings(over_http, clinic, crowd, app):
    """Courses of one plan at once, singles of that plan, and singles that want the same hours."""
    whole = await make_plans(over_http, clinic, 3, protocol="P-MINOX-10W")
    others = await make_plans(over_http, clinic, 8)
    await mornings.courses(crowd, whole, others, until())
    final = await crowd.final()
    assert violations(crowd.history, final) == []
    assert await deadlocks(app) == 0
    booked = [each for each in crowd.history if each.kind == "course" and each.status == 201]
    assert len(booked) >= 2, counted(crowd)
    for each in booked:
        assert len(each.sessions) == each.body["booked"] == 10 - each.body["already_booked"]
    by_plan = Counter(each["plan_id"] for each in final.values())
    assert all(by_plan[plan["id"]] in {0, 1, 10} for plan in whole[:2]), by_plan
    assert all(by_plan[plan["id"]] in {0, 10} for plan in whole[2:]), by_plan


async def test_a_repair_beside_single_bookings(over_http, clinic, crowd, app):
    """Its places are wanted by others while it is applied: it moves all, or is out of date."""
    plans = await make_plans(over_http, clinic, 12)
    ill = crowd.people[0]
    moves = await mornings.repair(crowd, over_http("receptionist"), plans)
    final = await crowd.final()
    assert violations(crowd.history, final) == []
    assert await deadlocks(app) == 0
    applied = [each for each in crowd.history if each.kind == "apply" and each.status == 200]
    assert len(applied) <= 1
    theirs = [final[each["session_id"]]["practitioner_id"] for each in moves]
    assert theirs.count(ill) in ({0} if applied else {6}), theirs
