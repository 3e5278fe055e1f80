"""What comes after a session: addenda, corrections, late entries, aftercare, who may read."""

import pytest

from tests.factories_sessions import (
    SCREENING,
    administer,
    book,
    booking,
    check_in,
    make_active_plan,
    make_lot,
    make_treatable_patient,
    move_on,
    moved,
    performance,
    treated,
)

TEN = "2026-03-03T10:00:00+01:00"
PERFORMED = "2026-03-03T10:10:00+01:00"
UNKNOWN_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


@pytest.fixture
async def session(as_role, clinic, plan, clock):
    """A booked session whose time has come."""
    booked = await book(as_role("receptionist"), plan, clinic, TEN)
    clock.advance(days=1, hours=1, minutes=15)  # 3 March, 10:15 in Paris
    return booked


def at(session, rest=""):
    return f"/v1/sessions/{session['id']}{rest}"


async def test_addenda_add_and_change_nothing(as_role, session):
    nurse = as_role("nurse")
    await check_in(nurse, session)
    early = await nurse.post(at(session, "/addenda"), json={"text": "Too early."})
    assert early.json()["type"] == "/problems/illegal-transition"
    record = await administer(nurse, session, PERFORMED)
    for text in ("Erythema until evening.", "Gone."):
        answer = await nurse.post(at(session, "/addenda"), json={"text": text})
        assert answer.status_code == 201, answer.text
    read = (await nurse.get(at(session, "/administration"))).json()
    assert [each["text"] for each in read["addenda"]] == ["Erythema until evening.", "Gone."]
    assert read["doses"] == record["doses"]


async def test_a_wrong_record_is_replaced_by_the_right_one(as_role, session):
    nurse = as_role("nurse")
    lot = await make_lot(nurse, "BIOTIN", received_volume_ml="1")
    lots = [{"lot_id": lot["id"], "volume_ml": "1"}]
    await check_in(nurse, session)
    wrong = await administer(nurse, session, PERFORMED, lots=lots)
    reopened = await moved(
        nurse, at(session), "entered-in-error",
        {"reason": "The volume was 1 mL.", "what": "administration"},
    )  # fmt: skip
    assert reopened["state"] == "checked_in"
    marked = (await nurse.get(at(session, "/administration"))).json()
    assert marked["id"] == wrong["id"]
    assert marked["entered_in_error"]["reason"] == "The volume was 1 mL."
    assert marked["doses"] == wrong["doses"]
    assert (await nurse.get(f"/v1/lots/{lot['id']}")).json()["remaining_volume_ml"] == "1"
    right = await administer(
        nurse, session, PERFORMED, lots=lots, discarded_ml="1",
        areas=[treated("SCALP", "1")],
    )  # fmt: skip
    assert right["doses"][0]["dose"]["value"] == "2.5"
    read = (await nurse.get(at(session, "/administration"))).json()
    assert (read["id"], read["entered_in_error"]) == (right["id"], None)
    assert (await nurse.get(f"/v1/lots/{lot['id']}")).json()["remaining_volume_ml"] == "0"


async def test_a_visit_that_never_was_counts_no_more(as_role, clinic, plan, session):
    nurse = as_role("nurse")
    await check_in(nurse, session)
    await administer(nurse, session, PERFORMED)
    soon = booking(plan, clinic, "2026-03-06T10:00:00+01:00")
    assert (await nurse.post("/v1/sessions", json=soon)).status_code == 409
    void = await moved(nurse, at(session), "entered-in-error", {"reason": "Wrong patient."})
    assert (void["state"], void["cancel_reason"]) == ("cancelled", "Wrong patient.")
    screening = (await nurse.get(at(session, "/screening"))).json()
    assert screening["entered_in_error_reason"] == "Wrong patient."  # readable, never lost
    booked = await nurse.post("/v1/sessions", json=soon)
    assert booked.status_code == 201, booked.text
    assert booked.json()["session_number"] == 1


async def test_a_past_visit_is_entered_afterwards(as_role, clinic, plan, clock):
    clock.advance(days=3)
    body = booking(plan, clinic, "2026-03-02T10:00:00Z", retrospective=True)
    desk = await as_role("receptionist").post("/v1/sessions", json=body)
    assert desk.json()["missing_scope"] == "sessions:administer"
    nurse = as_role("nurse")
    dry = await nurse.post("/v1/sessions?dry_run=true", json=body)
    assert (dry.status_code, dry.json()["outcome"]) == (200, "allowed")
    session = (await nurse.post("/v1/sessions", json=body)).json()
    assert (session["scheduled_on"], session["decision_id"]) == ("2026-03-02", None)


