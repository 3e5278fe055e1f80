"""Of many who want the same, exactly one gets it; the others are told why."""

import asyncio
import random
from collections import Counter

import pytest

from tests.factories import made, make_examined_patient
from tests.factories_sessions import (
    SCREENING,
    book,
    booking,
    component,
    make_active_plan,
    make_approved_formula,
    make_lot,
    make_treatable_patient,
    moved,
    performance,
)

pytestmark = pytest.mark.slow
TEN = "2026-03-03T10:00:00+01:00"
NOW = "2026-03-02T08:00:00Z"  # the server's clock stands there


async def plans_of(over_http, clinic, count):
    """As many patients, each with a consent and an active plan of the same formula."""
    practitioner = over_http("practitioner")
    formula = await make_approved_formula(practitioner, over_http("medical_director"))
    consent = {
        "document_code": "MESO", "document_version": "1", "signed_on": "2026-03-02",
        "ingredient_codes": ["DEXPANTHENOL", "BIOTIN"],
    }  # fmt: skip

    async def plan(number):
        patient = await make_examined_patient(
            practitioner, family_name=f"Race {number}", sex="male"
        )
        await made(practitioner, f"/v1/patients/{patient['id']}/consents", consent)
        return await make_active_plan(over_http, clinic, patient=patient, formula=formula)

    return await asyncio.gather(*(plan(number) for number in range(count)))


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


async def test_ten_bookings_of_one_slot(over_http, clinic):
    desk = over_http("receptionist")
    plans = await plans_of(over_http, clinic, 10)
    for hour in (9, 11, 13):
        starts_at = f"2026-03-03T{hour:02}:00:00Z"
        answers = await asyncio.gather(
            *(desk.post("/v1/sessions", json=booking(plan, clinic, starts_at)) for plan in plans)
        )
        assert statuses(answers) == {201: 1, 409: 9}
        won = next(answer.json() for answer in answers if answer.status_code == 201)
        for lost in (answer.json() for answer in answers if answer.status_code == 409):
            assert lost["type"] == "/problems/schedule-conflict"
            assert {each["session_id"] for each in lost["conflicts"]} == {won["id"]}
            assert lost["alternatives"]
        path = f"/v1/sessions?state=scheduled&starts_after={starts_at}"
        there = (await desk.get(path)).json()["items"]
        assert [each["id"] for each in there] == [won["id"]]
        # Whoever won has a session now, and is too soon for the next: cancel it.
        await moved(desk, f"/v1/sessions/{won['id']}", "cancel", {"reason": "Next round."})


async def test_six_bookings_of_one_plan(over_http, clinic):
    """The same patient on six days in a row: the spacing rules see each other."""
    desk = over_http("receptionist")
    (plan,) = await plans_of(over_http, clinic, 1)
    bodies = [
        booking(plan, clinic, f"2026-03-{3 + day:02}T{9 + day:02}:00:00Z", room_id=None)
        for day in range(6)
    ]
    answers = await asyncio.gather(*(desk.post("/v1/sessions", json=body) for body in bodies))
    assert statuses(answers) == {201: 1, 409: 5}
    refused = {answer.json()["type"] for answer in answers if answer.status_code == 409}
    assert refused == {"/problems/refused-by-rules"}


async def test_two_injections_that_together_exceed_a_day(over_http, clinic):
    """Mepivacaine: at most 1000 mg in a day. 400 are given; of two more times 400, one passes."""
    practitioner, nurse = over_http("practitioner"), over_http("nurse")
    patient = await make_treatable_patient(practitioner)
    line = component("MEPIVACAINE", "20", "20")
    formula = await make_approved_formula(practitioner, over_http("medical_director"), line)
    sessions = []
    for number in range(3):
        plan = await make_active_plan(
            over_http,
            clinic,
            patient=patient,
            formula=formula,
            points=100,
            volume_per_session_ml="5",
        )
        starts_at = f"2026-03-02T{9 + number:02}:00:00Z"
        session = await book(practitioner, plan, clinic, starts_at)
        sessions.append(f"/v1/sessions/{session['id']}")
        await moved(nurse, sessions[-1], "check-in", SCREENING)
    # A lot each: nothing but the patient is shared, so only the patient's lock can help.
    bodies = []
    for number in range(3):
        lot = await make_lot(nurse, "MEPIVACAINE", lot_number=f"M-{number}")
        bodies.append(
            performance(
                NOW,
                lots=[{"lot_id": lot["id"], "volume_ml": "20"}],
                areas=[
                    {
                        "area": area,
                        "side": side,
                        "volume_ml": "10",
                        "points": 50,
                        "depth_mm": "4",
                        "technique": "DEEP_INTRADERMAL",
                    }
                    for area, side in (("THIGH", "left"), ("THIGH", "right"))
                ],
                discarded_ml="0",
            )
        )
    await moved(nurse, sessions[0], "administration", bodies[0])
    tags = [(await nurse.get(path)).headers["etag"] for path in sessions]
    answers = await asyncio.gather(
        *(
            nurse.post(f"{path}/administration", json=body, headers={"If-Match": tag})
            for path, body, tag in zip(sessions[1:], bodies[1:], tags[1:], strict=True)
        )
    )
    assert statuses(answers) == {201: 1, 409: 1}
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["outcome"] == "refused"
    found = {each["code"]: each for each in refused["findings"]}
    window = found["DOSE-CUMULATIVE-WINDOW"]
    assert (window["measured"], window["limit"], window["unit"]) == ("1200", "1000", "mg")
    records = [await nurse.get(f"{path}/administration") for path in sessions]
    assert statuses(records) == {200: 2, 404: 1}


