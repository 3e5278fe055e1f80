"""A session that goes to somebody else is cancelled in the calendar that it leaves."""

from sqlmodel import col, select

from models import CalendarDeparture
from tests.factories_sessions import book, make_active_plan
from tests.following import fetch, make_calendar, parsed

TEN = "2026-03-03T10:00:00+01:00"


async def move(desk, session, **to):
    path = f"/v1/sessions/{session['id']}"
    tag = {"If-Match": (await desk.get(path)).headers["etag"]}
    answer = await desk.patch(path, json=to, headers=tag)
    assert answer.status_code == 200, answer.text


def shown(event):
    start, stamp = event.decoded("DTSTART"), event.decoded("DTSTAMP")
    assert event.decoded("LAST-MODIFIED") == stamp
    return event["STATUS"], event["SEQUENCE"], f"{start:%d %H:%M}", f"{stamp:%d %H:%M}"


async def test_who_has_it_no_more_is_told_for_30_days(as_role, anonymous, clinic, clock):
    """Moved to somebody else, another room and another time; the one left learns nothing of it."""
    owner, desk = as_role("owner"), as_role("receptionist")
    booked = await book(desk, await make_active_plan(as_role, clinic), clinic, TEN)
    theirs = {"practitioner_id": str(clinic.staff["second:practitioner"])}
    before = {"practitioner_id": str(clinic.staff["practitioner"])}
    first = [
        await make_calendar(owner, detail="desk", **before),
        await make_calendar(owner, room_id=str(clinic.room_ids[0])),
    ]
    second = await make_calendar(owner, **theirs)
    old = (await fetch(anonymous, first[0])).headers["etag"]
    clock.advance(hours=1)
    to = theirs | {"room_id": None, "starts_at": "2026-03-03T14:00:00+01:00"}
    await move(desk, booked, **to)
    for calendar in first:
        left = await fetch(anonymous, calendar)
        (event,) = parsed(left.text)
        assert event["UID"] == f"{booked['id']}@{clinic.id}"
        assert shown(event) == ("CANCELLED", 2, "03 09:00", "02 09:00")
        assert (event["TRANSP"], event["SUMMARY"]) == ("TRANSPARENT", "Appointment")
        assert "LOCATION" not in event
        assert left.headers["etag"] != old
    (there,) = parsed((await fetch(anonymous, second)).text)
    assert shown(there) == ("CONFIRMED", 2, "03 13:00", "02 09:00")
    await move(desk, booked, **before)  # back at the time that it has now, in no room
    assert [
        [shown(event) for event in parsed((await fetch(anonymous, each)).text)]
        for each in (*first, second)
    ] == [
        [("CONFIRMED", 3, "03 13:00", "02 09:00")],
        [("CANCELLED", 2, "03 09:00", "02 09:00")],
        [("CANCELLED", 3, "03 13:00", "02 09:00")],
    ]
    clock.advance(days=30)
    assert len(parsed((await fetch(anonymous, second)).text)) == 1
    clock.advance(seconds=1)
    assert parsed((await fetch(anonymous, second)).text) == []


async def test_what_no_calendar_shows_any_more_is_removed(as_role, clinic, app, clock):
    """By the next session that moves, with all that it leaves; what is still shown stays."""
    desk, plan = as_role("receptionist"), await make_active_plan(as_role, clinic)
    booked = await book(desk, plan, clinic, "2026-04-10T10:00:00+01:00")
    theirs = {"practitioner_id": str(clinic.staff["second:practitioner"])}
    mine = {"practitioner_id": str(clinic.staff["practitioner"])}
    kept = []
    for to, wait in ((theirs, {"days": 30}), (mine, {"seconds": 1}), (theirs, {})):
        await move(desk, booked, **to)
        async with app.state.database.reading() as db:
            rows = await db.exec(select(col(CalendarDeparture.sequence)))
            kept.append(sorted(rows.all()))
        clock.advance(**wait)
    assert kept == [[2], [2, 3], [3, 4]]


async def test_what_goes_beyond_the_horizon_is_told_where_it_went(
    as_role, anonymous, clinic, clock
):
    """A program that had it at the earlier time would keep it there."""
    owner, desk = as_role("owner"), as_role("receptionist")
    booked = await book(desk, await make_active_plan(as_role, clinic), clinic, TEN)
    calendar = await make_calendar(owner, room_id=str(clinic.room_ids[0]))
    answer = {
        "code": "PLAN-REASSESS-DUE", "reason": "patient_travelling",
        "comment": "Abroad until December; will be assessed on that day.",
    }  # fmt: skip
    far = {"starts_at": "2026-12-03T10:00:00+01:00", "overrides": [answer]}
    await move(as_role("practitioner"), booked, **far)
    (event,) = parsed((await fetch(anonymous, calendar)).text)
    assert shown(event) == ("CONFIRMED", 2, "03 09:00", "02 08:00")
    assert event.decoded("DTSTART").month == 12
    clock.advance(days=30, seconds=1)
    assert parsed((await fetch(anonymous, calendar)).text) == []
