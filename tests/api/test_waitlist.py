"""Freed time is offered to those whom it fits, in an order that can be explained."""

from datetime import UTC, datetime

import pytest

from tests.factories import made
from tests.factories_sessions import (
    book,
    make_active_plan,
    make_approved_formula,
    make_treatable_patient,
    moved,
)
from tests.queries import counted_queries
from tests.remembering import remembered
from tests.waiting import WISHES, answer_offer, cancel, join, offers

TEN = "2026-03-05T10:00:00+01:00"  # a Thursday


@pytest.fixture
@remembered
async def plans(as_role, clinic, clock):
    """Five patients' active plans; the first has a session on Thursday at ten."""
    practitioner = as_role("practitioner")
    formula = await make_approved_formula(practitioner, as_role("medical_director"))
    found = []
    for number in range(5):
        patient = await make_treatable_patient(practitioner, family_name=f"Patient {number}")
        found.append(await make_active_plan(as_role, clinic, patient=patient, formula=formula))
    return found


@pytest.fixture
@remembered
async def session(as_role, clinic, plans):
    return await book(as_role("receptionist"), plans[0], clinic, TEN)


async def test_who_waits_is_offered_what_was_cancelled(as_role, clinic, clock, plans, session):
    desk = as_role("receptionist")
    entries = []
    for plan in plans[1:4]:
        clock.advance(minutes=1)
        entries.append(await join(desk, plan))
    assert await offers(desk) == []
    await cancel(desk, session)
    made_to = await offers(desk)
    assert [each["entry_id"] for each in made_to] == [each["id"] for each in entries]
    assert [each["place"] for each in made_to] == [1, 2, 3]
    assert [each["state"] for each in made_to] == ["open", "queued", "queued"]
    first = made_to[0]
    assert first["reason"] == "Place 1 of 3: the window has no end; waiting since 2026-03-02."
    assert (first["starts_at"], first["ends_at"]) == (
        "2026-03-05T09:00:00Z", "2026-03-05T09:30:00Z",
    )  # fmt: skip
    assert first["practitioner_id"] == session["practitioner_id"]
    assert (first["opens_at"], first["expires_at"]) == (
        "2026-03-02T08:03:00Z", "2026-03-02T08:33:00Z",
    )  # fmt: skip
    feed = (await as_role("owner").get("/v1/events?types=waitlist_offer.made")).json()["items"]
    assert [each["href"] for each in feed] == [
        f"/v1/waitlist/offers/{each['id']}" for each in made_to
    ]


async def test_whose_window_closes_first_comes_first(as_role, clinic, clock, plans, session):
    desk = as_role("receptionist")
    begun = await book(desk, plans[4], clinic, "2026-03-02T15:00:00+01:00", room_id=None)
    later = await book(desk, plans[0], clinic, "2026-03-12T10:00:00+01:00")
    await join(desk, plans[1])
    await join(desk, plans[4])  # its second session: 8 to 12 March
    await cancel(desk, later)
    order = [(each["place"], each["reason"]) for each in await offers(desk)]
    assert order == [
        (1, "Place 1 of 2: the window closes on 2026-03-12; waiting since 2026-03-02."),
        (2, "Place 2 of 2: the window has no end; waiting since 2026-03-02."),
    ]
    # On 5 March its window is not open yet.
    await cancel(desk, session)
    fifth = [each for each in await offers(desk) if each["starts_at"] == "2026-03-05T09:00:00Z"]
    assert [each["reason"][:12] for each in fifth] == ["Place 1 of 1"]
    assert begun["session_number"] == 1


@pytest.mark.parametrize(
    ("wish", "fits"),
    [
        ({"duration_minutes": 30}, True),
        ({"duration_minutes": 31}, False),
        ({"weekdays": [4]}, True),
        ({"weekdays": [1, 2, 3, 5, 6, 7]}, False),
        ({"earliest_time": "10:00"}, True),
        ({"earliest_time": "10:01"}, False),
        ({"latest_time": "10:30"}, True),
        ({"latest_time": "10:29"}, False),
        ({"until_on": "2026-03-05"}, True),
        ({"until_on": "2026-03-04"}, False),
        ({"practitioner_ids": ["practitioner"]}, True),
        ({"practitioner_ids": ["second:practitioner"]}, False),
    ],
)
async def test_wishes_are_kept_to_the_minute(as_role, clinic, plans, session, wish, fits):
    desk = as_role("receptionist")
    if "practitioner_ids" in wish:
        wish = {"practitioner_ids": [str(clinic.staff[each]) for each in wish["practitioner_ids"]]}
    await join(desk, plans[1], **wish)
    await cancel(desk, session)
    assert len(await offers(desk)) == fits


