"""Booking by the clinic's clocks, across the days on which they change."""

from typing import Any

import pytest

from tests.contracts.operations import operations
from tests.factories_calendars import changing
from tests.factories_sessions import booking, make_active_plan

# Paris: on 29 March 2026 the clocks skip from 02:00 to 03:00; on 25 October they go back from
# 03:00 to 02:00.
SKIPPED, TWICE = "2026-03-29T02:30", "2026-10-25T02:30"


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


def local(plan, clinic, wall, **over):
    body = booking(plan, clinic, "-", **over)
    return {name: value for name, value in body.items() if name != "starts_at"} | {
        "local_starts_at": wall
    }


async def test_a_local_time_is_the_clinics(as_role, clinic, plan):
    desk = as_role("receptionist")
    answer = await desk.post("/v1/sessions", json=local(plan, clinic, "2026-03-28T10:00"))
    assert answer.status_code == 201, answer.text
    assert answer.json()["starts_at"] == "2026-03-28T09:00:00Z"
    path = f"/v1/sessions/{answer.json()['id']}"
    moved = await changing(desk, "PATCH", path, {"local_starts_at": "2026-03-30T10:00"})
    assert moved.json()["starts_at"] == "2026-03-30T08:00:00Z"
    noted = await changing(desk, "PATCH", path, {"notes": "By tram."})
    assert noted.json()["starts_at"] == "2026-03-30T08:00:00Z"


async def test_a_time_that_the_clocks_skip_names_its_neighbours(as_role, clinic, plan):
    answer = await as_role("receptionist").post("/v1/sessions", json=local(plan, clinic, SKIPPED))
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "/problems/local-time-does-not-exist"
    assert [each["pointer"] for each in problem["errors"]] == ["/local_starts_at"]
    assert problem["neighbours"] == [
        {"local_starts_at": "2026-03-29T01:30:00", "fold": 0, "starts_at": "2026-03-29T00:30:00Z"},
        {"local_starts_at": "2026-03-29T03:30:00", "fold": 0, "starts_at": "2026-03-29T01:30:00Z"},
    ]
    assert SKIPPED not in answer.text


async def test_a_time_that_the_clocks_show_twice_asks_which(as_role, clinic, plan):
    desk = as_role("receptionist")
    path = "/v1/sessions?dry_run=true"
    asked = await desk.post(path, json=local(plan, clinic, TWICE))
    assert asked.status_code == 422
    problem = asked.json()
    assert problem["type"] == "/problems/local-time-ambiguous"
    assert problem["neighbours"] == [
        {"local_starts_at": "2026-10-25T02:30:00", "fold": 0, "starts_at": "2026-10-25T00:30:00Z"},
        {"local_starts_at": "2026-10-25T02:30:00", "fold": 1, "starts_at": "2026-10-25T01:30:00Z"},
    ]


async def test_fold_says_which_of_two(as_role, clinic, plan):
    """In Santiago the clocks go back on Saturday, 4 April 2026, from midnight to 23:00."""
    zone = {"time_zone": "America/Santiago"}
    assert (await changing(as_role("owner"), "PATCH", "/v1/clinic", zone)).status_code == 200
    desk = as_role("receptionist")
    late = local(plan, clinic, "2026-04-04T23:30", fold=1)
    booked = await desk.post("/v1/sessions", json=late)
    assert booked.status_code == 201, booked.text
    assert booked.json()["starts_at"] == "2026-04-05T03:30:00Z"
    assert booked.json()["scheduled_on"] == "2026-04-04"
    path = f"/v1/sessions/{booked.json()['id']}"
    again = {"local_starts_at": "2026-04-04T23:30"}
    asked = await changing(desk, "PATCH", path, again)
    assert asked.json()["type"] == "/problems/local-time-ambiguous"
    moved = await changing(desk, "PATCH", path, again | {"fold": 0})
    assert moved.json()["starts_at"] == "2026-04-05T02:30:00Z"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"starts_at": "2026-03-28T10:00:00Z"}, "/local_starts_at", "twice"),
        ({"local_starts_at": None}, "/starts_at", "missing"),
        ({"local_starts_at": None, "fold": 1}, "/fold", "not_needed"),
        ({"local_starts_at": "2026-03-28T10:00Z"}, "/local_starts_at", "local_time"),
        ({"local_starts_at": "2026-02-30T10:00"}, "/local_starts_at", "local_time_value"),
        ({"fold": 2}, "/fold", "literal_error"),
    ],
)
async def test_there_is_one_start(as_role, clinic, plan, change, pointer, code):
    body = local(plan, clinic, "2026-03-28T10:00") | change
    answer = await as_role("receptionist").post("/v1/sessions", json=body)
    assert answer.status_code == 422
    found = [(each["pointer"], each["code"]) for each in answer.json()["errors"]]
    assert found == [(pointer, code)]


