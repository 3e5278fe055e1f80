"""Moving and listing sessions: everything is checked again; the calendar is filtered."""

from typing import Any

import pytest

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


async def test_moving_checks_everything_again(as_role, clinic, plan, other_plan):
    desk = as_role("receptionist")
    await book(desk, plan, clinic, TEN)
    second = await book(desk, plan, clinic, "2026-03-10T10:00:00+01:00")
    await book(desk, other_plan, clinic, "2026-03-11T10:00:00+01:00")
    path = f"/v1/sessions/{second['id']}"
    await moved(desk, path, "confirm")

    too_soon = await patch(desk, second, {"starts_at": "2026-03-08T10:00:00+01:00"})
    assert too_soon.json()["type"] == "/problems/refused-by-rules"
    taken = await patch(desk, second, {"starts_at": "2026-03-11T10:15:00+01:00"})
    assert taken.json()["type"] == "/problems/schedule-conflict"
    assert [each["resource"] for each in taken.json()["conflicts"]] == ["room"]

    another_room = await patch(desk, second, {"room_id": str(clinic.room_ids[1])})
    assert another_room.status_code == 200
    assert another_room.json()["state"] == "confirmed"
    elsewhere = await patch(
        desk, second, {"starts_at": "2026-03-11T10:15:00+01:00", "duration_minutes": 45}
    )
    assert elsewhere.status_code == 200, elsewhere.text
    now = (await desk.get(path)).json()
    assert (now["starts_at"], now["ends_at"]) == ("2026-03-11T09:15:00Z", "2026-03-11T10:00:00Z")
    assert (now["state"], now["confirmed_at"]) == ("scheduled", None)
    assert now["session_number"] == 2


async def test_a_session_may_keep_its_own_time(as_role, clinic, plan):
    desk = as_role("receptionist")
    session = await book(desk, plan, clinic, TEN)
    longer = await patch(desk, session, {"duration_minutes": 60})
    assert longer.status_code == 200
    assert longer.json()["ends_at"] == "2026-03-03T10:00:00Z"


IMMOVABLE: list[tuple[dict[str, Any], str]] = [
    ({"starts_at": None}, "/starts_at"),
    ({"duration_minutes": None}, "/duration_minutes"),
    ({"practitioner_id": None}, "/practitioner_id"),
    ({"starts_at": "2026-03-01T10:00:00Z"}, "/starts_at"),
    ({"state": "completed"}, "/state"),
]


async def test_what_a_move_cannot_say(as_role, clinic, plan):
    desk = as_role("receptionist")
    session = await book(desk, plan, clinic, TEN)
    for body, pointer in IMMOVABLE:
        answer = await patch(desk, session, body)
        assert answer.status_code == 422, body
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await desk.get(f"/v1/sessions/{session['id']}")).json()["version"] == 1


async def test_a_change_needs_the_version_that_was_read(as_role, clinic, plan):
    desk = as_role("receptionist")
    session = await book(desk, plan, clinic, TEN)
    path = f"/v1/sessions/{session['id']}"
    assert (await desk.patch(path, json={"notes": "x"})).status_code == 428
    assert (await desk.post(f"{path}/confirm")).status_code == 428
    stale = {"If-Match": '"7"'}
    assert (await desk.patch(path, json={"notes": "x"}, headers=stale)).status_code == 412
    assert (await desk.post(f"{path}/confirm", headers=stale)).status_code == 412
    assert (await desk.get(path, headers={"If-None-Match": '"1"'})).status_code == 304


async def test_another_clinic_sees_nothing(as_role, clinic, plan):
    session = await book(as_role("receptionist"), plan, clinic, TEN)
    stranger = as_role("other:medical_director")
    path = f"/v1/sessions/{session['id']}"
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.get("/v1/sessions")).json()["items"] == []
    answer = await stranger.patch(path, json={"notes": "x"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 404
    assert (await stranger.post("/v1/sessions", json=booking(plan, clinic, TEN))).status_code == 404


async def test_the_calendar_is_filtered_and_paged(as_role, clinic, plan, other_plan):
    desk = as_role("receptionist")
    mine = [await book(desk, plan, clinic, f"2026-03-{day}T10:00:00Z") for day in ("03", "10")]
    theirs = await book(desk, other_plan, clinic, "2026-03-05T10:00:00Z")
    await moved(desk, f"/v1/sessions/{theirs['id']}", "cancel", {"reason": "Ill."})

    async def ids(query):
        answer = await desk.get(f"/v1/sessions?{query}")
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["items"]]

    first, second, third = mine[0]["id"], theirs["id"], mine[1]["id"]
    assert await ids("") == [first, second, third]
    assert await ids("sort=-starts_at") == [third, second, first]
    assert await ids(f"plan_id={plan['id']}") == [first, third]
    assert await ids(f"patient_id={theirs['patient_id']}") == [second]
    assert await ids(f"practitioner_id={plan['practitioner_id']}") == [first, third]
    assert await ids(f"room_id={clinic.room_ids[1]}") == []
    assert await ids("state=scheduled") == [first, third]
    assert await ids("state=scheduled&state=cancelled") == [first, second, third]
    assert await ids("starts_after=2026-03-05T10:00:00Z") == [second, third]
    assert await ids("starts_before=2026-03-05T10:00:00Z") == [first]
    page = (await desk.get("/v1/sessions?limit=2")).json()
    rest = (await desk.get(f"/v1/sessions?limit=2&cursor={page['next_cursor']}")).json()
    assert [each["id"] for each in page["items"] + rest["items"]] == [first, second, third]
    assert rest["next_cursor"] is None
    assert (await desk.get("/v1/sessions?starts_after=2026-03-05T10:00:00")).status_code == 422
    assert (await desk.get("/v1/sessions?practitioner=x")).status_code == 422


async def test_a_plan_on_hold_may_move_what_it_has(as_role, clinic, plan):
    practitioner = as_role("practitioner")
    session = await book(practitioner, plan, clinic, TEN)
    await moved(practitioner, f"/v1/plans/{plan['id']}", "hold", {"reason": "Fever."})
    later = await patch(practitioner, session, {"starts_at": "2026-03-09T09:00:00Z"})
    assert later.status_code == 200, later.text
    await moved(practitioner, f"/v1/plans/{plan['id']}", "stop", {"reason": "Moved away."})
    refused = await patch(practitioner, session, {"starts_at": "2026-03-10T09:00:00Z"})
    assert refused.json()["type"] == "/problems/illegal-transition"
    assert refused.json()["state"] == "cancelled"  # stopping a plan cancels what it still has