async def test_accepting_books_and_the_others_are_told(as_role, clinic, plans, session):
    desk = as_role("receptionist")
    entry, _ = await join(desk, plans[1]), await join(desk, plans[2])
    await cancel(desk, session)
    first, second = await offers(desk)
    trial = await answer_offer(desk, first, "accept", params={"dry_run": "true"})
    assert (trial.status_code, trial.json()["outcome"]) == (200, "allowed")
    accepted = await answer_offer(desk, first, "accept")
    assert accepted.status_code == 201, accepted.text
    booked = accepted.json()
    assert (booked["plan_id"], booked["starts_at"]) == (plans[1]["id"], "2026-03-05T09:00:00Z")
    assert booked["room_id"] == session["room_id"]
    assert (await desk.get(accepted.headers["location"])).json()["state"] == "scheduled"
    now = {each["id"]: each for each in await offers(desk)}
    assert (now[first["id"]]["state"], now[first["id"]]["session_id"]) == ("accepted", booked["id"])
    assert (now[second["id"]]["state"], now[second["id"]]["possible"]) == ("taken", [])
    entry = (await desk.get(f"/v1/waitlist/{entry['id']}")).json()
    assert (entry["state"], entry["booked_session_id"]) == ("booked", booked["id"])
    late = await answer_offer(desk, second, "accept")
    assert (late.status_code, late.json()["state"]) == (409, "taken")


async def test_an_offer_expires_and_passes_on(as_role, clinic, clock, plans, session):
    desk = as_role("receptionist")
    await join(desk, plans[1])
    await join(desk, plans[2])
    await cancel(desk, session)
    first, second = await offers(desk)
    early = await answer_offer(desk, second, "accept")
    assert (early.status_code, early.json()["state"]) == (409, "queued")
    clock.set(datetime(2026, 3, 2, 8, 29, 59, tzinfo=UTC))
    assert [each["state"] for each in await offers(desk)] == ["open", "queued"]
    clock.advance(seconds=1)
    assert [each["state"] for each in await offers(desk)] == ["expired", "open"]
    late = await answer_offer(desk, first, "accept")
    assert (late.status_code, late.json()["state"]) == (409, "expired")
    assert (await offers(desk, unexpired="true"))[0]["id"] == second["id"]
    assert (await answer_offer(desk, second, "accept")).status_code == 201


async def test_declining_brings_the_others_forward(as_role, clinic, clock, plans, session):
    desk = as_role("receptionist")
    for plan in plans[1:5]:
        await join(desk, plan)
    await cancel(desk, session)
    first, second, third, fourth = await offers(desk)
    clock.advance(minutes=5)
    assert (await answer_offer(desk, third, "decline")).json()["state"] == "declined"
    assert (await answer_offer(desk, first, "decline")).status_code == 200
    now = {each["id"]: each for each in await offers(desk)}
    assert (now[second["id"]]["state"], now[second["id"]]["expires_at"]) == (
        "open", "2026-03-02T08:35:00Z",
    )  # fmt: skip
    assert now[fourth["id"]]["opens_at"] == "2026-03-02T08:35:00Z"
    again = await answer_offer(desk, first, "decline")
    assert (again.status_code, again.json()["state"]) == (409, "declined")


async def test_time_that_somebody_booked_meanwhile_is_a_conflict(as_role, clinic, plans, session):
    desk = as_role("receptionist")
    await join(desk, plans[1])
    await cancel(desk, session)
    (offer,) = await offers(desk)
    await book(desk, plans[2], clinic, TEN)
    refused = await answer_offer(desk, offer, "accept")
    assert refused.json()["type"] == "/problems/schedule-conflict"
    assert refused.status_code == 409
    assert (await offers(desk))[0]["state"] == "open"


