"""Who has a session and would come earlier, who is late, and whose turn it is by the clock."""

import asyncio

import pytest

from api.waitlist import Announcer
from tests.factories_sessions import (
    book,
    booking,
    make_active_plan,
    make_approved_formula,
    make_treatable_patient,
    moved,
)
from tests.waiting import answer_offer, cancel, free, join, offers

THURSDAY, NEXT_THURSDAY = "2026-03-05T10:00:00+01:00", "2026-03-12T10:00:00+01:00"


@pytest.fixture
async def plans(as_role, clinic):
    """Three patients' active plans, none with a session."""
    practitioner = as_role("practitioner")
    formula = await make_approved_formula(practitioner, as_role("medical_director"))
    found = []
    for number in range(3):
        patient = await make_treatable_patient(practitioner, family_name=f"Patient {number}")
        found.append(await make_active_plan(as_role, clinic, patient=patient, formula=formula))
    return found


async def told(as_role, kind):
    """The addresses of the offers that the feed told of."""
    page = await as_role("owner").get("/v1/events", params={"types": f"waitlist_offer.{kind}"})
    return [each["href"].rpartition("/")[2] for each in page.json()["items"]]


async def test_an_earlier_time_moves_the_session_and_what_it_leaves_is_offered_on(
    as_role, clinic, clock, plans
):
    """Who has none comes first; who brings a session forward frees its place for them."""
    desk = as_role("receptionist")
    session = await book(desk, plans[1], clinic, NEXT_THURSDAY)
    entry = await join(desk, plans[1], session_id=session["id"])
    assert entry["session_id"] == session["id"]
    clock.advance(minutes=1)
    await join(desk, plans[2])
    await free(desk, clinic, plans[0], THURSDAY)
    first, second = await offers(desk)
    assert (first["patient_id"], first["moves_session_id"]) == (plans[2]["patient_id"], None)
    assert second["reason"] == (
        "Place 2 of 2: after those who have no session, for there is one on 2026-03-12 to bring"
        " forward; waiting since 2026-03-02."
    )
    assert second["moves_session_id"] == session["id"]
    assert (await answer_offer(desk, first, "decline")).status_code == 200
    assert await told(as_role, "opened") == [first["id"], second["id"]]
    trial = await answer_offer(desk, second, "accept", params={"dry_run": "true"})
    assert (trial.status_code, trial.json()["outcome"]) == (200, "allowed")
    accepted = await answer_offer(desk, second, "accept")
    assert accepted.status_code == 200, accepted.text
    there = (await desk.get(f"/v1/sessions/{session['id']}")).json()
    assert (there["starts_at"], there["state"]) == ("2026-03-05T09:00:00Z", "scheduled")
    booked = (await desk.get("/v1/sessions?state=scheduled")).json()["items"]
    assert [each["id"] for each in booked] == [session["id"]]
    done = (await desk.get(f"/v1/waitlist/{entry['id']}")).json()
    assert (done["state"], done["booked_session_id"]) == ("booked", session["id"])
    (onward,) = await offers(desk, unexpired="true")
    assert (onward["starts_at"], onward["state"]) == ("2026-03-12T09:00:00Z", "open")
    assert onward["patient_id"] == plans[2]["patient_id"]


@pytest.mark.parametrize(
    ("booked_at", "count"),
    [("2026-03-05T10:00:00+01:00", 0), ("2026-03-05T10:05:00+01:00", 1)],
)
async def test_only_what_is_earlier_is_offered(as_role, clinic, plans, booked_at, count):
    desk = as_role("receptionist")
    elsewhere = {"practitioner_id": str(clinic.staff["second:practitioner"]), "room_id": None}
    session = await book(desk, plans[1], clinic, booked_at, **elsewhere)
    await join(desk, plans[1], session_id=session["id"])
    await free(desk, clinic, plans[0], THURSDAY)
    assert len(await offers(desk)) == count


