"""A booking and what would refuse it, at the same moment: refused or on the list, never neither."""

import asyncio

import pytest

from api import audit
from tests.factories_rule_sets import draft, figure, fresh_publish
from tests.factories_sessions import (
    booking,
    make_active_plan,
    make_approved_formula,
    make_lot,
    make_treatable_patient,
    move_on,
)

STARTS = "2026-03-10T09:00:00Z"
TIGHTER = {"ingredients": {"BIOTIN": {"max_session": figure("1", "mg")}}}


async def made_world(as_role, clinic, patients=1):
    """Plans of biotin and dexpanthenol, the only lot of biotin, and a draft with a limit that the
    formula exceeds from the day of the first booking on."""
    practitioner = as_role("practitioner")
    formula = await make_approved_formula(practitioner, as_role("medical_director"))
    plans = []
    for number in range(patients):
        patient = await make_treatable_patient(practitioner, family_name=f"Race {number}")
        plans.append(await make_active_plan(as_role, clinic, patient=patient, formula=formula))
    lot = await make_lot(as_role("nurse"))
    await draft(as_role("medical_director"), valid_from="2026-03-10", changes=TIGHTER)
    return {"formula": formula, "plan": plans[0], "plans": plans, "lot": lot}


@pytest.fixture
async def world(as_role, clinic):
    return await made_world(as_role, clinic)


async def hold_formula(as_role, world):
    body = {
        "scope": "formula", "formula_id": world["formula"]["id"], "reason_code": "other",
        "reason": "Three patients complained within a day.",
    }  # fmt: skip
    return await as_role("medical_director").post("/v1/holds", json=body)


async def hold_ingredient(as_role, world):
    body = {
        "scope": "ingredient", "ingredient_code": "BIOTIN", "reason_code": "other",
        "reason": "The supplier has called about it.",
    }  # fmt: skip
    return await as_role("medical_director").post("/v1/holds", json=body)


async def publish(as_role, world):
    return await fresh_publish(as_role("second:medical_director"), 2)


async def quarantine(as_role, world):
    path = f"/v1/lots/{world['lot']['id']}"
    return await move_on(as_role("nurse"), path, "quarantine", {"reason": "Cloudy."})


async def allergy(as_role, world):
    path = f"/v1/patients/{world['plan']['patient_id']}/allergies"
    return await as_role("nurse").post(path, json={"ingredient_code": "BIOTIN"})


CHANGES = [hold_formula, hold_ingredient, publish, quarantine, allergy]


_STOPPED = {"session.booked", "worklist_item.dismissed"}


@pytest.fixture
def about_to_commit(monkeypatch):
    """Stops a booking or a dismissal once all is judged and written, just before its commit."""
    stopped, go_on = asyncio.Event(), asyncio.Event()
    seal = audit._Seal.__call__

    async def wait(self, db):
        if _STOPPED & {each.action for each, _ in db.info["happenings"]}:
            stopped.set()
            await go_on.wait()
        await seal(self, db)

    monkeypatch.setattr(audit._Seal, "__call__", wait)
    return stopped, go_on


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.__name__)
async def test_a_booking_that_has_not_committed_is_not_overlooked(
    app, as_role, clinic, world, about_to_commit, change, run_operations
):
    stopped, go_on = about_to_commit
    desk = as_role("receptionist")
    booked = asyncio.create_task(
        desk.post("/v1/sessions", json=booking(world["plan"], clinic, STARTS))
    )
    await asyncio.wait_for(stopped.wait(), 10)

    async def changed():
        answer = await change(as_role, world)
        await run_operations()
        return answer

    changing = asyncio.create_task(changed())
    await asyncio.wait({changing}, timeout=0.5)
    go_on.set()
    session, answer = await booked, await changing
    assert session.status_code == 201, session.text
    assert answer.status_code in {200, 201}, answer.text
    listed = (await desk.get("/v1/worklists/review")).json()["items"]
    assert [each["session"]["id"] for each in listed] == [session.json()["id"]]


async def test_what_is_found_while_somebody_dismisses_is_listed(
    as_role, clinic, world, about_to_commit
):
    """A person has looked at one allergy; the other one they have not seen."""
    stopped, go_on = about_to_commit
    go_on.set()
    desk, practitioner = as_role("receptionist"), as_role("practitioner")
    await desk.post("/v1/sessions", json=booking(world["plan"], clinic, STARTS))
    await allergy(as_role, world)
    [item] = (await practitioner.get("/v1/worklists/review")).json()["items"]
    stopped.clear()
    go_on.clear()
    path, body = f"/v1/worklists/review/{item['id']}", {"reason": "It was a rash from shampoo."}
    dismissed = asyncio.create_task(move_on(practitioner, path, "dismiss", body))
    await asyncio.wait_for(stopped.wait(), 10)
    path = f"/v1/patients/{world['plan']['patient_id']}/allergies"
    told = asyncio.create_task(
        as_role("nurse").post(path, json={"ingredient_code": "DEXPANTHENOL"})
    )
    await asyncio.wait({told}, timeout=0.5)
    go_on.set()
    assert ((await dismissed).status_code, (await told).status_code) == (200, 201)
    [open_item] = (await practitioner.get("/v1/worklists/review")).json()["items"]
    words = [each["message"] for each in open_item["findings"]]
    assert any("Dexpanthenol" in each or "DEXPANTHENOL" in each for each in words), words
    [closed] = (await practitioner.get("/v1/worklists/review?open=false")).json()["items"]
    assert (closed["id"], closed["closed_because"]) == (item["id"], "dismissed")
    assert closed["findings"] == item["findings"]
