"""Crowds over a shared pool of practitioners, rooms and patients: afterwards nothing overlaps,
whoever was told that something is booked finds it, and nobody was failed."""

import asyncio
import time
from collections import Counter

import pytest

from tests.factories_crowds import make_plans
from tests.races.crowd import CLIENTS
from tests.races.history import violations
from tests.races.test_overlooked import deadlocks, until_nothing_is_asked_for

pytestmark = pytest.mark.slow
PLANS, WRITES, SECONDS = 20, 3, 60
ILL = {"from": "2026-03-10T00:00:00+01:00", "to": "2026-03-11T00:00:00+01:00", "reason": "Ill."}


def counted(crowd):
    return Counter((each.kind, each.status) for each in crowd.history)


def until():
    return time.monotonic() + SECONDS


async def test_sixty_four_clients(over_http, clinic, crowd, app):
    plans = await make_plans(over_http, clinic, PLANS)
    end = until()
    await asyncio.gather(*(crowd.client(each, plans, WRITES, end) for each in range(CLIENTS)))
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
    crowd.days = ("2026-03-02", "2026-03-09")
    wishes = {"time_from": "10:00", "time_to": "12:00", "duration_minutes": 30}
    end = until()
    await asyncio.gather(
        *(crowd.course(plan, **wishes) for plan in whole for _ in range(2)),
        *(crowd.client(each, whole[:2], 1, end) for each in range(4)),
        *(crowd.client(each, others, 2, end) for each in range(20)),
    )
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
    desk, ill = over_http("receptionist"), crowd.people[0]
    for number, plan in enumerate(plans[:6]):
        starts_at = f"2026-03-10T{9 + number // 2:02}:{number % 2 * 30:02}:00Z"
        place = {"starts_at": starts_at, "practitioner_id": ill, "room_id": crowd.rooms[0]}
        body = {"plan_id": plan["id"], "duration_minutes": 30, **place}
        assert await crowd.write("book", "POST", "/v1/sessions", body)
    asked = await desk.post("/v1/repairs", json={"unavailable": {"practitioner_id": ill}, **ILL})
    (operation,) = await until_nothing_is_asked_for(desk)
    assert (asked.status_code, operation["status"]) == (202, "succeeded"), operation
    path = f"/v1/repairs/{operation['args']['repair_id']}"
    proposal = await desk.get(path)
    moves = proposal.json()["moves"]
    wanted = [each["proposed"] for each in moves if each["proposed"]]
    assert len(wanted) == 6
    tag = {"If-Match": proposal.headers["etag"]}

    def single(plan, place):
        slot = {name: place[name] for name in ("starts_at", "practitioner_id", "room_id")}
        body = {"plan_id": plan["id"], "duration_minutes": 30, **slot}
        return crowd.write("book", "POST", "/v1/sessions", body)

    await asyncio.gather(
        *(single(plan, place) for plan, place in zip(plans[6:9], wanted, strict=False)),
        crowd.write("apply", "POST", f"{path}/apply", {}, headers=tag),
        crowd.write("apply", "POST", f"{path}/apply", {}, headers=tag),
        *(single(plan, place) for plan, place in zip(plans[9:], wanted[3:], strict=False)),
    )
    final = await crowd.final()
    assert violations(crowd.history, final) == []
    assert await deadlocks(app) == 0
    applied = [each for each in crowd.history if each.kind == "apply" and each.status == 200]
    assert len(applied) <= 1
    theirs = [final[each["session_id"]]["practitioner_id"] for each in moves]
    assert theirs.count(ill) in ({0} if applied else {6}), theirs