# Skipped or shown twice, with what lies the same distance before and after.
ELSEWHERE = {
    # Half an hour, forward on 4 October and back on 5 April.
    ("Australia/Lord_Howe", "2026-10-04T02:15"): ("2026-10-04T01:45", "2026-10-04T02:45"),
    ("Australia/Lord_Howe", "2026-04-05T01:45"): ("2026-04-05T01:45", "2026-04-05T01:45"),
    # Winter time in Ramadan, which ends on 22 March.
    ("Africa/Casablanca", "2026-03-22T02:30"): ("2026-03-22T01:30", "2026-03-22T03:30"),
    # Two hours.
    ("Antarctica/Troll", "2026-03-29T02:30"): ("2026-03-29T00:30", "2026-03-29T04:30"),
}
LONG_AGO = {
    # Samoa went over to the other side of the date line: there was no 30 December.
    ("Pacific/Apia", "2011-12-30T10:00"): ("2011-12-29T10:00", "2011-12-31T10:00"),
    # Nepal went from 5:30 to 5:45.
    ("Asia/Kathmandu", "1986-01-01T00:10"): ("1985-12-31T23:55", "1986-01-01T00:25"),
}


async def test_clocks_of_other_places(as_role, clinic, plan):
    owner, nurse = as_role("owner"), as_role("nurse")
    for (zone, wall), neighbours in {**ELSEWHERE, **LONG_AGO}.items():
        changed = await changing(owner, "PATCH", "/v1/clinic", {"time_zone": zone})
        assert changed.status_code == 200, zone
        past = {"retrospective": True} if (zone, wall) in LONG_AGO else {}
        body = local(plan, clinic, wall, **past)
        answer = await nurse.post("/v1/sessions?dry_run=true", json=body)
        assert answer.status_code == 422, (zone, answer.text)
        named = [each["local_starts_at"][:16] for each in answer.json()["neighbours"]]
        assert named == list(neighbours), zone
        for each in answer.json()["neighbours"]:
            known = {name: each[name] for name in ("local_starts_at", "fold")}
            retried = await nurse.post("/v1/sessions?dry_run=true", json=body | known)
            assert retried.status_code == 200, (zone, retried.text)


async def test_a_shift_takes_local_times_too(as_role, clinic, plan):
    desk = as_role("receptionist")
    first = await desk.post("/v1/sessions", json=local(plan, clinic, "2026-03-27T10:00"))
    path = f"/v1/sessions/{first.json()['id']}/shift"

    async def shift(**body):
        return await desk.post(path, json=body, headers={"If-Match": '"1"'})

    skipped = await shift(local_starts_at=SKIPPED)
    assert skipped.json()["type"] == "/problems/local-time-does-not-exist"
    twice = await shift(local_starts_at="2026-03-30T10:00", starts_at="2026-03-30T10:00:00Z")
    assert twice.json()["errors"][0]["pointer"] == "/local_starts_at"
    assert (await shift()).json()["errors"][0]["code"] == "missing"
    moved = await shift(local_starts_at="2026-03-30T10:00")
    assert moved.json()["sessions"][0]["starts_at"] == "2026-03-30T08:00:00Z"


def reserving(clinic, **over):
    return {
        "practitioner_id": str(clinic.staff["practitioner"]), "room_id": str(clinic.room_ids[0]),
        "duration_minutes": 30,
    } | over  # fmt: skip


async def test_a_reservation_takes_local_times_and_its_booking_the_same(as_role, clinic, plan):
    desk = as_role("receptionist")
    ten = {"local_starts_at": "2026-03-28T10:00"}
    kept = await desk.post("/v1/reservations", json=reserving(clinic, plan_id=plan["id"], **ten))
    assert kept.status_code == 201, kept.text
    assert kept.json()["starts_at"] == "2026-03-28T09:00:00Z"
    body = local(plan, clinic, ten["local_starts_at"], reservation_id=kept.json()["id"])
    booked = await desk.post("/v1/sessions", json=body)
    assert (booked.status_code, booked.json()["starts_at"]) == (201, "2026-03-28T09:00:00Z")


