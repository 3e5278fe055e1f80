"""Writing and reading calendars: opening hours, closures, working hours, absences, settings."""

import pytest

from tests.factories_calendars import CLOSURES, HOURS, SETTINGS, changing, open_clinic, week

# The tests begin on Monday 2 March 2026, 08:00 UTC, in Paris.
MORNING, AFTERNOON = week("09:00", "12:00", (1,)), week("13:00", "17:30", (1,))


async def test_opening_hours_are_read_as_they_were_written(as_role):
    owner = as_role("owner")
    before = await owner.get(HOURS)
    assert before.json()["hours"] == []
    season = week("10:00", "24:00", (6,), valid_from="2026-06-01", valid_to="2026-08-31")
    written = await changing(owner, "PUT", HOURS, [*AFTERNOON, *season, *MORNING])
    assert written.status_code == 200, written.text
    assert written.json()["outside"] == {"count": 0, "sessions": []}
    read = await as_role("receptionist").get(HOURS)
    open_ended = {"valid_from": None, "valid_to": None}
    assert read.json() == {
        "hours": [MORNING[0] | open_ended, AFTERNOON[0] | open_ended, season[0]],
        "time_zone": "Europe/Paris",
        "version": before.json()["version"] + 1,
    }
    assert read.headers["etag"] == written.headers["etag"]
    replaced = await open_clinic(owner, MORNING)
    assert replaced["hours"] == [MORNING[0] | open_ended]
    assert (await open_clinic(owner))["hours"] == []


@pytest.mark.parametrize(
    ("hours", "pointer", "code"),
    [
        ([*MORNING, *week("11:59", "13:00", (1,))], "/1", "overlap"),
        ([*MORNING, *week("09:00", "12:00", (1,), valid_from="2026-09-01")], "/1", "overlap"),
        (week("12:00", "12:00", (1,)), "/0/closes", "not_after"),
        (week("24:00", "24:00", (1,)), "/0/closes", "not_after"),
        (week("9:00", "12:00", (1,)), "/0/opens", "wall_time"),
        (week("09:00", "24:01", (1,)), "/0/closes", "wall_time"),
        (week("09:00", "12:00", (0,)), "/0/weekday", "greater_than_equal"),
        (week("09:00", "12:00", (8,)), "/0/weekday", "less_than_equal"),
        (
            week("09:00", "12:00", (1,), valid_from="2026-06-02", valid_to="2026-06-01"),
            "/0/valid_to",
            "not_after",
        ),
        (week("09:00", "12:00", (1,), breaks=[]), "/0/breaks", "extra_forbidden"),
    ],
)
async def test_hours_that_mean_nothing_are_pointed_at(as_role, hours, pointer, code):
    answer = await changing(as_role("owner"), "PUT", HOURS, hours)
    assert answer.status_code == 422
    found = [(each["pointer"], each["code"]) for each in answer.json()["errors"]]
    assert found == [(pointer, code)]


async def test_hours_that_touch_or_hold_at_different_times_do_not_overlap(as_role):
    before = week("09:00", "12:00", (1,), valid_to="2026-05-31")
    after = week("08:00", "13:00", (1,), valid_from="2026-06-01")
    later = week("13:00", "14:00", (1,))
    assert len((await open_clinic(as_role("owner"), before, after, later))["hours"]) == 3


async def test_a_dry_run_of_new_hours_changes_nothing(as_role):
    owner = as_role("owner")
    tried = await changing(owner, "PUT", HOURS, MORNING, "?dry_run=true")
    assert tried.status_code == 200
    assert tried.json()["outside"] == {"count": 0, "sessions": []}
    assert (await owner.get(HOURS)).json()["hours"] == []


