"""A changed calendar deletes nothing: whom it leaves outside is told, and listed for review."""

import pytest

from tests.factories_calendars import CLOSURES, HOURS, changing, open_clinic, week
from tests.factories_sessions import book, make_active_plan, moved

REVIEW = "/v1/worklists/review"
MORNING = week("08:00", "12:00")


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


@pytest.fixture
async def booked(as_role, clinic, plan):
    """Two sessions at ten and three o'clock, a week apart."""
    desk = as_role("receptionist")
    return [
        await book(desk, plan, clinic, "2026-03-03T10:00:00+01:00"),
        await book(desk, plan, clinic, "2026-03-10T15:00:00+01:00"),
    ]


async def listed(as_role, query=""):
    answer = await as_role("receptionist").get(f"{REVIEW}?kind=calendar{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_new_opening_hours_tell_whom_they_leave_outside(as_role, booked):
    owner, late = as_role("owner"), booked[1]
    tried = await changing(owner, "PUT", HOURS, MORNING, "?dry_run=true")
    assert tried.json()["outside"]["count"] == 1
    assert await listed(as_role) == []
    outside = (await open_clinic(owner, MORNING))["outside"]
    assert outside == {
        "count": 1,
        "sessions": [
            {
                "session_id": late["id"], "patient_id": late["patient_id"],
                "practitioner_id": late["practitioner_id"], "room_id": late["room_id"],
                "starts_at": late["starts_at"], "ends_at": late["ends_at"],
                "refused_by": ["opening_hours"], "missing_features": [],
            }
        ],
    }  # fmt: skip
    assert outside == tried.json()["outside"]
    stays = await as_role("receptionist").get(f"/v1/sessions/{late['id']}")
    assert stays.json()["state"] == "scheduled"
    (item,) = await listed(as_role)
    assert (item["cause"], item["session"]["id"]) == ("calendar", late["id"])
    assert [each["code"] for each in item["findings"]] == ["CALENDAR-OPENING-HOURS"]
    assert item["findings"][0]["message"] == "The clinic is not open then."


async def test_who_is_inside_again_leaves_the_list(as_role, booked):
    await open_clinic(as_role("owner"), MORNING)
    widened = await open_clinic(as_role("owner"), week("08:00", "18:00"))
    assert widened["outside"] == {"count": 0, "sessions": []}
    assert await listed(as_role) == []
    (closed,) = await listed(as_role, "&open=false")
    assert closed["closed_because"] == "clean"


async def test_another_time_zone_moves_the_hours(as_role, booked):
    owner = as_role("owner")
    await open_clinic(owner, week("08:00", "18:00"))
    for zone, outside in (("Asia/Tokyo", 2), ("Europe/Berlin", 0)):
        changed = await changing(owner, "PATCH", "/v1/clinic", {"time_zone": zone})
        assert changed.status_code == 200
        assert len(await listed(as_role)) == outside


@pytest.mark.parametrize(
    ("move", "because"),
    [("move", "moved"), ("cancel", "cancelled")],
)
async def test_who_is_moved_or_cancelled_leaves_the_list(as_role, booked, move, because):
    await open_clinic(as_role("owner"), MORNING)
    path = f"/v1/sessions/{booked[1]['id']}"
    desk = as_role("receptionist")
    if move == "cancel":
        await moved(desk, path, "cancel", {"reason": "The clinic is closed then."})
    else:
        start = {"starts_at": "2026-03-10T10:00:00+01:00"}
        assert (await changing(desk, "PATCH", path, start)).status_code == 200
    assert await listed(as_role) == []
    (closed,) = await listed(as_role, "&open=false")
    assert closed["closed_because"] == because


async def test_a_closed_room_is_left_by_choosing_another(as_role, clinic, booked):
    draft = {"starts_on": "2026-03-09", "ends_on": "2026-03-12", "name": "Painting"}
    room = {"room_id": booked[1]["room_id"]}
    made = await as_role("owner").post(CLOSURES, json={**draft, **room})
    assert [each["session_id"] for each in made.json()["outside"]["sessions"]] == [booked[1]["id"]]
    path = f"/v1/sessions/{booked[1]['id']}"
    other = {"room_id": str(clinic.room_ids[1])}
    assert (await changing(as_role("receptionist"), "PATCH", path, other)).status_code == 200
    assert await listed(as_role) == []


async def test_a_room_that_goes_out_of_use_says_whom_it_held(as_role, clinic, booked):
    owner, desk, path = as_role("owner"), as_role("receptionist"), f"/v1/rooms/{clinic.room_ids[0]}"
    tried = await changing(owner, "PATCH", path, {"active": False}, "?dry_run=true")
    assert await listed(as_role) == []
    gone = (await changing(owner, "PATCH", path, {"active": False})).json()
    assert gone["active"] is False
    assert gone["outside"] == tried.json()["outside"]
    assert [each["session_id"] for each in gone["outside"]["sessions"]] == [
        each["id"] for each in booked
    ]
    assert {tuple(each["refused_by"]) for each in gone["outside"]["sessions"]} == {
        ("room_inactive",)
    }
    items = await listed(as_role)
    assert {each["findings"][0]["message"] for each in items} == {
        "The room is not in use any more."
    }
    other = {"room_id": str(clinic.room_ids[1])}
    first = f"/v1/sessions/{booked[0]['id']}"
    assert (await changing(desk, "PATCH", first, other)).status_code == 200
    for asked, session in (("true", booked[1]), ("false", booked[0])):
        found = (await desk.get(f"/v1/sessions?needs_review={asked}")).json()["items"]
        assert [each["id"] for each in found] == [session["id"]]
    assert [each["session"]["id"] for each in await listed(as_role)] == [booked[1]["id"]]
    again = await changing(owner, "PATCH", path, {"active": True})
    assert again.json()["outside"] == {"count": 0, "sessions": []}
    assert await listed(as_role) == []


async def test_who_takes_no_sessions_any_more_keeps_those_that_are_booked(as_role, clinic, booked):
    owner, desk = as_role("owner"), as_role("receptionist")
    path = f"/v1/staff/{booked[0]['practitioner_id']}"
    renamed = await changing(owner, "PATCH", path, {"qualifications": "Trichology"})
    assert renamed.json()["outside"] == {"count": 0, "sessions": []}
    other = f"/v1/staff/{clinic.staff['second:practitioner']}"
    assert (await changing(owner, "PATCH", other, {"active": False})).json()["outside"][
        "count"
    ] == 0
    for change in ({"bookable": False}, {"active": False}):
        stops = (await changing(owner, "PATCH", path, change)).json()["outside"]
        # Who takes no sessions and then leaves as well leaves nobody more behind.
        assert stops["count"] == (2 if "bookable" in change else 0)
        items = await listed(as_role)
        assert [each["session"]["id"] for each in items] == [each["id"] for each in booked]
        assert {each["findings"][0]["code"] for each in items} == {"CALENDAR-NOT-BOOKABLE"}
    assert (await desk.get(f"/v1/sessions/{booked[0]['id']}")).json()["state"] == "scheduled"
    back = await changing(owner, "PATCH", path, {"active": True, "bookable": True})
    assert (back.json()["active"], back.json()["outside"]["count"]) == (True, 0)
    assert await listed(as_role) == []


async def test_a_closure_that_moves_takes_some_on_and_lets_others_go(as_role, booked):
    owner = as_role("owner")
    draft = {"starts_on": "2026-03-03", "ends_on": "2026-03-03", "name": "Painting"}
    made = await owner.post(CLOSURES, json=draft)
    assert [each["session"]["id"] for each in await listed(as_role)] == [booked[0]["id"]]
    path = made.headers["location"]
    days = {"starts_on": "2026-03-10", "ends_on": "2026-03-10"}
    later = await changing(owner, "PATCH", path, days)
    assert [each["session_id"] for each in later.json()["outside"]["sessions"]] == [booked[1]["id"]]
    assert [each["session"]["id"] for each in await listed(as_role)] == [booked[1]["id"]]
    opened = await changing(owner, "DELETE", path)
    assert opened.json()["outside"]["count"] == 0
    assert await listed(as_role) == []


async def test_absences_and_working_hours_concern_one_practitioner(as_role, clinic, booked):
    owner = as_role("owner")
    for role, count in (("second:practitioner", 0), ("practitioner", 1)):
        times = {"starts_at": "2026-03-10T00:00:00Z", "ends_at": "2026-03-11T00:00:00Z"}
        away = await owner.post(f"/v1/staff/{clinic.staff[role]}/time-off", json=times)
        assert away.json()["outside"]["count"] == count
        path = f"/v1/staff/{clinic.staff[role]}/working-hours"
        assert (await changing(owner, "PUT", path, MORNING)).json()["outside"]["count"] == count
    (item,) = await listed(as_role)
    assert {each["code"] for each in item["findings"]} == {
        "CALENDAR-TIME-OFF", "CALENDAR-WORKING-HOURS",
    }  # fmt: skip


async def test_what_was_dismissed_comes_back_for_another_calendar_alone(as_role, clinic, booked):
    owner, director = as_role("owner"), as_role("medical_director")
    await open_clinic(owner, MORNING)
    (item,) = await listed(as_role)
    reason = {"reason": "The practitioner opens up for this patient."}
    await moved(director, f"{REVIEW}/{item['id']}", "dismiss", reason)
    await open_clinic(owner, week("08:00", "12:30"))
    assert await listed(as_role) == []
    draft = {"starts_on": "2026-03-10", "ends_on": "2026-03-10", "name": "Painting"}
    assert (await owner.post(CLOSURES, json=draft)).status_code == 201
    assert len(await listed(as_role)) == 1


async def test_at_most_fifty_are_shown_and_all_are_counted(as_role, clinic, plan, app):
    """Written straight into the database: a year of sessions would take a minute to book."""
    from datetime import timedelta
    from uuid import UUID

    from uuid_utils.compat import uuid7

    from api import audit
    from api.security import system_caller
    from models import Clinic, TreatmentSession

    first = await book(as_role("receptionist"), plan, clinic, "2026-03-10T15:00:00+01:00")
    database = app.state.database
    async with database.writing() as db:
        known = await db.get_one(TreatmentSession, (clinic.id, UUID(first["id"])))
        caller = system_caller(await db.get_one(Clinic, clinic.id), database.clock())
        for number in range(1, 60):
            shift = timedelta(days=7 * number)
            row = TreatmentSession(
                **known.model_dump(exclude={"id", "starts_at", "ends_at", "session_number"}),
                id=uuid7(), session_number=number + 1,
                starts_at=known.starts_at + shift, ends_at=known.ends_at + shift,
            )  # fmt: skip
            db.add(row)
            audit.record(db, caller, "session.booked", row)
    outside = (await open_clinic(as_role("owner"), MORNING))["outside"]
    assert (outside["count"], len(outside["sessions"])) == (60, 50)
    assert outside["sessions"][0]["session_id"] == first["id"]
    everything = await as_role("receptionist").get(f"{REVIEW}?kind=calendar&with_total=true")
    assert everything.json()["total"] == 60