async def test_a_moved_session_frees_its_time_and_a_missed_one_what_is_left(
    as_role, clinic, clock, plans, session
):
    desk = as_role("receptionist")
    await join(desk, plans[1], duration_minutes=10)
    path = f"/v1/sessions/{session['id']}"

    async def move(starts_at):
        tag = {"If-Match": (await desk.get(path)).headers["etag"]}
        answer = await desk.patch(path, json={"starts_at": starts_at}, headers=tag)
        assert answer.status_code == 200, answer.text

    await move("2026-03-05T10:15:00+01:00")  # half of it is taken still
    assert await offers(desk) == []
    await move("2026-03-05T11:00:00+01:00")
    (offer,) = await offers(desk)
    assert offer["starts_at"] == "2026-03-05T09:15:00Z"
    clock.set(datetime(2026, 3, 5, 10, 1, 1, tzinfo=UTC))
    await moved(desk, path, "no-show")
    left = [each for each in await offers(desk) if each["id"] != offer["id"]]
    assert [(each["starts_at"], each["ends_at"]) for each in left] == [
        ("2026-03-05T10:20:00Z", "2026-03-05T10:30:00Z")
    ]
    assert left[0]["expires_at"] == "2026-03-05T10:11:01Z"


async def test_who_gave_it_up_left_or_may_not_come_is_not_asked(as_role, clinic, plans, session):
    desk = as_role("receptionist")
    await join(desk, plans[0])  # whose session it was
    gone = await join(desk, plans[1])
    await moved(desk, f"/v1/waitlist/{gone['id']}", "withdraw")
    await join(desk, plans[2])
    await moved(as_role("practitioner"), f"/v1/plans/{plans[2]['id']}", "stop", {"reason": "x"})
    await cancel(desk, session)
    assert await offers(desk) == []
    again = await desk.post(f"/v1/waitlist/{gone['id']}/withdraw", headers={"If-Match": '"2"'})
    assert (again.status_code, again.json()["state"]) == (409, "withdrawn")


async def test_an_entry_is_made_once_and_read_back(as_role, clinic, plans):
    desk = as_role("receptionist")
    body = {
        "plan_id": plans[0]["id"], "duration_minutes": 45, "weekdays": [5, 1, 5],
        "practitioner_ids": [str(clinic.staff["practitioner"])], "earliest_time": "09:00",
        "latest_time": "12:00", "until_on": "2026-08-29", "notes": "Next door.",
    }  # fmt: skip
    entry = await made(desk, "/v1/waitlist", body)
    assert (await desk.get(f"/v1/waitlist/{entry['id']}")).json() == entry
    assert {name: entry[name] for name in body} == body | {"weekdays": [1, 5]}
    assert entry["patient_id"] == plans[0]["patient_id"]
    twice = await desk.post("/v1/waitlist", json=body)
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/already-exists")
    listed = (await desk.get(f"/v1/waitlist?plan_id={plans[0]['id']}&state=waiting")).json()
    assert listed["items"] == [entry]
    assert (await as_role("other:owner").get("/v1/waitlist")).json()["items"] == []


@pytest.mark.parametrize(
    "over",
    [
        {"until_on": "2026-03-01"}, {"until_on": "2026-08-30"}, {"weekdays": [0]},
        {"weekdays": [8]}, {"earliest_time": "24:00"}, {"earliest_time": "9:00"},
        {"earliest_time": "10:00", "latest_time": "10:00"}, {"duration_minutes": 0},
        {"hours": "any"},
    ],
)  # fmt: skip
async def test_what_cannot_be_wished(as_role, plans, over):
    body = WISHES | {"plan_id": plans[0]["id"]} | over
    answer = await as_role("receptionist").post("/v1/waitlist", json=body)
    assert answer.status_code == 422, answer.text


async def test_freeing_time_costs_the_same_however_many_wait(as_role, clinic, app, plans, session):
    desk = as_role("receptionist")

    async def count(freed):
        path = f"/v1/sessions/{freed['id']}"
        tag = {"If-Match": (await desk.get(path)).headers["etag"]}
        with counted_queries(app) as sent:
            await desk.post(f"{path}/cancel", json={"reason": "Ill."}, headers=tag)
        return len([each for each in sent if each.startswith("SELECT")])

    await join(desk, plans[1])
    alone = await count(session)
    for plan in plans[2:]:
        await join(desk, plan)
    another = await book(desk, plans[0], clinic, TEN)
    assert await count(another) == alone
    assert len(await offers(desk)) == 5
