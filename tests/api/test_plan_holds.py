"""Holds: what they stop, who may release them, and what that does to the plan."""

from uuid import UUID

import pytest

from api.plans.holds import holds_in_force, open_hold
from api.security import system_caller
from models import Clinic, Hold, HoldScope, Reporter, SideEffect, TreatmentPlan
from tests.clinic import START
from tests.factories import made
from tests.factories_sessions import (
    SCREENING,
    book,
    make_active_plan,
    make_approved_formula,
    make_treatable_patient,
    move_on,
    moved,
)

REASON = {"reason": "Ferritin is awaited before going on."}
GOES_ON = {"reason": "Reviewed; it may go on."}


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


def path_of(plan):
    return f"/v1/plans/{plan['id']}"


async def state_of(client, plan):
    return (await client.get(path_of(plan))).json()["state"]


@pytest.fixture
async def opened(app, clinic):
    """Opens a hold as a rule does, and answers its id."""

    async def open_one(scope, grade=None, area=None, ingredient_code=None, **ids):
        subject = {name: UUID(value) for name, value in ids.items()}
        async with app.state.database.writing() as db:
            caller = system_caller(await db.get(Clinic, clinic.id), START)
            if grade is not None:
                effect = SideEffect(
                    clinic_id=clinic.id,
                    patient_id=subject["patient_id"],
                    code="ERYTHEMA",
                    grade=grade,
                    grade_scale="CTCAE",
                    description="Seen.",
                    reported_by=Reporter.STAFF,
                    reported_at=START,
                    recorded_by=clinic.staff["nurse"],
                    recorded_at=START,
                )
                db.add(effect)
                await db.flush()
                subject["side_effect_id"] = effect.id
            hold = Hold(
                clinic_id=clinic.id,
                scope=scope,
                reason_code="grade_2",
                release_role="prescriber",
                opened_at=START,
                opened_by_rule="AE-HOLD-GRADE",
                area=area,
                ingredient_code=ingredient_code,
            )
            for name, row_id in subject.items():
                setattr(hold, name, row_id)
            return str((await open_hold(db, caller, hold)).id)

    return open_one


async def test_a_hold_stops_the_plan_until_its_release(as_role, plan):
    practitioner = as_role("practitioner")
    held = await moved(practitioner, path_of(plan), "hold", REASON)
    assert held["state"] == "on_hold"
    assert held["possible"] == ["complete", "hold", "release", "stop"]
    (hold,) = held["holds"]
    assert (hold["scope"], hold["note"]) == ("plan", REASON["reason"])
    assert hold["opened_at"] == "2026-03-02T08:00:00Z"

    released = await moved(practitioner, path_of(plan), "release", GOES_ON)
    assert (released["state"], released["holds"]) == ("active", [])
    listed = (await practitioner.get(f"{path_of(plan)}/holds")).json()["items"]
    assert [each["id"] for each in listed] == [hold["id"]]
    assert listed[0]["release_reason"] == GOES_ON["reason"]
    assert listed[0]["released_at"] == "2026-03-02T08:00:00Z"


async def test_only_the_last_release_makes_the_plan_active(as_role, plan):
    practitioner = as_role("practitioner")
    await moved(practitioner, path_of(plan), "hold", REASON)
    both = await moved(practitioner, path_of(plan), "hold", {"reason": "And the consent."})
    first, second = (hold["id"] for hold in both["holds"])

    which = await move_on(practitioner, path_of(plan), "release", GOES_ON)
    assert which.status_code == 422
    assert which.json()["errors"][0]["pointer"] == "/hold_id"

    one = await moved(practitioner, path_of(plan), "release", GOES_ON | {"hold_id": first})
    assert (one["state"], [hold["id"] for hold in one["holds"]]) == ("on_hold", [second])
    again = await move_on(practitioner, path_of(plan), "release", GOES_ON | {"hold_id": first})
    assert (again.status_code, again.json()["state"]) == (409, "released")
    assert (await moved(practitioner, path_of(plan), "release", GOES_ON))["state"] == "active"

    in_force = await practitioner.get(f"{path_of(plan)}/holds", params={"in_force": True})
    assert in_force.json()["items"] == []
    past = await practitioner.get(f"{path_of(plan)}/holds", params={"in_force": False})
    assert [hold["id"] for hold in past.json()["items"]] == [second, first]


