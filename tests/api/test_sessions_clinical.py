"""Check-in and administration: the clinical part of a session."""

from typing import Any

import pytest

from tests.factories_sessions import (
    SCREENING,
    administer,
    book,
    check_in,
    make_active_plan,
    make_lot,
    move_on,
    moved,
    performance,
    treated,
)

TEN = "2026-03-03T10:00:00+01:00"
PERFORMED = "2026-03-03T10:10:00+01:00"


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


async def test_check_in_keeps_what_was_asked(as_role, session):
    nurse = as_role("nurse")
    answer = await move_on(nurse, at(session), "check-in", SCREENING | {"weight_kg": "79.5"})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["state"], body["possible"]) == ("checked_in", ["administration", "cancel"])
    assert body["checked_in_at"] == "2026-03-03T09:15:00Z"
    assert body["check_in_decision_id"] != body["decision_id"]
    screening = (await nurse.get(at(session, "/screening"))).json()
    assert screening == body["screening"]
    assert (screening["temperature_c"], screening["weight_kg"]) == ("36.8", "79.5")
    assert screening["screened_on"] == "2026-03-03"
    assert screening["lactating"] is None
    assert screening["recorded_by"] == body["screening"]["recorded_by"]


UNSCREENED: list[tuple[dict[str, Any], str]] = [
    ({"identity_confirmed": False}, "/identity_confirmed"),
    ({"temperature_c": "36.85"}, "/temperature_c"),
    ({"temperature_c": "368"}, "/temperature_c"),
    ({"systolic_mmhg": 19}, "/systolic_mmhg"),
    ({"pregnancy_test_on": "2026-03-04"}, "/pregnancy_test_on"),
    ({"pregnancy_status": "maybe"}, "/pregnancy_status"),
    ({"temperature": "37"}, "/temperature"),
]


async def test_a_screening_that_cannot_be(as_role, session):
    nurse = as_role("nurse")
    for change, pointer in UNSCREENED:
        answer = await move_on(nurse, at(session), "check-in", SCREENING | change)
        assert answer.status_code == 422, change
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await nurse.get(at(session))).json()["state"] == "scheduled"
    assert (await nurse.get(at(session, "/screening"))).status_code == 404


async def test_a_pregnant_patient_is_not_checked_in(as_role, session):
    nurse = as_role("nurse")
    answer = await move_on(
        nurse, at(session), "check-in", SCREENING | {"pregnancy_status": "pregnant"}
    )
    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["type"], problem["outcome"]) == ("/problems/refused-by-rules", "refused")
    assert "CONTRA-PREGNANCY" in {f["code"] for f in problem["findings"]}
    assert (await nurse.get(at(session))).json()["version"] == 1


async def test_a_held_plan_refuses_check_in_and_administration(as_role, plan, session):
    nurse, practitioner = as_role("nurse"), as_role("practitioner")
    path = f"/v1/plans/{plan['id']}"
    await moved(practitioner, path, "hold", {"reason": "Rash."})
    refused = await move_on(nurse, at(session), "check-in", SCREENING)
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/illegal-transition"
    assert len(refused.json()["holds"]) == 1
    await moved(as_role("medical_director"), path, "release", {"reason": "Gone; reviewed."})
    await check_in(nurse, session)
    await moved(practitioner, path, "hold", {"reason": "Rash again."})
    refused = await move_on(nurse, at(session), "administration", performance(PERFORMED))
    assert refused.json()["type"] == "/problems/illegal-transition"


async def test_an_administration_with_its_doses(as_role, clinic, session):
    nurse = as_role("nurse")
    biotin = await make_lot(nurse, "BIOTIN", lot_number="B-7", received_volume_ml="1.5")
    await check_in(nurse, session)
    lots = [{"lot_id": biotin["id"], "volume_ml": "1"}]
    answer = await move_on(
        nurse, at(session), "administration", performance(PERFORMED, lots=lots, notes="Calm.")
    )
    assert answer.status_code == 201, answer.text
    record = answer.json()
    # 1.5 of 2 mL: three quarters of 5 mg biotin and of 250 mg dexpanthenol.
    assert record["doses"] == [
        {"ingredient_code": "BIOTIN", "dose": {"value": "3.75", "unit": "mg"}},
        {"ingredient_code": "DEXPANTHENOL", "dose": {"value": "187.5", "unit": "mg"}},
    ]
    assert (record["administered_ml"], record["discarded_ml"]) == ("1.5", "0.5")
    assert record["areas"] == [
        {
            "area": "SCALP_FRONTAL", "side": None, "volume_ml": "1.5", "points": 30,
            "depth_mm": "2", "technique": "POINT_BY_POINT", "needle_gauge": 30, "area_cm2": None,
            "syringe": 1,
        }
    ]  # fmt: skip
    assert record["lots"] == [
        {
            "lot_id": biotin["id"], "lot_number": "B-7", "ingredient_code": "BIOTIN",
            "volume_ml": "1",
        }
    ]  # fmt: skip
    assert record["administered_by"] == str(clinic.staff["nurse"])
    assert (record["performed_on"], record["retrospective"]) == ("2026-03-03", False)
    read = await nurse.get(at(session, "/administration"))
    assert read.json() == {k: v for k, v in record.items() if k not in {"findings", "outcome"}}
    assert read.headers["etag"] == answer.headers["etag"]
    done = (await nurse.get(at(session))).json()
    assert (done["state"], done["possible"]) == ("completed", ["addenda", "entered-in-error"])
    lot = (await nurse.get(f"/v1/lots/{biotin['id']}")).json()
    assert (lot["remaining_volume_ml"], lot["opened_on"]) == ("0.5", "2026-03-03")


