"""Moving a session and the rest of its course."""

import pytest

from models import TimeOff
from tests.api.test_courses import LATER, away, booked, days, sessions_of
from tests.factories_sessions import make_active_plan
from tests.stored_rows import write

LATE = "2026-03-12T08:00:00Z"


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


@pytest.fixture
async def course(as_role, plan):
    return await booked(as_role("receptionist"), plan)


async def shift(client, session, query="", version='"1"', **body):
    path = f"/v1/sessions/{session['id']}/shift{query}"
    return await client.post(path, json=body, headers={"If-Match": version})


async def test_the_rest_follows_at_the_protocols_distances(as_role, clinic, plan, course):
    desk, second = as_role("receptionist"), course["sessions"][1]
    answer = await shift(desk, second, starts_at=LATE, **LATER)
    assert answer.status_code == 200, answer.text
    moved = answer.json()["sessions"]
    assert [each["id"] for each in moved] == [each["id"] for each in course["sessions"][1:]]
    assert days({"sessions": moved}) == [
        "2026-03-12", "2026-03-19", "2026-03-26", "2026-04-09", "2026-04-23", "2026-05-07",
        "2026-05-21", "2026-06-18", "2026-07-16", "2026-08-13",
    ]  # fmt: skip
    assert {each["local_starts_at"][11:] for each in moved} == {"09:00"}
    assert [each["moved_from"] for each in moved] == [
        each["starts_at"] for each in course["sessions"][1:]
    ]
    stored = await sessions_of(desk, plan)
    assert [each["starts_at"] for each in stored[1:]] == [each["starts_at"] for each in moved]
    assert [each["session_number"] for each in stored] == list(range(1, 12))
    assert [each["decision_id"] for each in stored[1:]] == [each["decision_id"] for each in moved]


async def test_it_says_what_would_come_of_moving_one_only(as_role, clinic, plan, course):
    desk, second = as_role("receptionist"), course["sessions"][1]
    dry = await shift(desk, second, "?dry_run=true", starts_at=LATE, **LATER)
    assert dry.status_code == 200, dry.text
    told = dry.json()
    assert told["outcome"] == "allowed"
    third, *others = told["otherwise"]
    assert third["id"] == course["sessions"][2]["id"]
    assert {"SPACING-MIN-INTERVAL", "SPACING-INGREDIENT-MIN"} == {
        each["code"] for each in third["findings"]
    }
    assert all(each["code"] == "PLAN-REASSESS-DUE" for o in others for each in o["findings"])
    assert [each["starts_at"] for each in await sessions_of(desk, plan)] == [
        each["starts_at"] for each in course["sessions"]
    ]


async def test_earlier_works_as_well(as_role, clinic, plan, course):
    desk, second = as_role("receptionist"), course["sessions"][1]
    answer = await shift(desk, second, starts_at="2026-03-08T08:00:00Z", **LATER)
    assert answer.status_code == 200, answer.text
    assert days(answer.json())[:3] == ["2026-03-08", "2026-03-15", "2026-03-22"]


async def test_nothing_moves_where_one_finds_no_place(as_role, clinic, app, plan, course):
    desk, second = as_role("receptionist"), course["sessions"][1]
    await write(app, clinic, TimeOff, away(clinic))
    before = await sessions_of(desk, plan)
    refused = await shift(desk, second, starts_at=LATE, **LATER)
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["type"] == "/problems/course-impossible"
    assert (problem["session_number"], problem["placed_before"]) == (3, 1)
    assert await sessions_of(desk, plan) == before


async def test_rules_and_the_order_of_the_course_hold(as_role, clinic, plan, course):
    desk, second = as_role("receptionist"), course["sessions"][1]
    soon = await shift(desk, second, starts_at="2026-03-05T08:00:00Z", **LATER)
    assert soon.json()["type"] == "/problems/refused-by-rules"
    assert "SPACING-MIN-INTERVAL" in soon.json()["unanswered"]
    third = course["sessions"][2]
    before = await shift(desk, third, starts_at="2026-03-08T08:00:00Z", **LATER)
    assert before.json()["errors"][0]["code"] == "out_of_order"
    past = await shift(desk, second, starts_at="2026-03-02T07:00:00Z", **LATER)
    assert past.json()["errors"][0]["code"] == "in_the_past"
    far = await shift(desk, second, starts_at="2031-03-06T08:01:00Z", **LATER)
    assert far.json()["errors"][0]["code"] == "too_far_ahead"
    empty = await shift(desk, second, starts_at=LATE, duration_minutes=0, **LATER)
    assert empty.json()["errors"][0]["pointer"] == "/duration_minutes"
    stale = await shift(desk, second, version='"7"', starts_at=LATE, **LATER)
    assert stale.status_code == 412
    unanswered = await shift(desk, second, starts_at=LATE)
    assert unanswered.json()["unanswered"] == ["PLAN-REASSESS-DUE"]
    assert unanswered.json()["outcome"] == "needs_acknowledgement"


async def test_what_is_taken_is_taken(as_role, clinic, plan, course):
    desk, second = as_role("receptionist"), course["sessions"][1]
    body = {
        "practitioner_id": plan["practitioner_id"], "starts_at": LATE, "duration_minutes": 30,
    }  # fmt: skip
    assert (await desk.post("/v1/reservations", json=body)).status_code == 201
    refused = await shift(desk, second, starts_at=LATE, **LATER)
    assert refused.json()["type"] == "/problems/schedule-conflict"
    assert len(await sessions_of(desk, plan)) == 11
