"""Booking and moving sessions: numbers, conflicts, rules, dry runs."""

from typing import Any
from uuid import UUID

import pytest

from api.sessions.conflicts import ScheduleConflict, flush_booking
from api.sessions.occupying import Booking
from models import TreatmentSession
from tests.factories_sessions import (
    book,
    booking,
    make_active_plan,
    make_treatable_patient,
    moved,
)

TEN = "2026-03-03T10:00:00+01:00"


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


@pytest.fixture
async def other_plan(as_role, clinic):
    """Another patient's plan, with another practitioner."""
    patient = await make_treatable_patient(as_role("practitioner"), family_name="Blanc")
    return await make_active_plan(as_role, clinic, patient=patient, role="second:practitioner")


async def patch(client, session, body, query=""):
    path = f"/v1/sessions/{session['id']}"
    etag = (await client.get(path)).headers["etag"]
    return await client.patch(f"{path}{query}", json=body, headers={"If-Match": etag})


async def test_a_booking_says_when_where_and_which(as_role, clinic, plan):
    desk = as_role("receptionist")
    answer = await desk.post("/v1/sessions", json=booking(plan, clinic, TEN, notes="By tram."))
    assert answer.status_code == 201, answer.text
    session = answer.json()
    assert answer.headers["location"] == f"/v1/sessions/{session['id']}"
    assert answer.headers["etag"] == '"1"'
    assert session["starts_at"] == "2026-03-03T09:00:00Z"
    assert session["ends_at"] == "2026-03-03T09:30:00Z"
    assert session["duration_minutes"] == 30
    assert session["scheduled_on"] == "2026-03-03"
    assert (session["session_number"], session["phase"], session["state"]) == (1, "A", "scheduled")
    assert session["possible"] == ["cancel", "check-in", "confirm", "reschedule"]
    assert session["outcome"] == "allowed"
    assert session["findings"] == []
    read = await desk.get(f"/v1/sessions/{session['id']}")
    assert read.json() == {
        key: value for key, value in session.items() if key not in {"findings", "outcome"}
    }
    decision = await desk.get(f"/v1/decisions/{session['decision_id']}")
    assert decision.status_code == 200


async def test_the_local_day_is_the_clinics(as_role, clinic, plan):
    late = await book(as_role("receptionist"), plan, clinic, "2026-03-03T23:30:00Z")
    assert late["scheduled_on"] == "2026-03-04"


async def test_the_shortest_and_the_longest_session(as_role, clinic, plan):
    desk = as_role("receptionist")
    for minutes, day in ((5, "2026-03-03"), (480, "2026-03-10")):
        start = f"{day}T10:00:00+01:00"
        session = await book(desk, plan, clinic, start, duration_minutes=minutes)
        assert session["duration_minutes"] == minutes


UNBOOKABLE: list[tuple[dict[str, Any], str]] = [
    ({"duration_minutes": 4}, "/duration_minutes"),
    ({"duration_minutes": 481}, "/duration_minutes"),
    ({"duration_minutes": "soon"}, "/duration_minutes"),
    ({"starts_at": "2026-03-03T10:00:00"}, "/starts_at"),
    ({"starts_at": "2026-03-02T07:59:59Z"}, "/starts_at"),
    ({"starts_at": "2026-02-30T10:00:00Z"}, "/starts_at"),
    ({"retrospective": True}, "/starts_at"),
    ({"starts_at": "2031-03-06T08:00:01Z"}, "/starts_at"),
    ({"roomid": "x"}, "/roomid"),
    ({"overrides": [{"code": "SPACING-MIN-INTERVAL"}]}, "/overrides/0/reason"),
]


async def test_what_cannot_be_booked_points_at_the_field(as_role, clinic, plan):
    client = as_role("practitioner")
    for change, pointer in UNBOOKABLE:
        answer = await client.post("/v1/sessions", json=booking(plan, clinic, TEN) | change)
        assert answer.status_code == 422, (change, answer.text)
        assert pointer in {error["pointer"] for error in answer.json()["errors"]}, change
    assert (await client.get("/v1/sessions")).json()["items"] == []


async def test_the_running_minute_is_not_the_past(as_role, clinic, plan, clock):
    clock.advance(seconds=40)
    session = await book(as_role("receptionist"), plan, clinic, "2026-03-02T08:00:00Z")
    assert session["state"] == "scheduled"


