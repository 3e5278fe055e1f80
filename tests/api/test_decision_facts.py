"""What the rules are told: the truth of the record, in a bounded number of queries."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert
from uuid_utils.compat import uuid7

from models import AdministeredDose, Administration, Ingredient, IngredientUnit, TreatmentSession
from models.treatment_session import SessionState
from tests.factories import made, make_examined_patient
from tests.factories_sessions import (
    SCREENING,
    TECHNIQUE,
    booking,
    component,
    make_active_plan,
    make_approved_formula,
    make_treatable_patient,
    move_on,
    protocol_id,
)
from tests.factories_side_effects import make_effect, make_treated_plan, on_day, send
from tests.queries import counted_queries

CONSENT = {
    "document_code": "MESO",
    "document_version": "1",
    "signed_on": "2026-03-02",
    "ingredient_codes": ["DEXPANTHENOL", "BIOTIN", "LIDOCAINE", "DUTASTERIDE"],
}


async def drafted(as_role, clinic, patient, *components):
    """A draft plan of 2 mL sessions for this patient."""
    practitioner, director = as_role("practitioner"), as_role("medical_director")
    formula = await make_approved_formula(practitioner, director, *components)
    body = {
        "patient_id": patient["id"],
        "protocol_id": await protocol_id(practitioner, "P-CLASSIC-442"),
        "formula_id": formula["id"],
        "practitioner_id": str(clinic.staff["practitioner"]),
        "diagnosis_icd10": "L64.9",
        "areas": ["SCALP"],
        "volume_per_session_ml": "2",
        **TECHNIQUE,
    }
    return await made(practitioner, "/v1/plans", body)


async def activation(as_role, plan):
    """What the activation would get: outcome, codes, and the findings themselves."""
    client = as_role("practitioner")
    answer = await move_on(client, f"/v1/plans/{plan['id']}", "activate", query="?dry_run=true")
    assert answer.status_code == 200, answer.text
    findings = {finding["code"]: finding for finding in answer.json()["findings"]}
    return answer.json()["outcome"], findings


LIDOCAINE = (component("LIDOCAINE", "20", "1"), component("BIOTIN", "5", "1"))


async def test_an_unweighed_patient_gets_nothing_that_is_limited_by_weight(as_role, clinic):
    client = as_role("practitioner")
    patient = await make_examined_patient(client, sex="male")
    path = f"/v1/patients/{patient['id']}"
    await made(client, f"{path}/consents", CONSENT)
    plan = await drafted(as_role, clinic, patient, *LIDOCAINE)
    outcome, findings = await activation(as_role, plan)
    assert outcome == "refused"
    assert findings["DOSE-WEIGHT-MAX"]["outcome"] == "not_evaluable"
    # 4.5 mg/kg × 4.4 kg is 19.8 mg; the session holds 20 mg.
    weight = {"kind": "weight", "value": "4.4", "unit": "kg", "measured_at": "2026-03-01T07:00:00Z"}
    light = await made(client, f"{path}/measurements", weight)
    _, findings = await activation(as_role, plan)
    found = findings["DOSE-WEIGHT-MAX"]
    assert (found["outcome"], found["measured"], found["limit"]) == ("fail", "20", "19.8")
    await move_on(client, f"{path}/measurements/{light['id']}", "entered-in-error", {"reason": "x"})
    weight |= {"value": "80", "measured_at": "2026-02-28T07:00:00Z"}
    await made(client, f"{path}/measurements", weight)
    outcome, findings = await activation(as_role, plan)
    assert (outcome, "DOSE-WEIGHT-MAX" in findings) == ("allowed", False)


async def test_a_withdrawn_consent_is_none(as_role, clinic):
    client = as_role("practitioner")
    patient = await make_examined_patient(client, sex="male")
    path = f"/v1/patients/{patient['id']}/consents"
    plan = await drafted(as_role, clinic, patient)
    assert (await activation(as_role, plan))[0] == "refused"
    consent = await made(client, path, CONSENT)
    assert (await activation(as_role, plan))[0] == "allowed"
    body = {"withdrawn_on": "2026-03-02", "reason": "Changed her mind."}
    await move_on(client, f"{path}/{consent['id']}", "withdraw", body)
    outcome, findings = await activation(as_role, plan)
    assert (outcome, list(findings)) == ("refused", ["CONSENT-VALID", "TECH-POINT-DENSITY"])


@pytest.mark.parametrize(
    ("over", "refused"),
    [
        ({"onset_on": "2026-03-02"}, True),
        ({"onset_on": "2026-01-01", "ended_on": "2026-03-02"}, True),
        ({"onset_on": "2026-01-01", "ended_on": "2026-03-01"}, False),
        ({}, True),
    ],
)
async def test_a_condition_counts_while_it_lasts(as_role, clinic, over, refused):
    client = as_role("practitioner")
    patient = await make_examined_patient(client, sex="female")
    path = f"/v1/patients/{patient['id']}"
    stated = {"stated_on": "2026-03-02", "pregnancy_status": "not_pregnant"}
    answers = {"childbearing_potential": True, "lactating": False}
    await made(client, f"{path}/pregnancy-statements", stated | answers)
    await made(client, f"{path}/consents", CONSENT)
    await made(client, f"{path}/conditions", {"code": "PREGNANCY"} | over)
    plan = await drafted(as_role, clinic, patient)
    outcome, findings = await activation(as_role, plan)
    assert ("CONTRA-PREGNANCY" in findings) is refused
    assert outcome == ("refused" if refused else "allowed")


async def test_allergies_never_asked_about_are_no_answer(as_role, clinic, clock):
    client = as_role("practitioner")
    patient = await make_examined_patient(client, sex="male")
    path = f"/v1/patients/{patient['id']}"
    await made(client, f"{path}/consents", CONSENT)
    plan = await drafted(as_role, clinic, patient)
    await move_on(client, f"/v1/plans/{plan['id']}", "activate")
    session = await made(client, "/v1/sessions", booking(plan, clinic, "2026-03-02T09:00:00Z"))
    clock.advance(hours=1)
    check_in = f"/v1/sessions/{session['id']}", "check-in", SCREENING
    unasked = await move_on(client, *check_in)
    (finding,) = unasked.json()["findings"]
    assert (finding["code"], finding["outcome"]) == ("CONTRA-ALLERGY-CLASS", "not_evaluable")
    await made(client, f"{path}/allergies", {"code": "NO_KNOWN_ALLERGIES"})
    assert (await move_on(client, *check_in)).status_code == 200


async def test_the_allergy_of_an_ingredient_refuses(as_role, clinic, clock):
    client = as_role("practitioner")
    patient = await make_treatable_patient(client)
    plan = await make_active_plan(as_role, clinic, patient=patient)
    session = await made(client, "/v1/sessions", booking(plan, clinic, "2026-03-02T09:00:00Z"))
    path = f"/v1/patients/{patient['id']}/allergies"
    await made(client, path, {"ingredient_code": "BIOTIN", "reaction": "hives"})
    clock.advance(hours=1)
    refused = await move_on(client, f"/v1/sessions/{session['id']}", "check-in", SCREENING)
    assert [f["code"] for f in refused.json()["findings"]] == ["CONTRA-ALLERGY-CLASS"]


async def test_grade_three_blocks_until_the_director_reviewed_and_released(as_role, clinic, clock):
    treated = await make_treated_plan(as_role, clinic, clock)
    clock.set(on_day(1))
    director = as_role("medical_director")
    effect = await make_effect(as_role("nurse"), treated, grade=3)
    path = f"/v1/plans/{treated['plan']['id']}"
    release = {"hold_id": effect["holds"][0]["id"], "reason": "Looked at; may go on."}
    early = await move_on(director, path, "release", release)
    assert (early.status_code, early.json()["missing"]) == (409, ["reviewed_by_director"])
    body = booking(treated["plan"], clinic, "2026-03-09T09:00:00Z")
    refused = await director.post("/v1/sessions", json=body)
    assert (refused.status_code, refused.json()["state"]) == (409, "on_hold")
    await send(director, effect, "review", {"causality": "possible", "comment": "Timing fits."})
    assert (await move_on(director, path, "release", release)).status_code == 200
    assert (await director.post("/v1/sessions", json=body)).status_code == 201


async def history(app, clinic, plan, hour, days):
    """So many performed sessions of the plan, one a day until 20 February, at that hour."""
    now = datetime(2026, 3, 2, 7, tzinfo=UTC)
    stamps = {"created_at": now, "updated_at": now, "version": 1, "clinic_id": clinic.id}
    recorded = stamps | {"recorded_by": clinic.staff["nurse"], "recorded_at": now}
    async with app.state.database.writing() as db:
        from sqlmodel import select

        from models import TreatmentPlan

        row = await db.get(TreatmentPlan, (clinic.id, UUID(plan["id"])))
        biotin = (
            await db.exec(
                select(Ingredient).where(
                    Ingredient.clinic_id == clinic.id, Ingredient.code == "BIOTIN"
                )
            )
        ).one()
        for number in range(1, days + 1):
            on = date(2026, 2, 20) - timedelta(days=days - number)
            at = datetime.combine(on, time(hour), UTC)
            session_id, administration_id = uuid7(), uuid7()
            same = {"plan_id": row.id, "patient_id": row.patient_id}
            session = recorded | same | {
                "id": session_id, "practitioner_id": row.practitioner_id,
                "session_number": number, "starts_at": at, "ends_at": at + timedelta(minutes=30),
                "scheduled_on": on, "time_zone": "Europe/Paris", "state": SessionState.COMPLETED,
            }  # fmt: skip
            administration = recorded | same | {
                "id": administration_id, "session_id": session_id,
                "formula_version_id": row.formula_version_id,
                "administered_by": clinic.staff["nurse"], "performed_at": at,
                "performed_on": on, "administered_ul": 2000, "discarded_ul": 0,
                "retrospective": False,
            }  # fmt: skip
            dose = stamps | same | {
                "id": uuid7(), "administration_id": administration_id,
                "ingredient_id": biotin.id, "ingredient_code": "BIOTIN",
                "unit": IngredientUnit.MG, "dose_micro": 5_000_000, "performed_at": at,
                "performed_on": on,
            }  # fmt: skip
            await db.execute(insert(TreatmentSession), [session])
            await db.execute(insert(Administration), [administration])
            await db.execute(insert(AdministeredDose), [dose])


@pytest.mark.parametrize("stage", ["scheduling", "window"])
async def test_queries_do_not_grow_with_the_history(as_role, clinic, app, stage):
    client = as_role("practitioner")
    counts = []
    for hour, days in ((9, 2), (10, 60)):
        plan = await make_active_plan(as_role, clinic)
        await history(app, clinic, plan, hour, days)
        with counted_queries(app) as queries:
            if stage == "window":
                answer = await client.get(f"/v1/plans/{plan['id']}/window")
            else:
                body = booking(plan, clinic, "2026-03-04T09:00:00Z")
                answer = await client.post("/v1/sessions?dry_run=true", json=body)
        assert answer.status_code == 200, answer.text
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 41