# What the clocks of a place make of a reservation: its instant, or what lies around a time that
# they skip, or show twice.
RESERVED: list[tuple[str, dict[str, Any], Any]] = [
    ("Europe/Paris", {"local_starts_at": "2026-03-29T01:59"}, "2026-03-29T00:59:00Z"),
    ("Europe/Paris", {"local_starts_at": "2026-03-29T02:00"},
     ("does-not-exist", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z")),
    ("Europe/Paris", {"local_starts_at": "2026-03-29T02:59"},
     ("does-not-exist", "2026-03-29T00:59:00Z", "2026-03-29T01:59:00Z")),
    ("Europe/Paris", {"local_starts_at": "2026-03-29T03:00"}, "2026-03-29T01:00:00Z"),
    ("Europe/Paris", {"local_starts_at": "2026-10-25T02:00"},
     ("ambiguous", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z")),
    ("Europe/Paris", {"local_starts_at": "2026-10-25T02:00", "fold": 0}, "2026-10-25T00:00:00Z"),
    ("Europe/Paris", {"local_starts_at": "2026-10-25T02:00", "fold": 1}, "2026-10-25T01:00:00Z"),
    ("Europe/Paris", {"local_starts_at": "2026-10-25T03:00"}, "2026-10-25T02:00:00Z"),
    ("Asia/Kolkata", {"local_starts_at": "2026-06-02T10:00"}, "2026-06-02T04:30:00Z"),
    # Half an hour, forward on 4 October and back on 5 April.
    ("Australia/Lord_Howe", {"local_starts_at": "2026-10-04T02:00"},
     ("does-not-exist", "2026-10-03T15:00:00Z", "2026-10-03T15:30:00Z")),
    ("Australia/Lord_Howe", {"local_starts_at": "2026-10-04T02:30"}, "2026-10-03T15:30:00Z"),
    ("Australia/Lord_Howe", {"local_starts_at": "2026-04-05T01:30"},
     ("ambiguous", "2026-04-04T14:30:00Z", "2026-04-04T15:00:00Z")),
    ("Australia/Lord_Howe", {"local_starts_at": "2026-04-05T02:00"}, "2026-04-04T15:30:00Z"),
]  # fmt: skip


async def test_a_reservation_by_the_clocks_of_many_places(as_role, clinic):
    owner, desk, set_to = as_role("owner"), as_role("receptionist"), None
    for zone, start, expected in RESERVED:
        if zone != set_to:
            await changing(owner, "PATCH", "/v1/clinic", {"time_zone": zone})
            set_to = zone
        answer = await desk.post("/v1/reservations", json=reserving(clinic, **start))
        if isinstance(expected, str):
            assert (answer.status_code, answer.json()["starts_at"]) == (201, expected), start
            await desk.delete(answer.headers["location"])
            continue
        assert answer.status_code == 422, start
        problem = answer.json()
        assert problem["type"] == f"/problems/local-time-{expected[0]}"
        assert [each["pointer"] for each in problem["errors"]] == ["/local_starts_at"]
        assert tuple(each["starts_at"] for each in problem["neighbours"]) == expected[1:], start


async def test_a_reservation_has_one_start(as_role, clinic):
    instant, wall = {"starts_at": "2026-03-28T10:00:00Z"}, {"local_starts_at": "2026-03-28T10:00"}
    for start, pointer, code in (
        (instant | wall, "/local_starts_at", "twice"),
        ({}, "/starts_at", "missing"),
        (instant | {"fold": 1}, "/fold", "not_needed"),
        (wall | {"fold": 2}, "/fold", "literal_error"),
        ({"local_starts_at": "2026-03-28T10:00Z"}, "/local_starts_at", "local_time"),
    ):
        body = reserving(clinic, **start)
        answer = await as_role("receptionist").post("/v1/reservations", json=body)
        assert answer.status_code == 422
        found = [(each["pointer"], each["code"]) for each in answer.json()["errors"]]
        assert found == [(pointer, code)]


@pytest.mark.parametrize(
    "name", ["book_session", "reschedule_session", "shift_course", "reserve_slot"]
)
def test_the_example_in_the_document_has_one_start(name):
    """It can be sent as it stands; how a local time looks is said beside the field."""
    example = operations()[name].document["requestBody"]["content"]["application/json"]["example"]
    said = {each: example[each] for each in ("starts_at", "local_starts_at", "fold")}
    assert said == {"starts_at": "2026-03-02T08:20:00Z", "local_starts_at": None, "fold": None}
