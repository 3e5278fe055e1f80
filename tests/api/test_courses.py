"""Whole courses: all remaining sessions nearest to the protocol's days, or none."""

from datetime import UTC, date, datetime, timedelta

import pytest

from models import Closure, OpeningHours, TimeOff
from tests.factories_sessions import (
    SCREENING,
    book,
    make_active_plan,
    make_treatable_patient,
    move_on,
    moved,
)
from tests.queries import counted_queries
from tests.remembering import remembered
from tests.stored_rows import write

LATER = {"acknowledged": ["PLAN-REASSESS-DUE"]}
# Four weekly, four every second week, three monthly; begun on Monday, 2 March 2026.
TARGETS = [date(2026, 3, 2) + timedelta(days=each) for each in
           (0, 7, 14, 21, 35, 49, 63, 77, 105, 133, 161)]  # fmt: skip


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


def path(plan, query=""):
    return f"/v1/plans/{plan['id']}/course{query}"


def days(answer):
    return [each["local_starts_at"][:10] for each in answer["sessions"]]


async def sessions_of(client, plan):
    answer = await client.get("/v1/sessions", params={"plan_id": plan["id"], "limit": 200})
    return answer.json()["items"]


async def tried(client, plan, **body):
    answer = await client.post(path(plan, "?dry_run=true"), json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@remembered
async def booked(client, plan, **body):
    answer = await client.post(path(plan), json=LATER | body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def away(clinic):
    """The plan's practitioner, around the days of the third session."""
    return {
        "staff_member_id": clinic.staff["practitioner"],
        "starts_at": datetime(2026, 3, 13, tzinfo=UTC),
        "ends_at": datetime(2026, 3, 24, 22, tzinfo=UTC),
    }


async def close(app, clinic, *days):
    rows = [{"starts_on": day, "ends_on": day, "name": "Holiday", "is_public_holiday": True}
            for day in days]  # fmt: skip
    await write(app, clinic, Closure, *rows)


async def test_a_whole_course_lies_on_the_protocols_days(as_role, clinic, plan):
    desk = as_role("receptionist")
    asked = await tried(desk, plan)
    assert asked["outcome"] == "needs_acknowledgement"
    assert asked["unanswered"] == asked["met_later"] == ["PLAN-REASSESS-DUE"]
    assert await sessions_of(desk, plan) == []
    dry = await tried(desk, plan, **LATER)
    assert (dry["outcome"], dry["would_book"], dry["already_booked"]) == ("allowed", 11, 0)
    course = await booked(desk, plan)
    assert (course["booked"], course["already_booked"]) == (11, 0)
    assert days(course) == days(dry) == [day.isoformat() for day in TARGETS]
    assert [each["phase"] for each in course["sessions"]] == [*"AAAABBBBCCC"]
    assert [each["session_number"] for each in course["sessions"]] == list(range(1, 12))
    assert {each["days_from_target"] for each in course["sessions"]} == {0}
    stored = await sessions_of(desk, plan)
    for one, other in zip(stored, course["sessions"], strict=True):
        assert all(one[name] == other[name] for name in (
            "id", "starts_at", "ends_at", "session_number", "phase", "practitioner_id", "room_id",
            "decision_id",
        ))  # fmt: skip


async def test_the_patient_comes_at_the_same_time_of_day(as_role, clinic, plan):
    """Across the change to summer time on 29 March: the wall clock counts."""
    course = await booked(as_role("receptionist"), plan)
    assert {each["local_starts_at"][11:] for each in course["sessions"]} == {"09:00"}
    assert course["sessions"][3]["starts_at"].endswith("08:00:00Z")
    assert course["sessions"][4]["starts_at"].endswith("07:00:00Z")


# --- what can only be met later ------------------------------------------------------------------


async def test_what_is_left_open_is_on_the_worklist_and_asked_at_the_door(
    as_role, clinic, plan, clock
):
    desk, nurse = as_role("receptionist"), as_role("nurse")
    course = await booked(desk, plan)
    assert course["open_points"] == ["PLAN-REASSESS-DUE"]
    late = course["sessions"][8:]
    for each in late:
        finding = each["findings"][0]
        assert (finding["code"], finding["severity"]) == ("PLAN-REASSESS-DUE", "override")
        assert finding["resolved_by"] == "acknowledgement"
    review = (await nurse.get("/v1/worklists/review?limit=200")).json()["items"]
    on_it = {item["session"]["id"]: [each["code"] for each in item["findings"]] for item in review}
    assert {each["id"] for each in late} <= set(on_it)
    assert all("PLAN-REASSESS-DUE" in on_it[each["id"]] for each in late)
    clock.advance(days=105)
    asked = await move_on(nurse, f"/v1/sessions/{late[0]['id']}", "check-in", SCREENING)
    assert asked.status_code == 409
    assert "PLAN-REASSESS-DUE" in {each["code"] for each in asked.json()["findings"]}


async def test_what_is_overdue_today_is_no_matter_of_later(as_role, clinic, plan, clock):
    desk = as_role("receptionist")
    clock.advance(days=85)
    refused = await desk.post(path(plan), json=LATER)
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["type"] == "/problems/course-impossible"
    assert (problem["session_number"], problem["placed_before"]) == (1, 0)
    assert {each["code"] for each in problem["refused"]} == {"PLAN-REASSESS-DUE"}
    assert problem["alternatives"][0]["needs_override"] == ["PLAN-REASSESS-DUE"]


async def test_a_single_booking_still_needs_the_override(as_role, clinic, plan):
    body = {
        "plan_id": plan["id"], "starts_at": "2026-06-15T08:00:00Z", "duration_minutes": 30,
        "practitioner_id": plan["practitioner_id"], **LATER,
    }  # fmt: skip
    refused = await as_role("receptionist").post("/v1/sessions", json=body)
    assert refused.json()["unanswered"] == ["PLAN-REASSESS-DUE"]


async def test_a_session_of_a_course_moves_with_its_open_point(as_role, clinic, plan):
    desk = as_role("receptionist")
    last = (await booked(desk, plan))["sessions"][-1]
    there, match = f"/v1/sessions/{last['id']}", {"If-Match": '"1"'}
    to = {"starts_at": "2026-08-11T08:00:00Z"}
    refused = await desk.patch(there, json=to, headers=match)
    assert refused.json()["unanswered"] == ["PLAN-REASSESS-DUE"]
    done = await desk.patch(there, json=to | LATER, headers=match)
    assert (done.status_code, done.json()["starts_at"]) == (200, "2026-08-11T08:00:00Z")


async def test_an_override_is_given_once_for_all(as_role, clinic, plan):
    doctor = as_role("second:practitioner")
    override = {
        "code": "PLAN-REASSESS-DUE", "reason": "clinical_judgement",
        "comment": "Reviewed by photographs every month by myself.",
    }  # fmt: skip
    desk = await as_role("receptionist").post(path(plan), json={"overrides": [override]})
    assert desk.status_code == 403
    wrong = override | {"code": "SPACING-MIN-INTERVAL"}
    nothing = await doctor.post(path(plan), json={"overrides": [override, wrong]})
    assert nothing.json()["errors"][0]["pointer"] == "/overrides/1/code"
    done = await doctor.post(path(plan), json={"overrides": [override]})
    assert done.status_code == 201, done.text
    assert done.json()["open_points"] == []
    assert done.json()["sessions"][-1]["findings"][0]["resolved_by"] == "override"


# --- what stands in the way ----------------------------------------------------------------------


async def test_holidays_are_passed_by_and_the_course_goes_on_from_there(as_role, clinic, app, plan):
    await close(app, clinic, date(2026, 3, 9), date(2026, 4, 6))  # the second and the fifth
    course = await booked(as_role("receptionist"), plan)
    found = [(each["local_starts_at"][:10], each["days_from_target"])
             for each in course["sessions"][:6]]  # fmt: skip
    assert found == [
        ("2026-03-02", 0), ("2026-03-08", -1), ("2026-03-15", 0), ("2026-03-22", 0),
        ("2026-04-05", 0), ("2026-04-19", 0),
    ]  # fmt: skip


async def test_wishes_hold_within_what_the_rules_allow(as_role, clinic, plan):
    course = await booked(
        as_role("receptionist"), plan, first_on="2026-03-03", weekdays=[3],
        time_from="14:00", time_to="16:00",
    )  # fmt: skip
    starts = [each["local_starts_at"] for each in course["sessions"]]
    assert starts[0] == "2026-03-04T14:00"
    assert {date.fromisoformat(each[:10]).isoweekday() for each in starts} == {3}
    assert {each[11:] for each in starts} == {"14:00"}


async def test_a_session_that_finds_no_place_leaves_nothing_booked(as_role, clinic, app, plan):
    desk = as_role("receptionist")
    await write(app, clinic, TimeOff, away(clinic))
    for day in ("2026-03-02", "2026-03-09"):
        await book(desk, plan, clinic, f"{day}T10:00:00Z")
    only = {"practitioner_ids": [plan["practitioner_id"]]}
    refused = await desk.post(path(plan), json=LATER | only)
    assert refused.status_code == 409, refused.text
    problem = refused.json()
    assert problem["type"] == "/problems/course-impossible"
    assert (problem["session_number"], problem["phase"]) == (3, "A")
    assert problem["days_full"] > 0
    assert problem["refused"][0]["days"] > 0
    assert len(await sessions_of(desk, plan)) == 2
    dry = await tried(desk, plan, **LATER, **only)
    assert dry["outcome"] == "refused"
    assert len(dry["sessions"]) == problem["placed_before"] == 0
    nearest = problem["alternatives"][0]
    assert nearest["needs_acknowledgement"] == ["SPACING-MAX-GAP"]
    acknowledged = ["PLAN-REASSESS-DUE", "SPACING-MAX-GAP"]
    course = await booked(desk, plan, **only, acknowledged=acknowledged)
    assert course["booked"] == 9
    assert days(course)[0] == nearest["local_starts_at"][:10] == "2026-03-25"


async def test_others_step_in_where_the_plans_own_practitioner_is_away(as_role, clinic, app, plan):
    await write(app, clinic, TimeOff, away(clinic))
    course = await booked(as_role("receptionist"), plan)
    own = [each["practitioner_id"] == plan["practitioner_id"] for each in course["sessions"]]
    assert own == [True, True, False, *[True] * 8] or own == [True, True, False, False, *[True] * 7]


async def test_the_clinics_hours_are_kept(as_role, clinic, app, plan):
    hours = [{"weekday": weekday, "opens_minute": 13 * 60, "closes_minute": 15 * 60}
             for weekday in (2, 4)]  # fmt: skip
    await write(app, clinic, OpeningHours, *hours)
    course = await booked(as_role("receptionist"), plan)
    starts = [each["local_starts_at"] for each in course["sessions"]]
    assert {date.fromisoformat(each[:10]).isoweekday() for each in starts} <= {2, 4}
    assert all("13:00" <= each[11:] <= "14:30" for each in starts)


# --- again ---------------------------------------------------------------------------------------


async def test_a_course_that_is_booked_answers_so(as_role, clinic, plan):
    desk = as_role("receptionist")
    course = await booked(desk, plan)
    again = await desk.post(path(plan), json=LATER)
    assert again.status_code == 200
    assert (again.json()["booked"], again.json()["already_booked"]) == (0, 11)
    ids = [each["id"] for each in course["sessions"]]
    assert [each["id"] for each in again.json()["sessions"]] == ids
    assert len(await sessions_of(desk, plan)) == 11


async def test_the_same_key_books_once(as_role, clinic, plan):
    desk, key = as_role("receptionist"), {"Idempotency-Key": "course-1"}
    first = await desk.post(path(plan), json=LATER, headers=key)
    again = await desk.post(path(plan), json=LATER, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"


async def test_what_is_left_of_a_course_follows_what_is_there(as_role, clinic, plan):
    desk = as_role("receptionist")
    await book(desk, plan, clinic, "2026-03-02T10:00:00Z")
    second = await book(desk, plan, clinic, "2026-03-10T10:00:00Z")
    course = await booked(desk, plan)
    assert (course["booked"], course["already_booked"]) == (9, 2)
    assert course["sessions"][0]["session_number"] == 3
    assert days(course)[0] == "2026-03-17"
    assert course["sessions"][0]["local_starts_at"][11:] == "11:00"
    await moved(desk, f"/v1/sessions/{second['id']}", "cancel", {"reason": "Ill."})
    again = await desk.post(path(plan), json=LATER)
    assert (again.status_code, again.json()["booked"]) == (201, 1)
    assert len(await sessions_of(desk, plan)) == 12


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"first_on": "2026-03-01"}, "/first_on"),
        ({"first_on": "2028-03-02"}, "/first_on"),
        ({"first_on": "2026-02-30"}, "/first_on"),
        ({"duration_minutes": 0}, "/duration_minutes"),
        ({"time_from": "12:00", "time_to": "11:00"}, "/time_to"),
        ({"weekdays": [0]}, "/weekdays/0"),
        ({"room_features": ["SAUNA"]}, "/room_feature"),
    ],
)
async def test_a_course_that_makes_no_sense(as_role, plan, body, pointer):
    refused = await as_role("receptionist").post(path(plan), json=body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_spacing_that_nobody_published_is_not_guessed(as_role, clinic):
    plan = await make_active_plan(as_role, clinic, protocol="P-DUTA-SOB")
    refused = await as_role("receptionist").post(path(plan), json=LATER)
    assert refused.json()["errors"][0]["code"] == "unknown_spacing"


async def test_only_active_plans_have_a_course(as_role, clinic, plan):
    director = as_role("medical_director")
    await moved(director, f"/v1/plans/{plan['id']}", "hold", {"reason": "A result."})
    refused = await as_role("receptionist").post(path(plan), json=LATER)
    assert refused.json()["type"] == "/problems/illegal-transition"
    foreign = await as_role("other:receptionist").post(path(plan), json=LATER)
    assert foreign.status_code == 404


async def test_each_session_asks_for_little(as_role, clinic, app, plan):
    """What is the same for all is read once: formula, patient, history, hours."""
    desk, counts = as_role("receptionist"), []
    formula = {"id": plan["formula_id"]}
    patient = await make_treatable_patient(as_role("practitioner"), given_name="Ada")
    short = await make_active_plan(
        as_role, clinic, patient=patient, formula=formula, protocol="P-HA-3"
    )
    for each in (short, plan):
        with counted_queries(app) as sent:
            course = await booked(desk, each)
        counts.append((course["booked"], len(sent)))
    (few, fewer), (many, most) = counts
    assert (few, many) == (3, 11)
    assert most <= 240
    assert (most - fewer) / (many - few) <= 14