async def test_a_share_that_does_not_divide_rounds_up(as_role, session):
    """0.7 of 2 mL twice a third: doses are exact to a millionth of the unit, and err upwards."""
    nurse = as_role("nurse")
    await check_in(nurse, session)
    record = await administer(
        nurse, session, PERFORMED, discarded_ml="1.299",
        areas=[treated("SCALP", "0.701")],
    )  # fmt: skip
    assert record["doses"][0]["dose"]["value"] == "1.7525"


UNKNOWN_ID = "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"


UNPERFORMED: list[tuple[dict[str, Any], str]] = [
    ({"discarded_ml": "0.399"}, "/discarded_ml"),
    ({"discarded_ml": "0.601"}, "/discarded_ml"),
    ({"discarded_ml": "-0.1"}, "/discarded_ml"),
    ({"performed_at": "2026-03-03T10:21:00+01:00"}, "/performed_at"),
    (
        {"performed_at": "2026-03-02T10:00:00+01:00", "preparation_started_at": None},
        "/retrospective_reason",
    ),
    ({"preparation_started_at": "2026-03-03T10:10:01+01:00"}, "/preparation_started_at"),
    ({"areas": []}, "/areas"),
    ({"areas": [{"area": "SCALP_TOP", "volume_ml": "1.5"}]}, "/areas/0/area"),
    (
        {"areas": [{"area": "SCALP", "volume_ml": "1.5", "technique": "MAGIC"}]},
        "/areas/0/technique",
    ),
    ({"areas": [{"area": "SCALP", "volume_ml": "0"}]}, "/areas/0/volume_ml"),
    ({"areas": [{"area": "SCALP", "volume_ml": "1.0001"}]}, "/areas/0/volume_ml"),
    ({"areas": [{"area": "SCALP", "volume_ml": "1.5", "points": 0}]}, "/areas/0/points"),
]


async def test_what_cannot_have_been_injected(as_role, session):
    nurse = as_role("nurse")
    await check_in(nurse, session)
    for change, pointer in UNPERFORMED:
        body = performance(PERFORMED) | change
        answer = await move_on(nurse, at(session), "administration", body)
        assert answer.status_code == 422, (change, answer.text)
        assert answer.json()["errors"][0]["pointer"] == pointer, change
    assert (await nurse.get(at(session, "/administration"))).status_code == 404
    assert (await nurse.get(at(session))).json()["state"] == "checked_in"


async def test_a_tenth_of_a_millilitre_may_be_lost(as_role, session):
    nurse = as_role("nurse")
    await check_in(nurse, session)
    lots = [{"lot_id": (await make_lot(nurse))["id"], "volume_ml": "1"}]
    for discarded in ("0.4", "0.6"):
        body = performance(PERFORMED, lots=lots, discarded_ml=discarded)
        dry = await move_on(nurse, at(session), "administration", body, "?dry_run=true")
        assert dry.json()["outcome"] == "allowed", dry.text


async def test_lots_must_fit_the_formula(as_role, session):
    nurse = as_role("nurse")
    biotin = await make_lot(nurse, "BIOTIN", received_volume_ml="0.8")
    lidocaine = await make_lot(nurse, "LIDOCAINE")
    await check_in(nurse, session)

    async def refused(*lots):
        body = performance(PERFORMED, lots=[{"lot_id": i, "volume_ml": v} for i, v in lots])
        answer = await move_on(nurse, at(session), "administration", body)
        if answer.status_code == 404:
            return "unknown"
        assert answer.status_code == 422, answer.text
        return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]

    assert await refused((UNKNOWN_ID, "1")) == "unknown"
    assert await refused((lidocaine["id"], "1")) == [("/lots/0/lot_id", "not_in_formula")]
    assert await refused((biotin["id"], "0.2"), (biotin["id"], "0.2")) == [
        ("/lots/1/lot_id", "duplicate")
    ]
    assert await refused((biotin["id"], "0.801")) == [("/lots/0/volume_ml", "more_than_left")]
    assert await refused((biotin["id"], "1.101")) == [("/lots/0/volume_ml", "more_than_formula")]
    await administer(nurse, session, PERFORMED, lots=[{"lot_id": biotin["id"], "volume_ml": "0.8"}])
    lot = (await nurse.get(f"/v1/lots/{biotin['id']}")).json()
    assert (lot["state"], lot["remaining_volume_ml"]) == ("used_up", "0")