async def test_five_years_ahead_is_the_furthest(as_role, clinic, plan):
    """Five years of 366 days: what lies beyond is a mistyped year."""
    desk = as_role("receptionist")
    furthest = booking(plan, clinic, "2031-03-06T08:00:00Z")
    judged = await desk.post("/v1/sessions?dry_run=true", json=furthest)
    assert judged.json()["unanswered"] == ["PLAN-REASSESS-DUE"]
    beyond = await desk.post("/v1/sessions", json=booking(plan, clinic, "2062-03-03T10:00:00Z"))
    assert beyond.json()["errors"][0]["code"] == "too_far_ahead"
    session = await book(desk, plan, clinic, TEN)
    shift = f"/v1/sessions/{session['id']}/shift"
    body = {"starts_at": "2031-03-06T08:00:01Z"}
    later = await desk.post(shift, json=body, headers={"If-Match": '"1"'})
    assert later.json()["errors"][0]["code"] == "too_far_ahead"
    slot = {"practitioner_id": plan["practitioner_id"], "duration_minutes": 30}
    kept = await desk.post("/v1/reservations", json=body | slot)
    assert kept.json()["errors"][0]["code"] == "too_far_ahead"
    for first_on, status in (("2028-03-02", 422), ("2028-03-01", 200)):
        path = f"/v1/plans/{plan['id']}/course?dry_run=true"
        answer = await desk.post(path, json={"first_on": first_on})
        assert answer.status_code == status, answer.text


async def test_only_a_bookable_person_in_an_active_room(as_role, clinic, plan):
    desk, owner = as_role("receptionist"), as_role("owner")
    nurse = booking(plan, clinic, TEN, practitioner_id=str(clinic.staff["nurse"]))
    answer = await desk.post("/v1/sessions", json=nurse)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/practitioner_id"
    room = f"/v1/rooms/{clinic.room_ids[0]}"
    etag = (await owner.get(room)).headers["etag"]
    await owner.patch(room, json={"active": False}, headers={"If-Match": etag})
    answer = await desk.post("/v1/sessions", json=booking(plan, clinic, TEN))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/room_id"
    without = await desk.post("/v1/sessions", json=booking(plan, clinic, TEN, room_id=None))
    assert without.status_code == 201


async def test_a_number_that_is_expected(as_role, clinic, plan):
    """Who says which session of the course it books cannot book the same one twice."""
    desk = as_role("receptionist")

    async def ask(number, start, client=desk, query=""):
        body = booking(plan, clinic, start, expected_session_number=number)
        return await client.post(f"/v1/sessions{query}", json=body)

    ahead = await ask(2, TEN)
    assert ahead.status_code == 409
    problem = ahead.json()
    assert problem["type"] == "/problems/another-session-number"
    assert (problem["session_number"], problem["session_id"]) == (1, None)
    first = await ask(1, TEN)
    assert (first.status_code, first.json()["session_number"]) == (201, 1)
    next_week, week_before = "2026-03-10T10:00:00+01:00", "2026-03-02T10:00:00+01:00"
    for start, number in ((TEN, 2), (next_week, 2), (week_before, 1)):
        twice = await ask(1, start)  # also where it would push the first one back to second
        assert twice.json()["type"] == "/problems/another-session-number", start
        assert twice.json()["session_number"] == number
        assert twice.json()["session_id"] == first.json()["id"]
    assert (await ask(1, next_week, query="?dry_run=true")).status_code == 409
    for wrong in (0, 1001, "x"):
        pointer = (await ask(wrong, next_week)).json()["errors"][0]["pointer"]
        assert pointer == "/expected_session_number"
    second = await ask(2, next_week)
    assert (second.status_code, second.json()["session_number"]) == (201, 2)


async def test_unknown_ids_are_not_found(as_role, clinic, plan):
    for field in ("plan_id", "practitioner_id", "room_id"):
        body = booking(plan, clinic, TEN) | {field: "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"}
        answer = await as_role("receptionist").post("/v1/sessions", json=body)
        assert answer.status_code == 404, field


async def test_only_an_active_plan_takes_sessions(as_role, clinic, plan):
    practitioner = as_role("practitioner")
    await moved(practitioner, f"/v1/plans/{plan['id']}", "hold", {"reason": "Fever."})
    answer = await practitioner.post("/v1/sessions", json=booking(plan, clinic, TEN))
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/illegal-transition"
    assert answer.json()["state"] == "on_hold"


