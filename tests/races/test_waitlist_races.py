"""Of all who answer at once, one gets the freed time; the others are told why."""

import asyncio
from collections import Counter

import pytest

from tests.factories import made, make_examined_patient
from tests.factories_sessions import book, booking, make_active_plan, make_approved_formula, moved

pytestmark = pytest.mark.slow
ROUNDS = ("2026-03-05T10:00:00+01:00", "2026-03-06T10:00:00+01:00", "2026-03-09T10:00:00+01:00")


@pytest.fixture
async def plans(over_http, clinic):
    """One who gives up, and two who wait."""
    practitioner = over_http("practitioner")
    formula = await make_approved_formula(practitioner, over_http("medical_director"))
    found = []
    for number in range(4):
        patient = await make_examined_patient(
            practitioner, family_name=f"Waits {number}", sex="male"
        )
        consent = {
            "document_code": "MESO", "document_version": "1", "signed_on": "2026-03-02",
            "ingredient_codes": ["DEXPANTHENOL", "BIOTIN"],
        }  # fmt: skip
        await made(practitioner, f"/v1/patients/{patient['id']}/consents", consent)
        found.append(await make_active_plan(over_http, clinic, patient=patient, formula=formula))
    return found


async def offered(desk, starts_at):
    """The offers of the time that was freed last."""
    items = (await desk.get("/v1/waitlist/offers?limit=200")).json()["items"]
    newest = max(each["slot_id"] for each in items)
    return sorted((e for e in items if e["slot_id"] == newest), key=lambda each: each["place"])


async def free(over_http, clinic, plans, starts_at):
    """Somebody gives it up; the first in order declines nothing yet."""
    desk = over_http("receptionist")
    session = await book(desk, plans[0], clinic, starts_at)
    await moved(desk, f"/v1/sessions/{session['id']}", "cancel", {"reason": "Ill."})
    return await offered(desk, starts_at)


async def test_of_ten_who_accept_one_offer_one_books(over_http, clinic, plans):
    desk = over_http("receptionist")
    for plan in plans[1:3]:
        body = {"plan_id": plan["id"], "duration_minutes": 30, "until_on": "2026-03-31"}
        await made(desk, "/v1/waitlist", body)
    first, second = await free(over_http, clinic, plans, ROUNDS[0])
    path = f"/v1/waitlist/offers/{first['id']}"
    answers = await asyncio.gather(
        *(desk.post(f"{path}/accept", json={}, headers={"If-Match": '"1"'}) for _ in range(10)),
        desk.post(
            f"/v1/waitlist/offers/{second['id']}/accept", json={}, headers={"If-Match": '"1"'}
        ),
    )
    assert Counter(each.status_code for each in answers[:10]) == {201: 1, 412: 9}
    assert answers[10].status_code == 409
    (session,) = [each.json() for each in answers if each.status_code == 201]
    there = (await desk.get("/v1/sessions?state=scheduled")).json()["items"]
    assert [each["id"] for each in there] == [session["id"]]


async def test_declining_accepting_and_booking_at_once_leave_one_session(over_http, clinic, plans):
    """The first declines while it accepts and the second accepts, and the desk books the time."""
    desk = over_http("receptionist")
    for starts_at in ROUNDS:
        for plan in plans[1:3]:
            body = {"plan_id": plan["id"], "duration_minutes": 30, "until_on": "2026-03-31"}
            answer = await desk.post("/v1/waitlist", json=body)
            assert answer.status_code in {201, 409}
        first, second = await free(over_http, clinic, plans, starts_at)
        one, two = (f"/v1/waitlist/offers/{each['id']}" for each in (first, second))
        asked = [
            desk.post(f"{one}/decline", headers={"If-Match": '"1"'}),
            desk.post(f"{one}/accept", json={}, headers={"If-Match": '"1"'}),
            *(desk.post(f"{two}/accept", json={}, headers={"If-Match": f'"{version}"'})
              for version in (1, 2, 2, 2)),
            desk.post("/v1/sessions", json=booking(plans[3], clinic, starts_at)),
        ]  # fmt: skip
        answers = await asyncio.gather(*asked)
        counted = Counter(each.status_code for each in answers)
        assert set(counted) <= {200, 201, 409, 412}, [each.text for each in answers]
        assert counted[201] == 1, [each.text for each in answers]
        there = (await desk.get("/v1/sessions?state=scheduled")).json()["items"]
        assert len(there) == 1
        path = f"/v1/sessions/{there[0]['id']}"
        await moved(desk, path, "cancel", {"reason": "Next round."})
