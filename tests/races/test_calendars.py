"""A booking and a calendar that closes over it, at once: refused or told, never neither."""

import asyncio
from collections import Counter

import pytest

from tests.factories_calendars import CLOSURES, HOURS, SETTINGS, changing, week
from tests.factories_sessions import booking, make_active_plan, make_treatable_patient

DAYS = ("2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13")


async def close_clinic(owner, clinic, day):
    draft = {"starts_on": day, "ends_on": day, "name": "Painting"}
    return await owner.post(CLOSURES, json=draft)


async def close_room(owner, clinic, day):
    draft = {"starts_on": day, "ends_on": day, "name": "Painting"}
    return await owner.post(CLOSURES, json={**draft, "room_id": str(clinic.room_ids[0])})


async def send_away(owner, clinic, day):
    times = {"starts_at": f"{day}T00:00:00Z", "ends_at": f"{day}T23:00:00Z"}
    return await owner.post(f"/v1/staff/{clinic.staff['practitioner']}/time-off", json=times)


async def open_in_the_evening(owner, clinic, day):
    return await changing(owner, "PUT", HOURS, week("18:00", "21:00"))


async def work_in_the_evening(owner, clinic, day):
    path = f"/v1/staff/{clinic.staff['practitioner']}/working-hours"
    return await changing(owner, "PUT", path, week("18:00", "21:00"))


async def carry_the_lamp_away(owner, clinic, day):
    return await equip(owner, clinic)


async def equip(owner, clinic, *features):
    path = f"/v1/rooms/{clinic.room_ids[0]}"
    return await changing(owner, "PATCH", path, {"features": features})


CHANGES = [
    close_clinic, close_room, send_away, open_in_the_evening, work_in_the_evening,
    carry_the_lamp_away,
]  # fmt: skip


@pytest.fixture
async def plans(as_role, clinic):
    """Each needs a lamp, which the first room has."""
    await equip(as_role("owner"), clinic, "LAMP")
    made = []
    for number in range(len(DAYS)):
        patient = await make_treatable_patient(as_role("practitioner"), family_name=f"R {number}")
        plan = await make_active_plan(as_role, clinic, patient=patient, room_features=["LAMP"])
        made.append(plan)
    return made


@pytest.mark.parametrize("change", CHANGES)
async def test_what_is_booked_meanwhile_is_refused_or_told(as_role, clinic, plans, change):
    owner, desk = as_role("owner"), as_role("receptionist")
    outcomes: Counter[str] = Counter()
    for number, (day, plan) in enumerate(zip(DAYS, plans, strict=True)):
        if change in (open_in_the_evening, work_in_the_evening):  # open again for this round
            path = HOURS if change is open_in_the_evening else (
                f"/v1/staff/{clinic.staff['practitioner']}/working-hours"
            )  # fmt: skip
            assert (await changing(owner, "PUT", path, [])).status_code == 200
        if change is carry_the_lamp_away:
            assert (await equip(owner, clinic, "LAMP")).status_code == 200
        body = booking(plan, clinic, f"{day}T09:00:00Z", room_id=str(clinic.room_ids[0]))

        async def book(body=body, wait=number / 100):
            await asyncio.sleep(wait)
            return await desk.post("/v1/sessions", json=body)

        changed, booked = await asyncio.gather(change(owner, clinic, day), book())
        assert changed.status_code in {200, 201}, changed.text
        told = [each["session_id"] for each in changed.json()["outside"]["sessions"]]
        if booked.status_code == 201:
            assert booked.json()["id"] in told
            outcomes["told"] += 1
        else:
            lamp = change is carry_the_lamp_away
            problem = "room-lacks-features" if lamp else "outside-calendars"
            assert booked.json()["type"] == f"/problems/{problem}", booked.text
            outcomes["refused"] += 1
    listed = await desk.get("/v1/worklists/review?kind=calendar&limit=200")
    on_the_list = {each["session"]["id"] for each in listed.json()["items"]}
    assert len(on_the_list) == outcomes["told"]


async def test_two_changes_of_one_calendar_do_not_undo_each_other(as_role):
    owner = as_role("owner")
    etag = (await owner.get(HOURS)).headers["etag"]
    answers = await asyncio.gather(
        *(
            owner.put(HOURS, json=week(opens, "18:00"), headers={"If-Match": etag})
            for opens in ("08:00", "09:00", "10:00")
        )
    )
    assert sorted(each.status_code for each in answers) == [200, 412, 412]


async def test_settings_that_nobody_wrote_are_written_once(as_role):
    owner = as_role("owner")
    etag = (await owner.get(SETTINGS)).headers["etag"]
    answers = await asyncio.gather(
        *(
            owner.patch(SETTINGS, json={"grid_minutes": grid}, headers={"If-Match": etag})
            for grid in (10, 20, 30)
        )
    )
    assert sorted(each.status_code for each in answers) == [200, 412, 412]


async def test_holidays_that_two_import_are_there_once(as_role):
    owner = as_role("owner")
    answers = await asyncio.gather(
        *(owner.post("/v1/clinic/public-holidays", json={"year": 2026}) for _ in range(4))
    )
    assert [each.status_code for each in answers] == [200] * 4
    assert sorted(each.json()["imported"] for each in answers) == [0, 0, 0, 10]
