"""Reservations, single bookings and whole courses at the same moment, over real sockets."""

import asyncio
import random
from datetime import datetime, timedelta

import pytest

from tests.factories_sessions import booking, make_active_plan, make_treatable_patient

pytestmark = pytest.mark.slow
LATER = {"acknowledged": ["PLAN-REASSESS-DUE"]}
NOON = datetime.fromisoformat("2026-03-03T11:00:00Z")


async def plans(over_http, clinic, count):
    """As many patients with an active plan each, of one formula."""
    made = [await make_active_plan(over_http, clinic)]
    while len(made) < count:
        patient = await make_treatable_patient(over_http("practitioner"))
        formula = {"id": made[0]["formula_id"]}
        made.append(await make_active_plan(over_http, clinic, patient=patient, formula=formula))
    return made


async def everything(client):
    """All sessions and reservations that take time, from the API."""
    found = []
    for path in ("/v1/sessions", "/v1/reservations"):
        cursor: dict[str, str] = {}
        while True:
            page = (await client.get(path, params={"limit": 200, **cursor})).json()
            found += page["items"]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
    return found


def overlaps(rows):
    """Pairs that share somebody or something at the same time."""
    return [
        (one["id"], other["id"])
        for place, one in enumerate(rows)
        for other in rows[place + 1 :]
        if one["starts_at"] < other["ends_at"]
        and other["starts_at"] < one["ends_at"]
        and any(
            one[name] is not None and one[name] == other[name]
            for name in ("practitioner_id", "room_id", "patient_id")
        )
    ]


def test_the_checker_finds_what_it_looks_for():
    row = {"id": 1, "practitioner_id": "p", "room_id": None, "patient_id": None,
           "starts_at": "1", "ends_at": "3"}  # fmt: skip
    assert overlaps([row, row | {"id": 2, "starts_at": "2", "ends_at": "4"}]) == [(1, 2)]
    assert overlaps([row, row | {"id": 2, "starts_at": "3", "ends_at": "4"}]) == []
    assert overlaps([row, row | {"id": 2, "practitioner_id": "q"}]) == []


async def test_reservations_and_bookings_never_overlap(over_http, clinic):
    desk = over_http("receptionist")
    mine = await plans(over_http, clinic, 6)
    chance = random.Random(7)  # noqa: S311 - repeatable, nothing secret
    people = [str(clinic.staff[role]) for role in ("practitioner", "medical_director")]
    rooms = [str(room) for room in clinic.room_ids]

    def anywhere():
        start = NOON + timedelta(minutes=5 * chance.randrange(12))
        return {
            "starts_at": start.isoformat(), "duration_minutes": 30,
            "practitioner_id": chance.choice(people), "room_id": chance.choice(rooms),
        }  # fmt: skip

    asked = [desk.post("/v1/reservations", json=anywhere()) for _ in range(24)]
    asked += [
        desk.post("/v1/sessions", json={"plan_id": chance.choice(mine)["id"], **anywhere()})
        for _ in range(24)
    ]
    chance.shuffle(asked)
    answers = await asyncio.gather(*asked)
    assert {each.status_code for each in answers} == {201, 409}
    rows = await everything(desk)
    assert overlaps(rows) == []
    made = {each.json()["id"] for each in answers if each.status_code == 201}
    assert made == {row["id"] for row in rows}


async def test_a_reserved_slot_has_one_booking(over_http, clinic):
    desk, (plan,) = over_http("receptionist"), await plans(over_http, clinic, 1)
    wanted = booking(plan, clinic, NOON.isoformat())
    slot = {name: each for name, each in wanted.items() if name != "plan_id"}
    kept = await desk.post("/v1/reservations", json=slot)
    body = wanted | {"reservation_id": kept.json()["id"]}
    answers = await asyncio.gather(*(desk.post("/v1/sessions", json=body) for _ in range(8)))
    codes = sorted(each.status_code for each in answers)
    assert codes[0] == 201
    assert set(codes[1:]) <= {404, 409}
    assert len(await everything(desk)) == 1


async def test_courses_are_whole_or_not_there(over_http, clinic):
    desk = over_http("receptionist")
    mine = await plans(over_http, clinic, 4)
    only = {"practitioner_ids": [str(clinic.staff["practitioner"])], **LATER}
    singles = [
        booking(plan, clinic, f"2026-03-02T{hour:02}:00:00Z")
        for plan, hour in zip(mine, (9, 9, 10, 10), strict=True)
    ]
    answers = await asyncio.gather(
        *(desk.post(f"/v1/plans/{plan['id']}/course", json=only) for plan in mine),
        *(desk.post(f"/v1/plans/{mine[0]['id']}/course", json=only) for _ in range(2)),
        *(desk.post("/v1/sessions", json=body) for body in singles),
    )
    assert {each.status_code for each in answers} <= {200, 201, 409}, [
        each.text for each in answers if each.status_code >= 500
    ]
    rows = await everything(desk)
    assert overlaps(rows) == []
    for plan in mine:
        count = sum(row["plan_id"] == plan["id"] for row in rows)
        assert count in {0, 1, 11}, count
    booked = [each.json() for each in answers[:6] if each.status_code == 201]
    assert booked
    for course in booked:
        ids = {row["id"] for row in rows}
        assert {each["id"] for each in course["sessions"]} <= ids
