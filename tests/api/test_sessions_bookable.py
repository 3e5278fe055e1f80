"""For whom nothing is booked: a closed record, a plan that is held or has ended. Said before any
rule is asked, as a move that the life cycle does not have."""

from uuid import UUID

import pytest

from api import audit
from api.security import system_caller
from models import Clinic, Patient
from tests.factories import made
from tests.factories_sessions import (
    book,
    booking,
    make_active_plan,
    make_approved_formula,
    make_treatable_patient,
    move_on,
    moved,
    protocol_id,
)

# A day on which the spacing rules would refuse as well: the life cycle speaks first.
FIRST, TOO_SOON = "2026-03-10T09:00:00Z", "2026-03-11T09:00:00Z"


@pytest.fixture
async def plan(as_role, clinic):
    plan = await make_active_plan(as_role, clinic)
    return plan | {"session": await book(as_role("receptionist"), plan, clinic, FIRST)}


async def close(app, clinic, clock, patient_id, field="archived_at"):
    """No request closes a record yet."""
    async with app.state.database.writing() as db:
        caller = system_caller(await db.get_one(Clinic, clinic.id), clock())
        patient = await db.get_one(Patient, (clinic.id, UUID(patient_id)))
        setattr(patient, field, clock())
        audit.record(db, caller, "patient.archived", patient)


async def patch(client, session, body):
    path = f"/v1/sessions/{session['id']}"
    etag = (await client.get(path)).headers["etag"]
    return await client.patch(path, json=body, headers={"If-Match": etag})


def said(answer):
    told = answer.json()
    assert (answer.status_code, told["type"]) == (409, "/problems/illegal-transition"), told
    return told["state"]


@pytest.mark.parametrize("how", ["archived", "erased"])
async def test_nothing_is_booked_for_a_closed_record(app, as_role, clinic, clock, plan, how):
    desk = as_role("receptionist")
    await close(app, clinic, clock, plan["patient_id"], f"{how}_at")
    answer = await desk.post("/v1/sessions", json=booking(plan, clinic, TOO_SOON))
    assert said(answer) == how
    assert answer.json()["possible"] == []
    dry = await desk.post("/v1/sessions?dry_run=true", json=booking(plan, clinic, TOO_SOON))
    assert said(dry) == how
    listed = (await desk.get(f"/v1/sessions?plan_id={plan['id']}")).json()["items"]
    assert [each["id"] for each in listed] == [plan["session"]["id"]]


async def test_a_session_of_a_closed_record_does_not_move_but_is_cancelled(
    app, as_role, clinic, clock, plan
):
    desk = as_role("receptionist")
    await close(app, clinic, clock, plan["patient_id"])
    answer = await patch(desk, plan["session"], {"starts_at": "2026-03-12T09:00:00Z"})
    assert said(answer) == "archived"
    path = f"/v1/sessions/{plan['session']['id']}"
    gone = await moved(desk, path, "cancel", {"reason": "Moved abroad."})
    assert gone["state"] == "cancelled"


@pytest.mark.parametrize(
    ("how", "status"), [("archived", 201), ("erased", 409)], ids=["archived", "erased"]
)
async def test_what_has_happened_is_still_entered_where_there_is_somebody(
    app, as_role, clinic, clock, plan, how, status
):
    await close(app, clinic, clock, plan["patient_id"], f"{how}_at")
    body = booking(plan, clinic, "2026-02-24T09:00:00Z", retrospective=True)
    answer = await as_role("practitioner").post("/v1/sessions", json=body)
    assert answer.status_code == status, answer.text


async def test_no_plan_starts_for_a_closed_record(app, as_role, clinic, clock):
    practitioner, director = as_role("practitioner"), as_role("medical_director")
    patient = await make_treatable_patient(practitioner)
    formula = await make_approved_formula(practitioner, director)
    body = {
        "patient_id": patient["id"], "formula_id": formula["id"],
        "protocol_id": await protocol_id(practitioner, "P-CLASSIC-442"),
        "practitioner_id": str(clinic.staff["practitioner"]), "diagnosis_icd10": "L64.9",
        "areas": ["SCALP"], "volume_per_session_ml": "2",
    }  # fmt: skip
    plan = await made(practitioner, "/v1/plans", body)
    await close(app, clinic, clock, patient["id"])
    assert said(await move_on(director, f"/v1/plans/{plan['id']}", "activate")) == "archived"
    assert (await practitioner.get(f"/v1/plans/{plan['id']}")).json()["state"] == "draft"


@pytest.mark.parametrize(
    ("move", "state"), [("hold", "on_hold"), ("stop", "stopped")], ids=["held", "stopped"]
)
async def test_a_plan_that_is_not_active_takes_none_whatever_the_rules_say(
    as_role, clinic, plan, move, state
):
    await moved(as_role("practitioner"), f"/v1/plans/{plan['id']}", move, {"reason": "Fever."})
    body = booking(plan, clinic, TOO_SOON)
    assert said(await as_role("receptionist").post("/v1/sessions", json=body)) == state


async def test_a_hold_for_everybody_takes_no_new_ones_and_keeps_those_there_are(
    as_role, clinic, plan
):
    """The plan's own state stays as it is; the problem names the holds."""
    director = as_role("medical_director")
    hold = {
        "scope": "ingredient", "ingredient_code": "BIOTIN", "reason_code": "other",
        "reason": "The supplier has called about it.",
    }  # fmt: skip
    opened = await made(director, "/v1/holds", hold)
    answer = await director.post("/v1/sessions", json=booking(plan, clinic, TOO_SOON))
    assert said(answer) == "active"
    [named] = answer.json()["holds"]
    assert (named["id"], named["scope"]) == (opened["id"], "ingredient")
    assert "release" in answer.json()["possible"]
    move = {"starts_at": "2026-03-12T09:00:00Z"}
    assert (await patch(director, plan["session"], move)).status_code == 200
    await moved(director, f"/v1/holds/{opened['id']}", "release", {"reason": "Another batch."})
    body = booking(plan, clinic, "2026-03-19T09:00:00Z")
    assert (await director.post("/v1/sessions", json=body)).status_code == 201