async def test_twenty_writers_with_one_etag(over_http, clinic):
    desk = over_http("receptionist")
    (plan,) = await plans_of(over_http, clinic, 1)
    session = await book(desk, plan, clinic, TEN)
    path = f"/v1/sessions/{session['id']}"
    answers = await asyncio.gather(
        *(
            desk.patch(path, json={"notes": f"Writer {n}"}, headers={"If-Match": '"1"'})
            for n in range(20)
        )
    )
    assert statuses(answers) == {200: 1, 412: 19}
    won = next(answer.json() for answer in answers if answer.status_code == 200)
    now = (await desk.get(path)).json()
    assert (now["version"], now["notes"]) == (2, won["notes"])


async def test_twenty_with_one_idempotency_key(over_http, clinic):
    desk = over_http("receptionist")
    (plan,) = await plans_of(over_http, clinic, 1)
    headers = {"Idempotency-Key": "the-same"}
    body = booking(plan, clinic, TEN)
    answers = await asyncio.gather(
        *(desk.post("/v1/sessions", json=body, headers=headers) for _ in range(20))
    )
    assert set(statuses(answers)) <= {201, 409}
    assert {a.json()["type"] for a in answers if a.status_code == 409} <= {
        "/problems/idempotency-in-progress"
    }
    assert len({a.json()["id"] for a in answers if a.status_code == 201}) == 1
    assert len((await desk.get("/v1/sessions")).json()["items"]) == 1


async def test_a_crowd_leaves_no_overlap(over_http, clinic):
    """Eight clients book, move and cancel in the same few hours; nothing overlaps afterwards."""
    desk = over_http("receptionist")
    plans = await plans_of(over_http, clinic, 8)
    seen: Counter[int] = Counter()

    async def client(plan, seed):
        chance = random.Random(seed)  # noqa: S311
        session = None
        for _ in range(12):
            starts_at = (
                f"2026-03-03T{chance.randrange(9, 12):02}:{chance.choice((0, 15, 30, 45)):02}:00Z"
            )
            practitioner = chance.choice(["practitioner", "second:practitioner"])
            resources = {
                "practitioner_id": str(clinic.staff[practitioner]),
                "room_id": str(chance.choice(clinic.room_ids)),
            }
            if session is None:
                answer = await desk.post(
                    "/v1/sessions", json=booking(plan, clinic, starts_at, **resources)
                )
                session = answer.json() if answer.status_code == 201 else None
            else:
                path, tag = f"/v1/sessions/{session['id']}", {"If-Match": f'"{session["version"]}"'}
                if chance.random() < 0.3:
                    answer = await desk.post(f"{path}/cancel", json={"reason": "x"}, headers=tag)
                    session = None
                else:
                    body = {"starts_at": starts_at} | resources
                    answer = await desk.patch(path, json=body, headers=tag)
                    session = answer.json() if answer.status_code == 200 else session
            seen[answer.status_code] += 1

    await asyncio.gather(*(client(plan, seed) for seed, plan in enumerate(plans)))
    assert set(seen) <= {200, 201, 409}, seen
    assert seen[409] > 0, "nobody collided: the test shows nothing"
    kept = (await desk.get("/v1/sessions?state=scheduled&limit=200")).json()["items"]
    assert kept
    for number, one in enumerate(kept):
        for other in kept[:number]:
            if one["starts_at"] < other["ends_at"] and other["starts_at"] < one["ends_at"]:
                for resource in ("practitioner_id", "room_id", "patient_id"):
                    assert one[resource] != other[resource]