async def test_a_hold_keeps_the_booking_but_refuses_the_check_in(as_role, clinic, plan, clock):
    practitioner = as_role("practitioner")
    session = await book(practitioner, plan, clinic, "2026-03-02T09:00:00Z")
    await moved(practitioner, path_of(plan), "hold", REASON)
    path = f"/v1/sessions/{session['id']}"
    assert (await practitioner.get(path)).json()["state"] == "scheduled"

    refused = await move_on(practitioner, path, "check-in", SCREENING)
    assert refused.status_code == 409
    body = refused.json()
    assert body["type"] == "/problems/illegal-transition"
    assert (body["state"], "release" in body["possible"]) == ("on_hold", True)
    assert [hold["scope"] for hold in body["holds"]] == ["plan"]

    await moved(practitioner, path_of(plan), "release", GOES_ON)
    assert (await moved(practitioner, path, "check-in", SCREENING))["state"] == "checked_in"


async def test_a_release_needs_its_reason_and_its_scope(as_role, plan):
    await moved(as_role("practitioner"), path_of(plan), "hold", REASON)
    silent = await move_on(as_role("practitioner"), path_of(plan), "release", {})
    assert silent.status_code == 422
    assert silent.json()["errors"][0]["pointer"] == "/reason"
    nurse = await move_on(as_role("nurse"), path_of(plan), "release", GOES_ON)
    assert (nurse.status_code, nurse.json()["missing_scope"]) == (403, "holds:release")
    nothing = await move_on(as_role("nurse"), path_of(plan), "hold", REASON)
    assert nothing.json()["missing_scope"] == "plans:write"
    assert await state_of(as_role("nurse"), plan) == "on_hold"


async def test_some_holds_wait_for_the_medical_director(as_role, plan):
    order = REASON | {"release_role": "medical_director"}
    await moved(as_role("practitioner"), path_of(plan), "hold", order)
    refused = await move_on(as_role("practitioner"), path_of(plan), "release", GOES_ON)
    assert refused.status_code == 403
    released = await moved(as_role("medical_director"), path_of(plan), "release", GOES_ON)
    assert released["state"] == "active"


@pytest.mark.parametrize(("grade", "status"), [(2, 200), (3, 403)])
async def test_a_practitioner_releases_up_to_grade_2(as_role, plan, opened, grade, status):
    await opened(HoldScope.PLAN, grade=grade, plan_id=plan["id"], patient_id=plan["patient_id"])
    assert await state_of(as_role("practitioner"), plan) == "on_hold"
    answer = await move_on(as_role("practitioner"), path_of(plan), "release", GOES_ON)
    assert answer.status_code == status
    if status == 403:
        assert await state_of(as_role("practitioner"), plan) == "on_hold"
        director = await move_on(as_role("medical_director"), path_of(plan), "release", GOES_ON)
        assert director.json()["state"] == "active"


async def test_a_hold_on_the_patient_stops_all_of_their_plans(as_role, clinic, plan, opened):
    director = as_role("medical_director")
    patient = (await director.get(f"/v1/patients/{plan['patient_id']}")).json()
    second = await make_active_plan(as_role, clinic, patient=patient)
    other = await make_active_plan(as_role, clinic)
    await opened(HoldScope.PATIENT, patient_id=plan["patient_id"])
    assert [await state_of(director, each) for each in (plan, second, other)] == [
        "on_hold", "on_hold", "active",
    ]  # fmt: skip
    await moved(director, path_of(second), "release", GOES_ON)
    assert [await state_of(director, each) for each in (plan, second)] == ["active", "active"]


@pytest.mark.parametrize(
    ("area", "state"),
    [("SCALP", "on_hold"), ("SCALP_VERTEX", "on_hold"), ("FACE", "active")],
)
async def test_a_hold_on_an_area_stops_what_overlaps_it(as_role, plan, opened, area, state):
    await opened(HoldScope.AREA, patient_id=plan["patient_id"], area=area)
    assert await state_of(as_role("nurse"), plan) == state


