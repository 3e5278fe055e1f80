"""A session far ahead, before which an assessment will be due, is moved all the same."""

import pytest

from tests.factories_sessions import make_active_plan
from tests.repairs.conftest import apply

OPEN = "PLAN-REASSESS-DUE"
CLOSED = {"from": "2026-08-10T00:00:00+02:00", "to": "2026-08-13T00:00:00+02:00"}


@pytest.fixture
async def last(as_role, clinic):
    """The last session of a course, 161 days ahead."""
    plan = await make_active_plan(as_role, clinic)
    path = f"/v1/plans/{plan['id']}/course"
    course = await as_role("receptionist").post(path, json={"acknowledged": [OPEN]})
    assert course.status_code == 201, course.text
    session = course.json()["sessions"][-1]
    assert session["starts_at"].startswith("2026-08-10")
    return session


async def test_what_is_met_later_stays_open(as_role, propose, last):
    proposal = await propose({"clinic": True}, **CLOSED, horizon_days=180)
    (move,) = proposal.json()["moves"]
    assert (move["session_id"], move["code"]) == (last["id"], "moved")
    assert (move["acknowledge"], move["open_points"]) == ([OPEN], [OPEN])
    assert not "2026-08-09T22" <= move["proposed"]["starts_at"] < "2026-08-12T22"
    applied = await apply(as_role("receptionist"), proposal)
    assert applied.status_code == 200, applied.text
    path = f"/v1/sessions/{last['id']}"
    read = (await as_role("receptionist").get(path)).json()
    assert read["starts_at"] == move["proposed"]["starts_at"]
    decision = await as_role("practitioner").get(f"/v1/decisions/{read['decision_id']}")
    answered = {each["code"]: each["resolved_by"] for each in decision.json()["findings"]}
    assert answered == {OPEN: "acknowledgement"}
    review = await as_role("nurse").get("/v1/worklists/review?limit=200")
    on_it = {each["session"]["id"]: each["findings"] for each in review.json()["items"]}
    assert OPEN in {each["code"] for each in on_it[last["id"]]}


async def test_what_is_overdue_today_finds_no_place(clock, propose, last):
    clock.advance(days=85)
    told = (await propose({"clinic": True}, **CLOSED)).json()
    (move,) = told["moves"]
    assert (told["placed"], move["code"], move["open_points"]) == (0, "rules", [])
    assert OPEN in move["rules"]