async def test_who_may_do_what(as_role, clinic, session):
    desk, nurse, auditor = as_role("receptionist"), as_role("nurse"), as_role("auditor")
    tag = {"If-Match": '"1"'}
    assert (
        await desk.post(at(session, "/check-in"), json=SCREENING, headers=tag)
    ).status_code == 403
    await check_in(nurse, session)
    await administer(nurse, session, PERFORMED)
    for part in ("/screening", "/administration"):
        refused = await desk.get(at(session, part))
        assert refused.json()["missing_scope"] == "clinical:read"
        assert (await auditor.get(at(session, part))).status_code == 200
    read = (await desk.get(at(session))).json()
    assert "findings" not in read
    assert read["state"] == "completed"
    assert (await auditor.post(at(session, "/confirm"), headers=tag)).status_code == 403


async def test_doses_count_over_plans(as_role, clinic, session, clock):
    """What was given under one plan counts for the next: 6 days between doses of biotin."""
    nurse = as_role("nurse")
    await check_in(nurse, session)
    await administer(nurse, session, PERFORMED)
    patient = (await nurse.get(f"/v1/patients/{session['patient_id']}")).json()
    other = await make_active_plan(as_role, clinic, patient=patient)
    soon = await nurse.post(
        "/v1/sessions", json=booking(other, clinic, "2026-03-08T10:00:00+01:00")
    )
    assert {f["code"] for f in soon.json()["findings"]} == {"SPACING-INGREDIENT-MIN"}
    later = await nurse.post(
        "/v1/sessions", json=booking(other, clinic, "2026-03-09T10:00:00+01:00")
    )
    assert later.status_code == 201, later.text


async def test_an_unknown_consent_or_one_of_somebody_else(as_role, session):
    nurse = as_role("nurse")
    stranger = await make_treatable_patient(nurse, family_name="Blanc")
    consents = (await nurse.get(f"/v1/patients/{stranger['id']}/consents")).json()["items"]
    for consent_id in (UNKNOWN_ID, consents[0]["id"]):
        answer = await move_on(
            nurse, at(session), "check-in", SCREENING | {"consent_id": consent_id}
        )
        assert answer.status_code == 404


async def test_what_to_tell_the_patient(as_role, plan, session):
    desk, nurse = as_role("receptionist"), as_role("nurse")
    planned = (await desk.get(at(session, "/aftercare"))).json()
    assert (planned["performed"], planned["areas"]) == (False, ["SCALP"])
    assert planned["advice"][0]["from_at"] == session["ends_at"]
    await check_in(nurse, session)
    await administer(nurse, session, PERFORMED)
    told = (await desk.get(at(session, "/aftercare"))).json()
    assert (told["performed"], told["areas"]) == (True, ["SCALP_FRONTAL"])
    first = told["advice"][0]
    assert (first["when"], first["from_at"]) == ("0–24 h", "2026-03-03T09:10:00Z")
    assert first["until_at"] == "2026-03-04T09:10:00Z"
    assert all(each["source"] and each["evidence"] for each in told["advice"])
    assert told["red_flags"]
    assert any("SHED" in each["code"] for each in told["usual_course"])
    assert "medical director" in told["note"]


async def test_a_machine_says_who_injected(as_role, clinic, session):
    key = await as_role("owner").post(
        "/v1/api-keys",
        json={"name": "EHR", "scopes": ["sessions:read", "sessions:administer"]},
    )
    nurse = as_role("nurse")
    await check_in(nurse, session)
    lot = await make_lot(nurse)
    lots = [{"lot_id": lot["id"], "volume_ml": "1"}]
    tag = (await nurse.get(at(session))).headers["etag"]
    headers = {"Authorization": f"Bearer {key.json()['secret']}", "If-Match": tag}

    async def send(**over):
        body = performance(PERFORMED, lots=lots, **over)
        return await nurse.post(at(session, "/administration"), json=body, headers=headers)

    nobody = await send()
    assert nobody.json()["errors"][0]["pointer"] == "/administered_by"
    record = await send(administered_by=str(clinic.staff["nurse"]))
    assert record.status_code == 201, record.text
    assert record.json()["administered_by"] == str(clinic.staff["nurse"])


async def test_an_entry_from_before_any_rule_set(as_role, clinic, plan, session):
    """A visit of 1950 is absurd but possible to write down; it is judged, not a failure."""
    nurse = as_role("nurse")
    old = "1950-03-02T10:00:00Z"
    booked = await book(nurse, plan, clinic, old, retrospective=True)
    taken = await nurse.post("/v1/sessions", json=booking(plan, clinic, old, retrospective=True))
    assert taken.json()["type"] == "/problems/schedule-conflict"
    body = performance(old, retrospective_reason="Found in the archive.")
    answer = await move_on(nurse, at(booked), "administration", body)
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/refused-by-rules"