@pytest.mark.parametrize(("code", "state"), [("BIOTIN", "on_hold"), ("MINOXIDIL", "active")])
async def test_a_hold_on_an_ingredient_stops_the_plans_that_hold_it(
    as_role, plan, opened, code, state
):
    await opened(HoldScope.INGREDIENT, patient_id=plan["patient_id"], ingredient_code=code)
    assert await state_of(as_role("nurse"), plan) == state


async def test_a_formula_held_for_everybody_refuses_without_changing_plans(
    as_role, plan, opened, clinic, clock
):
    director = as_role("medical_director")
    session = await book(director, plan, clinic, "2026-03-02T09:00:00Z")
    known = (await director.get(path_of(plan))).headers["etag"]
    hold_id = await opened(HoldScope.FORMULA, formula_id=plan["formula_id"])
    answer = await director.get(path_of(plan), headers={"If-None-Match": known})
    assert answer.status_code == 200
    now = answer.json()
    assert (now["state"], [hold["id"] for hold in now["holds"]]) == ("active", [hold_id])
    assert "release" in now["possible"]
    refused = await move_on(director, f"/v1/sessions/{session['id']}", "check-in", SCREENING)
    assert (refused.status_code, refused.json()["holds"][0]["id"]) == (409, hold_id)
    await moved(director, path_of(plan), "release", GOES_ON)
    await moved(director, f"/v1/sessions/{session['id']}", "check-in", SCREENING)


async def test_a_plan_with_a_hold_on_its_patient_cannot_start(as_role, clinic, opened):
    practitioner = as_role("practitioner")
    patient = await make_treatable_patient(practitioner)
    running = await make_active_plan(as_role, clinic, patient=patient)
    formula = await make_approved_formula(practitioner, as_role("medical_director"))
    body = {
        name: running[name]
        for name in (
            *("patient_id", "protocol_id", "practitioner_id", "diagnosis_icd10"),
            *("areas", "technique", "points", "depth_mm"),
        )
    }
    waiting = await made(
        practitioner,
        "/v1/plans",
        body | {"formula_id": formula["id"], "volume_per_session_ml": "2"},
    )
    hold_id = await opened(HoldScope.PATIENT, patient_id=patient["id"])
    refused = await move_on(practitioner, path_of(waiting), "activate")
    assert refused.status_code == 409
    assert [hold["id"] for hold in refused.json()["holds"]] == [hold_id]
    await moved(practitioner, path_of(waiting), "release", GOES_ON)
    assert (await moved(practitioner, path_of(waiting), "activate"))["state"] == "active"


async def test_a_hold_on_one_session_concerns_that_session_only(app, as_role, clinic, plan, opened):
    director = as_role("medical_director")
    session = await book(director, plan, clinic, "2026-03-02T09:00:00Z")
    hold_id = await opened(
        HoldScope.SESSION, patient_id=plan["patient_id"], session_id=session["id"]
    )
    assert await state_of(director, plan) == "active"
    listed = (await director.get(f"{path_of(plan)}/holds")).json()["items"]
    assert [hold["id"] for hold in listed] == [hold_id]
    async with app.state.database.reading() as db:
        row = await db.get(TreatmentPlan, (clinic.id, UUID(plan["id"])))
        assert await holds_in_force(db, clinic.id, row) == []
    refused = await move_on(director, f"/v1/sessions/{session['id']}", "check-in", SCREENING)
    assert refused.json()["holds"][0]["scope"] == "session"


async def test_the_desk_sees_that_a_plan_is_held_but_not_why(as_role, plan):
    await moved(as_role("practitioner"), path_of(plan), "hold", REASON)
    (hold,) = (await as_role("receptionist").get(path_of(plan))).json()["holds"]
    assert (hold["scope"], hold["release_role"]) == ("plan", "prescriber")
    assert (hold["note"], hold["reason_code"]) == (None, None)


async def test_a_hold_is_not_lost_between_two_writers(as_role, plan):
    practitioner = as_role("practitioner")
    etag = {"If-Match": (await practitioner.get(path_of(plan))).headers["etag"]}
    first = await practitioner.post(f"{path_of(plan)}/hold", json=REASON, headers=etag)
    second = await practitioner.post(f"{path_of(plan)}/hold", json=REASON, headers=etag)
    assert (first.status_code, second.status_code) == (200, 412)