async def test_a_session_in_the_course_moves_only_between_its_neighbours(as_role, clinic, plans):
    """At least six days after the first, which is on the 2nd, though the third is booked."""
    desk = as_role("receptionist")
    for day in ("02", "12", "19"):
        start = f"2026-03-{day}T15:00:00+01:00"
        session = await book(desk, plans[1], clinic, start, room_id=None)
        if day == "12":
            await join(desk, plans[1], session_id=session["id"])
    for day in ("05", "07", "08"):
        await free(desk, clinic, plans[0], f"2026-03-{day}T10:00:00+01:00")
    (offer,) = await offers(desk)
    assert offer["starts_at"] == "2026-03-08T09:00:00Z"
    assert (await answer_offer(desk, offer, "accept")).status_code == 200


async def test_whose_session_fell_away_waits_as_those_who_have_none(as_role, clinic, plans):
    desk = as_role("receptionist")
    session = await book(desk, plans[1], clinic, NEXT_THURSDAY)
    await join(desk, plans[1], session_id=session["id"])
    await cancel(desk, session)
    await free(desk, clinic, plans[0], THURSDAY)
    (offer,) = await offers(desk)
    assert (offer["moves_session_id"], offer["state"]) == (None, "open")
    accepted = await answer_offer(desk, offer, "accept")
    assert (accepted.status_code, accepted.json()["session_number"]) == (201, 1)


async def test_an_offer_that_would_not_be_earlier_any_more(as_role, clinic, plans):
    desk = as_role("receptionist")
    session = await book(desk, plans[1], clinic, NEXT_THURSDAY)
    await join(desk, plans[1], session_id=session["id"])
    await free(desk, clinic, plans[0], THURSDAY)
    (offer,) = await offers(desk)
    path = f"/v1/sessions/{session['id']}"
    tag = {"If-Match": (await desk.get(path)).headers["etag"]}
    sooner = {"starts_at": "2026-03-04T10:00:00+01:00"}
    assert (await desk.patch(path, json=sooner, headers=tag)).status_code == 200
    late = await answer_offer(desk, offer, "accept")
    assert (late.status_code, late.json()["type"]) == (409, "/problems/illegal-transition")


async def test_which_session_can_be_brought_forward(as_role, clinic, plans):
    desk = as_role("receptionist")
    theirs = await book(desk, plans[0], clinic, THURSDAY)
    gone = await book(desk, plans[1], clinic, NEXT_THURSDAY)
    await cancel(desk, gone)
    for session, code in ((theirs, "another_plan"), (gone, "not_movable")):
        body = {"plan_id": plans[1]["id"], "duration_minutes": 30, "until_on": "2026-03-31"}
        refused = await desk.post("/v1/waitlist", json=body | {"session_id": session["id"]})
        assert refused.status_code == 422
        (error,) = refused.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/session_id", code)


async def test_who_is_late_is_offered_what_a_warning_allows(as_role, clinic, plans):
    """The window closed on 12 March; from the 23rd on it takes an override, which nobody gives."""
    desk = as_role("receptionist")
    await book(desk, plans[1], clinic, "2026-03-02T15:00:00+01:00", room_id=None)
    await join(desk, plans[1])
    await free(desk, clinic, plans[0], "2026-03-23T10:00:00+01:00")
    assert await offers(desk) == []
    await free(desk, clinic, plans[0], "2026-03-22T10:00:00+01:00")
    (offer,) = await offers(desk)
    assert offer["reason"] == (
        "Place 1 of 1: the window closed on 2026-03-12, so that a warning must be acknowledged;"
        " waiting since 2026-03-02."
    )
    asked = await answer_offer(desk, offer, "accept")
    assert (asked.status_code, asked.json()["outcome"]) == (409, "needs_acknowledgement")
    body = {"acknowledged": [each["code"] for each in asked.json()["findings"]]}
    assert (await answer_offer(desk, offer, "accept", body)).status_code == 201


