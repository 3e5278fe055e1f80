"""Calendars decide about bookings: who refuses, from when to when, and what is possible instead."""

import pytest

from tests.factories_calendars import CLOSURES, changing, open_clinic, set_booking, week
from tests.factories_sessions import book, booking, make_active_plan, make_treatable_patient

# The tests begin on Monday 2 March 2026, 08:00 UTC, in Paris: an hour ahead of UTC.
TUESDAY = "2026-03-03"
PROBLEM = "/problems/outside-calendars"


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


@pytest.fixture
async def other_plan(as_role, clinic):
    """Another patient's plan, with another practitioner."""
    patient = await make_treatable_patient(as_role("practitioner"), family_name="Blanc")
    return await make_active_plan(as_role, clinic, patient=patient, role="second:practitioner")


@pytest.fixture
async def nine_to_five(as_role):
    """Open from Monday to Friday, closed for lunch."""
    return await open_clinic(as_role("owner"), week("09:00", "12:00"), week("13:00", "17:00"))


async def ask(as_role, clinic, plan, wall_time, day=TUESDAY, **over):
    body = booking(plan, clinic, f"{day}T{wall_time}:00+01:00", **over)
    return await as_role("receptionist").post("/v1/sessions", json=body)


def refusals(answer):
    assert answer.status_code == 409, answer.text
    assert answer.json()["type"] == PROBLEM
    return [
        (each["calendar"], each["starts_at"], each["ends_at"])
        for each in answer.json()["refused_by"]
    ]


@pytest.mark.parametrize("wall_time", ["08:59", "11:31", "12:00", "12:59", "16:31", "20:00"])
async def test_outside_opening_hours_nothing_is_booked(
    as_role, clinic, plan, nine_to_five, wall_time
):
    answer = await ask(as_role, clinic, plan, wall_time)
    assert {calendar for calendar, _, _ in refusals(answer)} == {"opening_hours"}
    slots = answer.json()["alternatives"]
    assert len(slots) == 3
    again = await as_role("receptionist").post(
        "/v1/sessions", json=booking(plan, clinic, slots[0]["starts_at"])
    )
    assert again.status_code == 201, again.text


@pytest.mark.parametrize("wall_time", ["09:00", "11:30", "13:00", "16:30"])
async def test_a_session_may_begin_and_end_with_the_opening_hours(
    as_role, clinic, plan, nine_to_five, wall_time
):
    assert (await ask(as_role, clinic, plan, wall_time)).status_code == 201


async def test_a_refusal_says_from_when_to_when(as_role, clinic, plan, nine_to_five):
    lunch = await ask(as_role, clinic, plan, "12:15")
    assert refusals(lunch) == [("opening_hours", "2026-03-03T11:00:00Z", "2026-03-03T12:00:00Z")]
    saturday = await ask(as_role, clinic, plan, "10:00", "2026-03-07")
    assert refusals(saturday) == [("opening_hours", "2026-03-06T16:00:00Z", "2026-03-09T08:00:00Z")]


async def test_a_holiday_and_a_closed_room_refuse_by_name(as_role, clinic, plan):
    owner = as_role("owner")
    closed = {"starts_on": TUESDAY, "ends_on": "2026-03-04", "name": "Painting"}
    room = str(clinic.room_ids[0])
    await owner.post(CLOSURES, json={**closed, "room_id": room})
    inside = await ask(as_role, clinic, plan, "10:00", room_id=room)
    assert refusals(inside) == [("room_closure", "2026-03-02T23:00:00Z", "2026-03-04T23:00:00Z")]
    refused = inside.json()["refused_by"][0]
    assert (refused["name"], refused["message"]) == ("Painting", "The room is closed then.")
    made = await owner.post(CLOSURES, json=closed)
    everywhere = await ask(as_role, clinic, plan, "10:00", room_id=str(clinic.room_ids[1]))
    assert everywhere.json()["refused_by"][0]["closure_id"] == made.json()["id"]
    offered = [slot["starts_at"] for slot in everywhere.json()["alternatives"]]
    assert not any("2026-03-02T23" <= start < "2026-03-04T23" for start in offered)
    await owner.post("/v1/clinic/public-holidays", json={"year": 2026})
    easter = await ask(as_role, clinic, plan, "10:00", "2026-04-06")
    assert [calendar for calendar, _, _ in refusals(easter)] == ["public_holiday"]


async def test_working_hours_and_absences_refuse_that_practitioner(as_role, clinic, plan):
    owner = as_role("owner")
    staff = f"/v1/staff/{clinic.staff['practitioner']}"
    hours = week("09:00", "12:00", (2,), room_id=str(clinic.room_ids[0]))
    written = await changing(owner, "PUT", f"{staff}/working-hours", hours)
    assert written.status_code == 200
    elsewhere = await ask(as_role, clinic, plan, "10:00", room_id=str(clinic.room_ids[1]))
    assert [calendar for calendar, _, _ in refusals(elsewhere)] == ["working_hours"]
    times = {"starts_at": "2026-03-03T10:00:00+01:00", "ends_at": "2026-03-03T11:00:00+01:00"}
    away = await owner.post(f"{staff}/time-off", json={**times, "reason": "Surgery"})
    assert away.status_code == 201
    answer = await ask(as_role, clinic, plan, "10:30", room_id=str(clinic.room_ids[0]))
    assert refusals(answer) == [("time_off", "2026-03-03T09:00:00Z", "2026-03-03T10:00:00Z")]
    assert "Surgery" not in answer.text
    assert str(away.json()["id"]) not in answer.text
    back = await ask(as_role, clinic, plan, "11:00", room_id=str(clinic.room_ids[0]))
    assert back.status_code == 201