async def test_a_closure_lives_until_it_is_over(as_role, clinic, clock):
    owner, desk = as_role("owner"), as_role("receptionist")
    draft = {"starts_on": "2026-03-10", "ends_on": "2026-03-11", "name": "Painting"}
    made = await owner.post(CLOSURES, json=draft)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    read = await desk.get(path)
    assert read.json() == {k: v for k, v in made.json().items() if k != "outside"}
    assert read.json()["is_public_holiday"] is False
    changed = await changing(owner, "PATCH", path, {"ends_on": "2026-03-12"})
    assert changed.json()["ends_on"] == "2026-03-12"
    of_room = {**draft, "room_id": str(clinic.room_ids[0])}
    assert (await owner.post(CLOSURES, json=of_room)).status_code == 201
    listed = await desk.get(f"{CLOSURES}?ends_from=2026-03-12")
    assert [each["name"] for each in listed.json()["items"]] == ["Painting"]
    rooms = await desk.get(f"{CLOSURES}?room_id={clinic.room_ids[0]}")
    assert [each["ends_on"] for each in rooms.json()["items"]] == ["2026-03-11"]
    clock.advance(days=9)  # it has begun: its first day stays, its last may still move
    ended = await changing(owner, "PATCH", path, {"ends_on": "2026-03-11"})
    assert ended.status_code == 200
    clock.advance(days=1)
    over = await changing(owner, "DELETE", path)
    assert (over.status_code, over.json()["state"]) == (409, "over")
    earlier = await owner.post(CLOSURES, json={**draft, "ends_on": "2026-03-20"})
    assert earlier.json()["errors"][0]["pointer"] == "/starts_on"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"ends_on": "2026-03-09"}, "/ends_on"),
        ({"ends_on": "2027-03-12"}, "/ends_on"),
        ({"starts_on": "2026-03-01"}, "/starts_on"),
        ({"name": ""}, "/name"),
    ],
)
async def test_a_closure_has_days_ahead_and_a_name(as_role, change, pointer):
    draft = {"starts_on": "2026-03-10", "ends_on": "2026-03-11", "name": "Painting"}
    answer = await as_role("owner").post(CLOSURES, json=draft | change)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


async def test_a_removed_closure_has_vanished(as_role):
    owner = as_role("owner")
    draft = {"starts_on": "2026-03-10", "ends_on": "2026-03-11", "name": "Painting"}
    path = (await owner.post(CLOSURES, json=draft)).headers["location"]
    assert (await changing(owner, "DELETE", path)).status_code == 200
    assert (await owner.get(path)).status_code == 404
    assert (await owner.get(CLOSURES)).json()["items"] == []


async def test_public_holidays_are_imported_once_and_stay_as_they_were_changed(as_role):
    owner = as_role("owner")
    path = "/v1/clinic/public-holidays"
    known = (await owner.get(f"{path}?year=2026")).json()
    assert known["country"] == "FR"
    days = {each["holiday_on"]: each for each in known["holidays"]}
    assert len(days) == 11
    assert days["2026-05-14"]["closure_id"] is None
    first = (await owner.post(path, json={"year": 2026})).json()
    assert first["imported"] == 10  # New Year's Day is over
    closures = {each["holiday_on"]: each["closure_id"] for each in first["holidays"]}
    assert closures["2026-01-01"] is None
    listed = (await owner.get(CLOSURES)).json()["items"]
    assert {each["is_public_holiday"] for each in listed} == {True}
    moved = f"{CLOSURES}/{closures['2026-05-14']}"
    bridge = await changing(owner, "PATCH", moved, {"ends_on": "2026-05-15"})
    assert bridge.status_code == 200
    worked = f"{CLOSURES}/{closures['2026-11-11']}"
    assert (await changing(owner, "DELETE", worked)).status_code == 200
    again = (await owner.post(path, json={"year": 2026})).json()
    assert again["imported"] == 0
    found = {each["holiday_on"]: each["closure_id"] for each in again["holidays"]}
    assert found["2026-11-11"] is None
    assert (await owner.get(moved)).json()["ends_on"] == "2026-05-15"


async def test_a_region_has_holidays_of_its_own_and_a_language_its_names(as_role):
    owner = as_role("owner")
    region = {"region": "FR-57", "language": "fr"}
    assert (await changing(owner, "PATCH", "/v1/clinic", region)).status_code == 200
    answer = (await owner.get("/v1/clinic/public-holidays?year=2026")).json()
    assert answer["region"] == "FR-57"
    names = {each["holiday_on"]: each["name"] for each in answer["holidays"]}
    assert len(names) == 13  # Moselle has Good Friday and Saint Stephen's Day
    assert names["2026-12-25"] == "Noël"
    assert (await changing(owner, "PATCH", "/v1/clinic", {"country": "ZZ"})).status_code == 200
    unknown = await owner.get("/v1/clinic/public-holidays?year=2026")
    assert unknown.json()["errors"][0]["code"] == "unknown_country"


