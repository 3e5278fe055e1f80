"""A plan says what it needs of a room, and everything that books it keeps to that."""

from types import SimpleNamespace
from typing import Any

import pytest

from api.availability.booking_settings import UsualSession
from api.availability.calendars import NO_BUFFERS
from api.repairs.needs import Possible, needs_of
from models import Room
from tests.availability.worlds import MINUTE
from tests.factories import made
from tests.factories_sessions import (
    TECHNIQUE,
    book,
    booking,
    make_active_plan,
    make_treatable_patient,
    moved,
)
from tests.waiting import cancel, join, offers

NEEDED = {"room_features": ["LAMP", "LASER"]}
TEN = "2026-03-05T10:00:00+01:00"


async def equip(as_role, room_id, *features):
    path, owner = f"/v1/rooms/{room_id}", as_role("owner")
    etag = (await owner.get(path)).headers["etag"]
    done = await owner.patch(path, json={"features": features}, headers={"If-Match": etag})
    assert done.status_code == 200, done.text


@pytest.fixture
async def plan(as_role, clinic):
    """Needs lamp and laser; the first room has both, the second a lamp."""
    await equip(as_role, clinic.room_ids[0], "LASER", "LAMP", "SINK")
    await equip(as_role, clinic.room_ids[1], "LAMP")
    return await make_active_plan(as_role, clinic, room_features=NEEDED["room_features"])


def lacking(answer, *missing, rooms=("Room 1",)):
    assert answer.status_code == 409, answer.text
    problem = answer.json()
    assert problem["type"] == "/problems/room-lacks-features"
    assert problem["missing"] == list(missing)
    assert [each["name"] for each in problem["rooms"]] == list(rooms)


async def test_a_draft_says_what_it_needs(as_role, clinic, plan):
    practitioner = as_role("practitioner")
    assert plan["room_features"] == NEEDED["room_features"]
    body = {name: plan[name] for name in ("patient_id", "protocol_id", "formula_id", "areas",
            "practitioner_id", "diagnosis_icd10", "volume_per_session_ml")} | TECHNIQUE  # fmt: skip
    draft = await made(practitioner, "/v1/plans", body)
    assert draft["room_features"] == []
    path, etag = f"/v1/plans/{draft['id']}", {"If-Match": '"1"'}
    for wrong in (None, ["LAMP", "LAMP"]):
        refused = await practitioner.patch(path, json={"room_features": wrong}, headers=etag)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/room_features"
    changed = await practitioner.patch(path, json={"room_features": ["LAMP"]}, headers=etag)
    assert changed.status_code == 200
    assert (await practitioner.get(path)).json()["room_features"] == ["LAMP"]


async def test_a_booking_needs_such_a_room(as_role, clinic, plan):
    desk = as_role("receptionist")
    good, poor = (str(room) for room in clinic.room_ids)
    body = booking(plan, clinic, TEN, room_id=poor)
    lacking(await desk.post("/v1/sessions", json=body), "LASER")
    lacking(await desk.post("/v1/sessions", json=body | {"room_id": None}), "LAMP", "LASER")
    reserved = {
        name: body[name] for name in ("starts_at", "duration_minutes", "practitioner_id", "room_id",
                                      "plan_id")
    }  # fmt: skip
    lacking(await desk.post("/v1/reservations", json=reserved), "LASER")
    session = await book(desk, plan, clinic, TEN, room_id=good)
    path, etag = f"/v1/sessions/{session['id']}", {"If-Match": '"1"'}
    lacking(await desk.patch(path, json={"room_id": poor}, headers=etag), "LASER")
    lacking(await desk.patch(path, json={"room_id": None}, headers=etag), "LAMP", "LASER")
    noted = await desk.patch(path, json={"notes": "Call before."}, headers=etag)
    assert (noted.status_code, noted.json()["room_id"]) == (200, good)
    await equip(as_role, good, "LAMP")
    later = {"starts_at": "2026-03-05T11:00:00+01:00"}
    lacking(await desk.patch(path, json=later, headers={"If-Match": '"2"'}), "LASER", rooms=())


async def test_what_is_offered_and_planned_is_in_such_rooms(as_role, clinic, plan):
    desk = as_role("receptionist")
    good, poor = (str(room) for room in clinic.room_ids)
    slots = (await desk.get("/v1/slots", params={"plan_id": plan["id"], "limit": 200})).json()
    assert {each["room_id"] for each in slots["items"]} == {good}
    narrowed = {"plan_id": plan["id"], "room_id": poor}
    lacking(await desk.get("/v1/slots", params=narrowed), "LASER")
    course = f"/v1/plans/{plan['id']}/course"
    acknowledged = {"acknowledged": ["PLAN-REASSESS-DUE"]}
    lacking(await desk.post(course, json=acknowledged | {"room_ids": [poor]}), "LASER")
    booked = await made(desk, course, acknowledged)
    assert {each["room_id"] for each in booked["sessions"]} == {good}
    first = booked["sessions"][0]
    path = f"/v1/sessions/{first['id']}"
    body = {"starts_at": "2026-03-03T10:00:00+01:00", **acknowledged}
    shifted = await moved(desk, path, "shift", body)
    assert {each["room_id"] for each in shifted["sessions"]} == {good}
    elsewhere = await desk.post(
        f"{path}/shift", json=body | {"starts_at": "2026-03-04T10:00:00+01:00", "room_id": poor},
        headers={"If-Match": (await desk.get(path)).headers["etag"]},
    )  # fmt: skip
    lacking(elsewhere, "LASER")


async def test_freed_time_is_offered_where_its_room_will_do(as_role, clinic, plan):
    desk = as_role("receptionist")
    patient = await make_treatable_patient(as_role("practitioner"), given_name="Ada")
    formula = {"id": plan["formula_id"]}
    other = await make_active_plan(as_role, clinic, patient=patient, formula=formula)
    await join(desk, plan)
    good, poor = (str(room) for room in clinic.room_ids)
    for room, made_to in ((None, 0), (poor, 0), (good, 1)):
        session = await book(desk, other, clinic, TEN, room_id=room)
        await cancel(desk, session)
        assert len(await offers(desk)) == made_to


def test_a_repair_moves_it_to_such_a_room(clinic):
    lamp, both = clinic.room_ids
    rooms = tuple(
        Room(clinic_id=clinic.id, id=room, name="", features=has)
        for room, has in ((lamp, ("LAMP",)), (both, ("LAMP", "LASER")))
    )
    who = clinic.staff["practitioner"]
    possible = Possible((who,), rooms, {room.id: frozenset(room.features) for room in rooms})
    usual = UsualSession(30 * MINUTE, NO_BUFFERS)

    def found(room_id, *features):
        session: Any = SimpleNamespace(practitioner_id=who, room_id=room_id)
        needs = needs_of(session, possible, usual, same=False, features=features)
        return None if needs is None else needs.rooms

    assert found(lamp) == (lamp, both)
    assert found(lamp, "LASER") == (both,)
    assert found(None) == (None,)
    assert found(None, "LASER") == (both,)
    assert found(lamp, "SAUNA") is None