async def test_the_time_is_kept_by_a_reservation_while_somebody_asks(as_role, clinic, plans):
    desk = as_role("receptionist")
    session = await book(desk, plans[1], clinic, NEXT_THURSDAY)
    await join(desk, plans[1], session_id=session["id"])
    await free(desk, clinic, plans[0], THURSDAY)
    (offer,) = await offers(desk)
    kept = {"duration_minutes": 30, "practitioner_id": offer["practitioner_id"]}
    kept |= {"starts_at": offer["starts_at"], "room_id": offer["room_id"]}
    reservation = (await desk.post("/v1/reservations", json=kept)).json()
    taken = await desk.post("/v1/sessions", json=booking(plans[2], clinic, THURSDAY))
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/schedule-conflict")
    assert (await answer_offer(desk, offer, "accept")).status_code == 409
    body = {"reservation_id": reservation["id"]}
    assert (await answer_offer(desk, offer, "accept", body)).status_code == 200


async def test_the_feed_tells_whose_turn_it_is(as_role, clinic, clock, app, plans):
    """Once for each, when its time comes; nothing of it after it was taken or is over."""
    desk = as_role("receptionist")
    announcer = Announcer(app.state.database)
    for plan in plans[1:]:
        await join(desk, plan)
    await free(desk, clinic, plans[0], THURSDAY)
    first, second = await offers(desk)
    assert await told(as_role, "opened") == [first["id"]]
    clock.advance(minutes=29, seconds=59)
    assert await announcer.tell() == 0
    clock.advance(seconds=1)
    assert sum(await asyncio.gather(*(announcer.tell() for _ in range(4)))) == 1
    assert await told(as_role, "opened") == [first["id"], second["id"]]
    assert (await answer_offer(desk, second, "accept")).status_code == 201


async def test_the_feed_is_silent_about_what_was_taken(as_role, clinic, clock, app, plans):
    desk = as_role("receptionist")
    announcer = Announcer(app.state.database)
    for plan in plans[1:]:
        await join(desk, plan)
    await free(desk, clinic, plans[0], THURSDAY)
    first = (await offers(desk))[0]
    clock.advance(minutes=10)
    assert (await answer_offer(desk, first, "accept")).status_code == 201
    clock.advance(minutes=20)
    assert await announcer.tell() == 0
    assert await told(as_role, "opened") == [first["id"]]


async def test_who_waits_no_more_leaves_the_other_offers_to_the_next(as_role, clinic, clock, plans):
    """Two slots, both first to the same entry: taking one, or leaving the list, passes it on."""
    desk = as_role("receptionist")
    await join(desk, plans[1])
    clock.advance(minutes=1)
    leaving = await join(desk, plans[2])
    for start in (THURSDAY, "2026-03-06T10:00:00+01:00"):
        await free(desk, clinic, plans[0], start)
    there = await offers(desk)
    mine = [each for each in there if each["patient_id"] == plans[1]["patient_id"]]
    theirs = [each for each in there if each["patient_id"] == plans[2]["patient_id"]]
    assert [each["state"] for each in mine + theirs] == ["open", "open", "queued", "queued"]
    assert (await answer_offer(desk, mine[0], "accept")).status_code == 201
    now = {each["id"]: each["state"] for each in await offers(desk)}
    assert [now[each["id"]] for each in mine] == ["accepted", "withdrawn"]
    assert [now[each["id"]] for each in theirs] == ["taken", "open"]
    assert [each["id"] for each in await offers(desk, unexpired="true")] == [theirs[1]["id"]]
    opened = await told(as_role, "opened")
    assert opened == [mine[0]["id"], mine[1]["id"], theirs[1]["id"]]
    late = await answer_offer(desk, mine[1], "accept")
    assert (late.status_code, late.json()["state"]) == (409, "withdrawn")
    await moved(desk, f"/v1/waitlist/{leaving['id']}", "withdraw")
    assert await offers(desk, unexpired="true") == []
