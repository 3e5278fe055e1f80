"""A course of eleven sessions across the change to summer time and two holidays, over HTTP.

The desk of a clinic with hours and holidays looks for a first slot, keeps it while the patient
decides, books the whole course, moves it when the patient travels, and meets what was left open.
"""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.factories import made
from tests.factories_sessions import (
    SCREENING,
    administer,
    check_in,
    make_active_plan,
    make_lot,
    move_on,
)

PARIS = ZoneInfo("Europe/Paris")
LATER = ["PLAN-REASSESS-DUE"]
EASTER_MONDAY, LABOUR_DAY = "2026-04-06", "2026-05-01"


async def put(client, path, body):
    headers = {}
    tag = (await client.get(path)).headers.get("etag")
    if tag is not None:
        headers["If-Match"] = tag
    answer = await client.put(path, json=body, headers=headers)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


async def open_the_clinic(owner):
    """Monday to Friday, nine to one and two to six; the country's holidays."""
    hours = [
        {"weekday": weekday, "opens": opens, "closes": closes}
        for weekday in range(1, 6)
        for opens, closes in (("09:00", "13:00"), ("14:00", "18:00"))
    ]
    await put(owner, "/v1/clinic/opening-hours", hours)
    holidays = await owner.post("/v1/clinic/public-holidays", json={"year": 2026})
    assert holidays.status_code == 200, holidays.text
    closures = (await owner.get("/v1/clinic/closures?limit=200")).json()["items"]
    assert {EASTER_MONDAY, LABOUR_DAY} <= {each["starts_on"] for each in closures}


async def sessions_of(client, plan):
    answer = await client.get("/v1/sessions", params={"plan_id": plan["id"], "limit": 200})
    return answer.json()["items"]


async def test_the_story_of_a_course(as_role, clinic, clock):
    owner, desk, nurse = as_role("owner"), as_role("receptionist"), as_role("nurse")
    doctor = as_role("practitioner")
    await open_the_clinic(owner)
    plan = await make_active_plan(as_role, clinic)

    # The first slot that suits: after two, with the plan's own practitioner.
    wishes = {"time_from": "14:00", "preferences": "require", "limit": 5}
    slots = await desk.get("/v1/slots", params={"plan_id": plan["id"], **wishes})
    first = slots.json()["items"][0]
    assert first["local_starts_at"] == "2026-03-02T14:00"
    assert first["practitioner_id"] == plan["practitioner_id"]

    # Kept free while the patient looks at their calendar; nobody else gets it meanwhile.
    kept = await made(desk, "/v1/reservations", {
        "plan_id": plan["id"], "practitioner_id": first["practitioner_id"],
        "room_id": first["room_id"], "starts_at": first["starts_at"], "duration_minutes": 30,
    })  # fmt: skip
    others = await doctor.get("/v1/slots", params={
        "duration_minutes": 30, "practitioner_id": first["practitioner_id"],
        "from": first["starts_at"], "to": "2026-03-02", "limit": 50,
    })  # fmt: skip
    assert all(each["starts_at"] >= first["ends_at"] for each in others.json()["items"])
    session = await made(desk, "/v1/sessions", {
        "plan_id": plan["id"], "starts_at": first["starts_at"], "duration_minutes": 30,
        "practitioner_id": first["practitioner_id"], "room_id": first["room_id"],
        "reservation_id": kept["id"],
    })  # fmt: skip

    # The rest of the course: tried first, then booked, all ten or none.
    path = f"/v1/plans/{plan['id']}/course"
    dry = (await desk.post(f"{path}?dry_run=true", json={})).json()
    assert (dry["outcome"], dry["would_book"]) == ("needs_acknowledgement", 10)
    assert dry["met_later"] == LATER
    assert len(await sessions_of(desk, plan)) == 1
    key = {"Idempotency-Key": f"course-{plan['id']}"}
    course = await desk.post(path, json={"acknowledged": LATER}, headers=key)
    assert course.status_code == 201, course.text
    again = await desk.post(path, json={"acknowledged": LATER}, headers=key)
    assert again.headers["idempotency-replayed"] == "true"
    booked = await sessions_of(desk, plan)
    assert len(booked) == 11

    # Weekly, every second week, monthly; neither on a holiday nor at a weekend; two o'clock is
    # two o'clock before and after the change to summer time.
    starts = [datetime.fromisoformat(each["starts_at"]).astimezone(PARIS) for each in booked]
    days = [each.date() for each in starts]
    assert not {EASTER_MONDAY, LABOUR_DAY} & {str(day) for day in days}
    assert {day.isoweekday() for day in days} <= {1, 2, 3, 4, 5}
    assert {(each.hour, each.minute) for each in starts} == {(14, 0)}
    assert {each.utcoffset() for each in starts} == {timedelta(hours=1), timedelta(hours=2)}
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    least, most = [6] * 3 + [12] * 4 + [25] * 3, [10] * 3 + [18] * 4 + [35] * 3
    assert all(low <= gap <= high for low, gap, high in zip(least, gaps, most, strict=True))
    assert days[:4] == [date(2026, 3, 2) + timedelta(days=7 * each) for each in range(4)]
    assert days[4] == date(2026, 4, 7)  # Easter Monday was its day

    # The first session takes place.
    clock.set(datetime.fromisoformat(first["starts_at"]))
    await check_in(nurse, session)
    lot = await make_lot(nurse)
    await administer(
        doctor, session, first["starts_at"], lots=[{"lot_id": lot["id"], "volume_ml": "1"}]
    )

    # The patient travels: the second session on Thursday of that week, and the rest with it. What
    # would come of moving one only is told first.
    second, to = booked[1], "2026-03-12T13:00:00Z"
    moving = f"/v1/sessions/{second['id']}/shift"
    match = {"If-Match": f'"{(await desk.get(moving[:-6])).json()["version"]}"'}
    asked = {"starts_at": to, "acknowledged": LATER}
    dry = (await desk.post(f"{moving}?dry_run=true", json=asked, headers=match)).json()
    assert dry["outcome"] == "allowed"
    assert "SPACING-MIN-INTERVAL" in {each["code"] for each in dry["otherwise"][0]["findings"]}
    shifted = await desk.post(moving, json=asked, headers=match)
    assert shifted.status_code == 200, shifted.text
    after = await sessions_of(desk, plan)
    assert [each["starts_at"] for each in after[1:]] == [
        each["starts_at"] for each in shifted.json()["sessions"]
    ]
    assert after[2]["scheduled_on"] == "2026-03-19"
    assert not {EASTER_MONDAY, LABOUR_DAY} & {each["scheduled_on"] for each in after}

    # What was left open waits on the worklist, and is asked at the door.
    review = (await nurse.get("/v1/worklists/review?limit=200")).json()["items"]
    late = [each["id"] for each in after if each["scheduled_on"] > "2026-05-25"]
    waiting = {each["session"]["id"] for each in review}
    assert set(late) <= waiting
    due = next(each for each in after if each["id"] == late[0])
    clock.set(datetime.fromisoformat(due["starts_at"]))
    refused = await move_on(nurse, f"/v1/sessions/{due['id']}", "check-in", SCREENING)
    assert "PLAN-REASSESS-DUE" in {each["code"] for each in refused.json()["findings"]}