async def test_the_notice_is_asked_for_a_new_start_alone(as_role, clinic, plan):
    tomorrow = await book(as_role("receptionist"), plan, clinic, "2026-03-03T09:00:00+01:00")
    await set_booking(as_role("owner"), lead_time_minutes=24 * 60)
    path = f"/v1/sessions/{tomorrow['id']}"
    desk = as_role("receptionist")
    sooner = await changing(desk, "PATCH", path, {"starts_at": "2026-03-03T08:59:00+01:00"})
    assert refusals(sooner) == [("lead_time", "2026-03-02T08:00:00Z", "2026-03-03T08:00:00Z")]
    longer = await changing(desk, "PATCH", path, {"duration_minutes": 60})
    assert longer.status_code == 200
    assert all(each["starts_at"] >= "2026-03-03T08" for each in sooner.json()["alternatives"])


async def test_buffers_keep_practitioner_and_room_free_and_not_the_patient(
    as_role, clinic, plan, other_plan
):
    usual = {"duration_minutes": 30, "before_minutes": 5, "after_minutes": 10}
    await set_booking(as_role("owner"), first=usual)
    room = {"room_id": str(clinic.room_ids[0])}
    first = (await ask(as_role, clinic, plan, "10:00", **room)).json()
    assert (first["starts_at"], first["ends_at"]) == (
        "2026-03-03T09:00:00Z", "2026-03-03T09:30:00Z",
    )  # fmt: skip
    assert (first["occupied_from"], first["occupied_until"]) == (
        "2026-03-03T08:55:00Z", "2026-03-03T09:40:00Z",
    )  # fmt: skip
    # The other first session has a buffer of five minutes before it as well.
    taken = await ask(as_role, clinic, other_plan, "10:44", **room)
    assert taken.json()["type"] == "/problems/schedule-conflict"
    assert taken.json()["conflicts"] == [
        {
            "resource": "room", "starts_at": "2026-03-03T08:55:00Z",
            "ends_at": "2026-03-03T09:40:00Z", "session_id": first["id"],
        }
    ]  # fmt: skip
    assert taken.json()["alternatives"][0]["starts_at"] == "2026-03-03T09:59:00Z"
    assert (await ask(as_role, clinic, other_plan, "10:45", **room)).status_code == 201


async def test_a_move_takes_the_buffers_of_its_new_place(as_role, clinic, plan):
    await set_booking(
        as_role("owner"), first={"duration_minutes": 30, "after_minutes": 20},
        follow_up={"duration_minutes": 30, "after_minutes": 10},
    )  # fmt: skip
    desk = as_role("receptionist")
    first = await book(desk, plan, clinic, "2026-03-03T10:00:00+01:00")
    second = await book(desk, plan, clinic, "2026-03-10T10:00:00+01:00")
    assert first["occupied_until"] == "2026-03-03T09:50:00Z"
    assert second["occupied_until"] == "2026-03-10T09:40:00Z"
    path = f"/v1/sessions/{second['id']}"
    moved = await changing(desk, "PATCH", path, {"starts_at": "2026-03-11T10:00:00+01:00"})
    assert moved.json()["occupied_until"] == "2026-03-11T09:40:00Z"
    assert moved.json()["occupied_from"] is None


async def test_a_visit_that_took_place_is_entered_whatever_the_hours(as_role, clinic, plan, clock):
    await open_clinic(as_role("owner"), week("09:00", "17:00", (5,)))
    await set_booking(as_role("owner"), lead_time_minutes=600, first={
        "duration_minutes": 30, "before_minutes": 240, "after_minutes": 240,
    })  # fmt: skip
    clock.advance(days=1)
    body = booking(plan, clinic, "2026-03-02T20:00:00+01:00", retrospective=True)
    answer = await as_role("practitioner").post("/v1/sessions", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["occupied_from"] is None


async def test_a_reservation_obeys_the_calendars_as_well(as_role, clinic, nine_to_five):
    body = {
        "practitioner_id": str(clinic.staff["practitioner"]), "duration_minutes": 30,
        "starts_at": "2026-03-07T10:00:00+01:00",
    }  # fmt: skip
    answer = await as_role("receptionist").post("/v1/reservations", json=body)
    assert [calendar for calendar, _, _ in refusals(answer)] == ["opening_hours"]


async def test_a_reservation_for_a_plan_keeps_its_buffers_and_the_notice(
    as_role, clinic, plan, other_plan
):
    desk = as_role("receptionist")
    await set_booking(
        as_role("owner"), lead_time_minutes=120, first={"duration_minutes": 30, "after_minutes": 20}
    )
    body = {
        "practitioner_id": str(clinic.staff["practitioner"]), "duration_minutes": 30,
        "plan_id": plan["id"], "room_id": str(clinic.room_ids[0]),
    }  # fmt: skip
    hurried = {**body, "starts_at": "2026-03-02T10:59:00+01:00"}
    early = await desk.post("/v1/reservations", json=hurried)
    assert [calendar for calendar, _, _ in refusals(early)] == ["lead_time"]
    kept = await desk.post(
        "/v1/reservations", json={**body, "starts_at": "2026-03-03T10:00:00+01:00"}
    )
    assert kept.status_code == 201, kept.text
    room = {"room_id": str(clinic.room_ids[0])}
    taken = await ask(as_role, clinic, other_plan, "10:49", **room)
    assert taken.json()["type"] == "/problems/schedule-conflict"
    assert (await ask(as_role, clinic, other_plan, "10:50", **room)).status_code == 201
    booked = await ask(as_role, clinic, plan, "10:00", **room, reservation_id=kept.json()["id"])
    assert booked.status_code == 201, booked.text
