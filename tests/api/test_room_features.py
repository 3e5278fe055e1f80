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
from tests.factories_calendars import changing
from tests.factories_sessions import (
    TECHNIQUE,
    book,
    booking,
    make_active_plan,
    make_treatable_patient,
    moved,
)
from tests.queries import counted_queries
from tests.waiting import cancel, join, offers

NEEDED = {"room_features": ["LAMP", "LASER"]}
TEN = "2026-03-05T10:00:00+01:00"


async def equip(as_role, room_id, *features, query=""):
    """Write what the room has; whom that leaves without what they need."""
    path, body = f"/v1/rooms/{room_id}", {"features": features}
    answer = await changing(as_role("owner"), "PATCH", path, body, query)
    assert answer.status_code == 200, answer.text
    return answer.json()["outside"]


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


async def on_the_list(as_role):
    answer = await as_role("receptionist").get("/v1/worklists/review?kind=calendar")
    return {each["session"]["id"]: each for each in answer.json()["items"]}


NOBODY = {"count": 0, "sessions": []}


async def test_a_room_that_loses_a_feature_says_whom_it_held(as_role, clinic, plan, app):
    desk, good = as_role("receptionist"), clinic.room_ids[0]
    patient = await make_treatable_patient(as_role("practitioner"), given_name="Ada")
    formula = {"id": plan["formula_id"]}
    anywhere = await make_active_plan(as_role, clinic, patient=patient, formula=formula)
    await book(desk, anywhere, clinic, "2026-03-05T11:00:00+01:00")

    async def tried():
        with counted_queries(app) as sent:
            found = await equip(as_role, good, "LAMP", query="?dry_run=true")
        return found, [each for each in sent if each.startswith("SELECT")]

    first = await book(desk, plan, clinic, TEN)
    assert await equip(as_role, good, "LASER", "LAMP") == NOBODY
    one, asked_for_one = await tried()
    second = await book(desk, plan, clinic, "2026-03-12T10:00:00+01:00")
    both, asked_for_both = await tried()
    assert (one["count"], both["count"], len(asked_for_both)) == (1, 2, len(asked_for_one))
    assert await on_the_list(as_role) == {}
    lost = await equip(as_role, good, "LAMP")
    assert lost == both
    told = [(each["session_id"], each["refused_by"], each["missing_features"])
            for each in lost["sessions"]]  # fmt: skip
    assert told == [(each["id"], ["room_features"], ["LASER"]) for each in (first, second)]
    items = await on_the_list(as_role)
    assert set(items) == {first["id"], second["id"]}
    (finding,) = items[first["id"]]["findings"]
    assert finding["code"] == "CALENDAR-ROOM-FEATURES"
    assert finding["message"] == "The room has no LASER."
    assert items[first["id"]]["title"] == finding["title"]


async def test_who_lacks_nothing_any_more_leaves_the_list(as_role, clinic, plan):
    owner, desk, (good, poor) = as_role("owner"), as_role("receptionist"), clinic.room_ids
    first = await book(desk, plan, clinic, TEN)
    second = await book(desk, plan, clinic, "2026-03-12T10:00:00+01:00")
    assert (await equip(as_role, good, "LAMP"))["count"] == 2
    # Calendars that allow them do not take them off the list, nor does another room's change.
    await changing(owner, "PATCH", "/v1/clinic", {"time_zone": "Europe/Berlin"})
    assert await equip(as_role, poor, "LAMP", "LASER") == NOBODY
    assert set(await on_the_list(as_role)) == {first["id"], second["id"]}
    path, there = f"/v1/sessions/{first['id']}", {"room_id": str(poor)}
    assert (await changing(desk, "PATCH", path, there)).status_code == 200
    assert set(await on_the_list(as_role)) == {second["id"]}
    assert await equip(as_role, good, "SINK", "LAMP", "LASER") == NOBODY
    assert await on_the_list(as_role) == {}
    closed = await desk.get("/v1/worklists/review?kind=calendar&open=false")
    ends = {each["session"]["id"]: each["closed_because"] for each in closed.json()["items"]}
    assert ends == {first["id"]: "moved", second["id"]: "clean"}


async def test_what_else_a_room_loses_is_told_again(as_role, clinic, plan):
    owner, director = as_role("owner"), as_role("medical_director")
    session = await book(as_role("receptionist"), plan, clinic, TEN)
    room = f"/v1/rooms/{clinic.room_ids[0]}"

    async def changed(**body):
        (listed,) = (await changing(owner, "PATCH", room, body)).json()["outside"]["sessions"]
        return listed["refused_by"], listed["missing_features"]

    features, inactive = "room_features", "room_inactive"
    assert await changed(features=["LASER"]) == ([features], ["LAMP"])
    item = (await on_the_list(as_role))[session["id"]]
    reason = {"reason": "A lamp is brought along."}
    await moved(director, f"/v1/worklists/review/{item['id']}", "dismiss", reason)
    assert await changed(features=["LASER", "SINK"]) == ([features], ["LAMP"])
    assert await on_the_list(as_role) == {}
    assert await changed(features=[]) == ([features], ["LAMP", "LASER"])
    item = (await on_the_list(as_role))[session["id"]]
    assert [each["message"] for each in item["findings"]] == [
        "The room has no LAMP.", "The room has no LASER.",
    ]  # fmt: skip
    assert await changed(active=False) == ([inactive, features], ["LAMP", "LASER"])
    item = (await on_the_list(as_role))[session["id"]]
    assert [each["code"] for each in item["findings"]] == [
        "CALENDAR-ROOM-INACTIVE", *["CALENDAR-ROOM-FEATURES"] * 2
    ]  # fmt: skip


async def test_a_plan_that_may_be_booked_needs_what_it_needs(as_role, plan):
    """So nothing that is booked can come to need another room."""
    change = {"room_features": ["SAUNA"]}
    refused = await changing(as_role("practitioner"), "PATCH", f"/v1/plans/{plan['id']}", change)
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/illegal-transition"
    assert "change" not in refused.json()["possible"]


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