@pytest.mark.parametrize(
    ("shared", "starts_at", "minutes"),
    [
        ("practitioner", "2026-03-03T10:29:00+01:00", 30),
        ("practitioner", "2026-03-03T09:00:00+01:00", 61),
        ("room", TEN, 30),
        ("patient", "2026-03-03T10:10:00+01:00", 5),
    ],
)
async def test_nobody_and_nothing_is_booked_twice(
    as_role, clinic, plan, other_plan, shared, starts_at, minutes
):
    desk = as_role("receptionist")
    first = await book(desk, plan, clinic, TEN)
    second_room = str(clinic.room_ids[1])
    body = {
        "practitioner": booking(
            other_plan, clinic, TEN, practitioner_id=plan["practitioner_id"], room_id=second_room
        ),
        "room": booking(other_plan, clinic, TEN),
        "patient": booking(
            plan, clinic, TEN, practitioner_id=other_plan["practitioner_id"], room_id=second_room
        ),
    }[shared]
    body |= {"starts_at": starts_at, "duration_minutes": minutes}
    answer = await desk.post("/v1/sessions", json=body)
    assert answer.status_code == 409, answer.text
    problem = answer.json()
    assert problem["type"] == "/problems/schedule-conflict"
    assert problem["conflicts"] == [
        {
            "resource": shared,
            "starts_at": "2026-03-03T09:00:00Z",
            "ends_at": "2026-03-03T09:30:00Z",
            "session_id": first["id"],
        }
    ]
    if shared == "patient":
        return  # the plan's window lies elsewhere
    alternative = problem["alternatives"][0]
    again = await desk.post("/v1/sessions", json=body | {"starts_at": alternative["starts_at"]})
    assert again.status_code == 201, again.text


async def test_back_to_back_is_no_conflict(as_role, clinic, plan, other_plan):
    desk = as_role("receptionist")
    await book(desk, plan, clinic, TEN)
    after = await book(desk, other_plan, clinic, "2026-03-03T10:30:00+01:00")
    before = await patch(desk, after, {"starts_at": "2026-03-03T09:30:00+01:00"})
    assert before.status_code == 200


async def test_who_may_not_read_sessions_learns_only_when_it_is_taken(as_role, clinic, plan):
    await book(as_role("receptionist"), plan, clinic, TEN)
    key = await as_role("owner").post(
        "/v1/api-keys", json={"name": "Booker", "scopes": ["sessions:schedule"]}
    )
    bearer = {"Authorization": f"Bearer {key.json()['secret']}"}
    answer = await as_role("nurse").post(
        "/v1/sessions", json=booking(plan, clinic, TEN), headers=bearer
    )
    assert answer.status_code == 409
    assert {name for each in answer.json()["conflicts"] for name in each} == {
        "resource", "starts_at", "ends_at",
    }  # fmt: skip


async def test_an_api_key_books(as_role, clinic, plan):
    key = await as_role("owner").post(
        "/v1/api-keys",
        json={"name": "Booker", "scopes": ["sessions:schedule", "sessions:read", "plans:read"]},
    )
    headers = {
        "Authorization": f"Bearer {key.json()['secret']}",
        "Idempotency-Key": "book-1",
    }
    client = as_role("nurse")
    first = await client.post("/v1/sessions", json=booking(plan, clinic, TEN), headers=headers)
    again = await client.post("/v1/sessions", json=booking(plan, clinic, TEN), headers=headers)
    assert first.status_code == again.status_code == 201
    assert again.json()["id"] == first.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    assert len((await client.get("/v1/sessions")).json()["items"]) == 1


async def test_five_days_are_too_soon_and_six_are_not(as_role, clinic, plan):
    """P-CLASSIC-442, phase A: at least 6 whole days between sessions."""
    practitioner = as_role("practitioner")
    await book(practitioner, plan, clinic, TEN)
    soon = booking(plan, clinic, "2026-03-08T10:00:00+01:00")
    refused = await practitioner.post("/v1/sessions", json=soon)
    assert refused.status_code == 409
    problem = refused.json()
    assert problem["type"] == "/problems/refused-by-rules"
    assert problem["outcome"] == "needs_override"
    spacing = next(f for f in problem["findings"] if f["code"] == "SPACING-MIN-INTERVAL")
    assert (spacing["measured"], spacing["limit"], spacing["unit"]) == ("5", "6", "d")
    assert spacing["first_day"] == "2026-03-09"
    assert problem["window"]["earliest_on"] == "2026-03-09"
    allowed = await book(practitioner, plan, clinic, "2026-03-09T10:00:00+01:00")
    assert (allowed["session_number"], allowed["findings"]) == (2, [])