async def test_an_expired_lot_is_refused(as_role, session):
    nurse = as_role("nurse")
    good = await make_lot(nurse, "BIOTIN", expires_on="2026-03-03")
    old = await make_lot(nurse, "BIOTIN", expires_on="2026-03-02", lot_number="OLD")
    await check_in(nurse, session)
    body = performance(PERFORMED, lots=[{"lot_id": old["id"], "volume_ml": "1"}])
    answer = await move_on(nurse, at(session), "administration", body)
    assert answer.status_code == 409
    assert {f["code"] for f in answer.json()["findings"]} >= {"LOT-EXPIRY"}
    lot = (await nurse.get(f"/v1/lots/{old['id']}")).json()
    assert lot["remaining_volume_ml"] == "50"
    await administer(nurse, session, PERFORMED, lots=[{"lot_id": good["id"], "volume_ml": "1"}])


async def test_an_injection_without_check_in_needs_a_reason(as_role, clinic, session):
    """What the rules would have blocked then needs the director, who did not inject."""
    nurse, director = as_role("nurse"), as_role("medical_director")
    refused = await move_on(nurse, at(session), "administration", performance(PERFORMED))
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/illegal-transition"
    assert refused.json()["state"] == "scheduled"
    body = performance(
        PERFORMED,
        retrospective_reason="Network failure.",
        administered_by=str(clinic.staff["practitioner"]),
    )
    refused = await move_on(director, at(session), "administration", body)
    assert refused.json()["outcome"] == "needs_override", refused.text
    assert {f["code"] for f in refused.json()["findings"]} >= {"LOT-EXPIRY"}
    comment = "The label was lost; the lot is being looked for."
    body["overrides"] = [
        {"code": code, "reason": "late_entry", "comment": comment}
        for code in {f["code"] for f in refused.json()["findings"] if f["severity"] == "override"}
    ]
    body["acknowledged"] = [
        f["code"] for f in refused.json()["findings"] if f["severity"] == "warn"
    ]
    answer = await move_on(director, at(session), "administration", body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["retrospective"] is True
    assert answer.json()["retrospective_reason"] == "Network failure."
    answered = {f["severity"]: f["resolved_by"] for f in answer.json()["findings"]}
    assert answered == {"override": "override", "warn": "acknowledgement", "info": None}


async def test_entered_on_the_next_day_it_is_retrospective(as_role, session, clock):
    nurse = as_role("nurse")
    await check_in(nurse, session)
    clock.advance(days=1)
    record = await administer(
        nurse, session, PERFORMED, retrospective_reason="Forgotten yesterday evening."
    )
    assert (record["retrospective"], record["performed_on"]) == (True, "2026-03-03")


async def test_who_injected_must_be_allowed_to(as_role, clinic, session):
    nurse = as_role("nurse")
    await check_in(nurse, session)
    body = performance(PERFORMED, administered_by=str(clinic.staff["receptionist"]))
    answer = await move_on(nurse, at(session), "administration", body)
    assert answer.json()["errors"][0]["pointer"] == "/administered_by"
    record = await administer(
        nurse, session, PERFORMED, administered_by=str(clinic.staff["practitioner"])
    )
    assert record["administered_by"] == str(clinic.staff["practitioner"])
    assert record["recorded_by"] == str(clinic.staff["nurse"])


async def test_a_dry_run_of_an_administration(as_role, session):
    nurse = as_role("nurse")
    dry = await move_on(nurse, at(session), "check-in", SCREENING, "?dry_run=true")
    assert (dry.status_code, dry.json()["outcome"]) == (200, "allowed")
    await check_in(nurse, session)
    lot = await make_lot(nurse)
    body = performance(PERFORMED, lots=[{"lot_id": lot["id"], "volume_ml": "1"}])
    dry = await move_on(nurse, at(session), "administration", body, "?dry_run=true")
    assert (dry.status_code, dry.json()["outcome"]) == (200, "allowed")
    assert (await nurse.get(at(session, "/administration"))).status_code == 404
    assert (await nurse.get(at(session))).json()["state"] == "checked_in"