async def test_working_hours_are_read_as_they_were_written(as_role, clinic):
    owner = as_role("owner")
    path = f"/v1/staff/{clinic.staff['practitioner']}/working-hours"
    fixed = week("13:00", "17:00", (1,), room_id=str(clinic.room_ids[0]))
    written = await changing(owner, "PUT", path, [*MORNING, *fixed])
    assert written.status_code == 200, written.text
    read = (await as_role("receptionist").get(path)).json()
    assert [each["room_id"] for each in read["hours"]] == [None, str(clinic.room_ids[0])]
    staff = await owner.get(f"/v1/staff/{clinic.staff['practitioner']}")
    assert staff.headers["etag"] == written.headers["etag"]
    elsewhere = week("11:00", "13:30", (1,), room_id=str(clinic.room_ids[1]))
    twice = await changing(owner, "PUT", path, [*MORNING, *fixed, *elsewhere])
    assert [each["pointer"] for each in twice.json()["errors"]] == ["/2"]
    await changing(owner, "PATCH", f"/v1/rooms/{clinic.room_ids[0]}", {"active": False})
    inactive = await changing(owner, "PUT", path, fixed)
    assert [each["pointer"] for each in inactive.json()["errors"]] == ["/0/room_id"]


async def test_why_somebody_is_away_is_not_for_everybody(as_role, clinic):
    owner = as_role("owner")
    path = f"/v1/staff/{clinic.staff['practitioner']}/time-off"
    times = {"starts_at": "2026-03-10T08:00:00Z", "ends_at": "2026-03-12T18:00:00Z"}
    made = await owner.post(path, json={**times, "reason": "Surgery"})
    assert made.status_code == 201, made.text
    one = made.headers["location"]
    assert (await owner.get(one)).json()["reason"] == "Surgery"
    assert (await as_role("practitioner").get(one)).json()["reason"] == "Surgery"
    for role in ("receptionist", "second:practitioner"):
        assert (await as_role(role).get(one)).json()["reason"] is None
        assert (await as_role(role).get(path)).json()["items"][0]["reason"] is None
    elsewhere = one.replace(str(clinic.staff["practitioner"]), str(clinic.staff["nurse"]))
    assert (await owner.get(elsewhere)).status_code == 404
    longer = await changing(owner, "PATCH", one, {"ends_at": "2026-03-13T18:00:00Z"})
    assert longer.json()["ends_at"] == "2026-03-13T18:00:00Z"
    turned = await changing(owner, "PATCH", one, {"ends_at": "2026-03-10T08:00:00Z"})
    assert turned.json()["errors"][0]["pointer"] == "/ends_at"
    assert (await changing(owner, "DELETE", one)).status_code == 200
    assert (await owner.get(path)).json()["items"] == []


async def test_booking_settings_have_defaults_until_they_are_written(as_role):
    owner = as_role("owner")
    usual = {"duration_minutes": 30, "before_minutes": 0, "after_minutes": 0}
    before = (await owner.get(SETTINGS)).json()
    assert before == {
        "lead_time_minutes": 0, "grid_minutes": 15, "first": usual, "follow_up": usual,
        "maintenance": usual, "version": before["version"],
    }  # fmt: skip
    first = {"duration_minutes": 45, "before_minutes": 5, "after_minutes": 10}
    change = {"lead_time_minutes": 120, "first": first}
    assert (await changing(owner, "PATCH", SETTINGS, change)).status_code == 200
    after = (await as_role("nurse").get(SETTINGS)).json()
    assert after == before | change | {"version": before["version"] + 1}
    for wrong in ({"grid_minutes": 4}, {"first": None}, {"lead_time_minutes": None}):
        assert (await changing(owner, "PATCH", SETTINGS, wrong)).status_code == 422


@pytest.mark.parametrize("role", ["medical_director", "practitioner", "receptionist"])
async def test_only_who_manages_the_clinic_changes_its_calendars(as_role, clinic, role):
    client = as_role(role)
    staff = f"/v1/staff/{clinic.staff['practitioner']}"
    for method, path in (
        ("PUT", HOURS), ("PATCH", SETTINGS), ("POST", CLOSURES), ("PUT", f"{staff}/working-hours"),
        ("POST", f"{staff}/time-off"), ("POST", "/v1/clinic/public-holidays"),
    ):  # fmt: skip
        answer = await client.request(method, path, json={}, headers={"If-Match": '"1"'})
        assert answer.status_code == 403, path
