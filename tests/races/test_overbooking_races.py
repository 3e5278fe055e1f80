"""Double-booking one resource on purpose leaves the others' protection as it was, also at once."""

import asyncio
from collections import Counter

import pytest

from tests.factories_sessions import book, booking, make_active_plan, make_approved_formula
from tests.factories_sessions import make_treatable_patient as make_patient

pytestmark = pytest.mark.slow
TEN = "2026-03-05T10:00:00+01:00"
WHY = {"reason": "urgent", "comment": "The first only waits for the cream to work."}


async def test_six_double_book_the_practitioner_in_one_room(over_http, clinic):
    practitioner = over_http("practitioner")
    formula = await make_approved_formula(practitioner, over_http("medical_director"))
    plans = []
    for number in range(7):
        patient = await make_patient(practitioner, family_name=f"Twice {number}")
        plans.append(await make_active_plan(over_http, clinic, patient=patient, formula=formula))
    first = await book(practitioner, plans[0], clinic, TEN)
    overbook = {"resource": "practitioner", **WHY}
    bodies = [
        booking(plan, clinic, TEN, room_id=str(clinic.room_ids[1]), overbook=overbook)
        for plan in plans[1:]
    ]
    answers = await asyncio.gather(
        *(practitioner.post("/v1/sessions", json=body) for body in bodies)
    )
    assert Counter(each.status_code for each in answers) == {201: 1, 409: 5}
    (won,) = [each.json() for each in answers if each.status_code == 201]
    for lost in (each.json() for each in answers if each.status_code == 409):
        assert {each["resource"] for each in lost["conflicts"]} == {"room"}
        assert {each["session_id"] for each in lost["conflicts"]} == {won["id"]}
    there = (await practitioner.get("/v1/sessions?state=scheduled")).json()["items"]
    assert {each["id"]: each["overbooks"] for each in there} == {
        first["id"]: None,
        won["id"]: "practitioner",
    }