async def test_too_soon_with_a_reason_by_who_may(as_role, clinic, plan):
    director, desk = as_role("medical_director"), as_role("receptionist")
    await book(desk, plan, clinic, TEN)
    codes = ["SPACING-MIN-INTERVAL", "SPACING-INGREDIENT-MIN"]
    comment = "Travelling; agreed with the patient."
    soon = booking(
        plan, clinic, "2026-03-08T10:00:00+01:00",
        overrides=[{"code": c, "reason": "patient_travel", "comment": comment} for c in codes],
    )  # fmt: skip
    by_the_desk = await desk.post("/v1/sessions", json=soon)
    assert by_the_desk.status_code == 403
    assert by_the_desk.json()["missing_scope"] == "rules:override"
    session = (await director.post("/v1/sessions", json=soon)).json()
    assert session["state"] == "scheduled", session
    resolved = {f["code"]: f["resolved_by"] for f in session["findings"]}
    assert resolved["SPACING-MIN-INTERVAL"] == "override"


async def test_a_dry_run_says_what_would_happen_and_stores_nothing(as_role, clinic, plan):
    desk = as_role("receptionist")
    body = booking(plan, clinic, TEN)
    dry = await desk.post("/v1/sessions?dry_run=true", json=body)
    assert dry.status_code == 200
    assert (dry.json()["dry_run"], dry.json()["outcome"]) == (True, "allowed")
    assert (await desk.get("/v1/sessions")).json()["items"] == []
    session = await book(desk, plan, clinic, TEN)
    soon = body | {"starts_at": "2026-03-08T10:00:00+01:00"}
    dry = await desk.post("/v1/sessions?dry_run=true", json=soon)
    refused = await desk.post("/v1/sessions", json=soon)
    assert dry.status_code == 200
    assert dry.json()["outcome"] == refused.json()["outcome"] == "needs_override"
    assert dry.json()["findings"] == refused.json()["findings"]
    dry = await patch(desk, session, {"starts_at": "2026-03-04T10:00:00Z"}, "?dry_run=true")
    assert (dry.status_code, dry.json()["outcome"]) == (200, "allowed")
    dry = await patch(desk, session, {"notes": "Nothing moves."}, "?dry_run=true")
    assert (dry.status_code, dry.json()["outcome"]) == (200, "allowed")
    assert (await desk.get(f"/v1/sessions/{session['id']}")).json()["version"] == 1


async def test_numbers_follow_the_calendar(as_role, clinic, plan):
    desk = as_role("receptionist")
    days = ["2026-03-03", "2026-03-11", "2026-03-19", "2026-03-27", "2026-04-09"]
    sessions = [await book(desk, plan, clinic, f"{day}T10:00:00Z") for day in days]
    assert [each["session_number"] for each in sessions] == [1, 2, 3, 4, 5]
    assert [each["phase"] for each in sessions] == ["A", "A", "A", "A", "B"]
    await moved(desk, f"/v1/sessions/{sessions[1]['id']}", "cancel", {"reason": "Away."})
    listed = (await desk.get(f"/v1/sessions?plan_id={plan['id']}&state=scheduled")).json()["items"]
    assert [(each["scheduled_on"], each["session_number"]) for each in listed] == [
        ("2026-03-03", 1), ("2026-03-19", 2), ("2026-03-27", 3), ("2026-04-09", 4),
    ]  # fmt: skip
    assert listed[-1]["phase"] == "A"
    between = await book(desk, plan, clinic, "2026-03-11T10:00:00Z")
    assert between["session_number"] == 2
    last = (await desk.get(f"/v1/sessions/{sessions[4]['id']}")).json()
    assert (last["session_number"], last["phase"]) == (5, "B")


@pytest.mark.parametrize("shared", ["practitioner", "room", "patient"])
async def test_the_database_has_the_last_word(app, as_role, clinic, plan, other_plan, shared):
    """Should the service ever look the wrong way, the constraint still answers a conflict."""
    desk = as_role("receptionist")
    first = await book(desk, plan, clinic, TEN)
    later = "2026-03-03T12:00:00+01:00"
    second = await book(desk, other_plan, clinic, later, room_id=str(clinic.room_ids[1]))

    async def overlap():
        async with app.state.database.writing() as db:
            one = await db.get_one(TreatmentSession, (clinic.id, UUID(first["id"])))
            two = await db.get_one(TreatmentSession, (clinic.id, UUID(second["id"])))
            if shared == "patient":
                two.plan_id, two.patient_id = one.plan_id, one.patient_id
            else:
                setattr(two, f"{shared}_id", getattr(one, f"{shared}_id"))
            two.starts_at, two.ends_at = one.starts_at, one.ends_at
            await flush_booking(db, Booking.of(two))

    with pytest.raises(ScheduleConflict) as refused:
        await overlap()
    assert [each["resource"] for each in refused.value.extra["conflicts"]] == [shared]
    assert (await desk.get(f"/v1/sessions/{second['id']}")).json()["version"] == 1
