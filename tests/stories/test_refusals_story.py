"""What would be unsafe is refused with a finding and a remedy, and then done the right way."""

from collections.abc import Callable

import httpx
import pytest

from tests.clinic import FakeClock, SeededClinic
from tests.factories_sessions import SCREENING, book, make_lot, performance, protocol_id
from tests.factories_side_effects import make_effect, on_day, treat
from tests.stories.situations import (
    DUTASTERIDE,
    NUMBING,
    PDRN,
    World,
    approved,
    drug,
    instant,
    patient_of,
    planned,
)
from tests.stories.telling import Teller, codes, found


@pytest.fixture
def teller(
    as_role: Callable[[str], httpx.AsyncClient], clinic: SeededClinic, clock: FakeClock
) -> Teller:
    return Teller(World(as_role, clinic, clock))


async def test_a_light_patient_gets_less_lidocaine(teller: Teller) -> None:
    """Label: 4.5 mg/kg [LID-LBL]; at 40 kg 180 mg, which is 9 mL of 20 mg/mL."""
    world = teller.world
    patient = await patient_of(world, weight_kg="40")
    formula = await approved(world, [drug("LIDOCAINE", "20", "15")], areas=["ABDOMEN"])
    body = {
        "patient_id": patient["id"],
        "protocol_id": await protocol_id(world.as_role("practitioner"), "P-CLASSIC-442"),
        "formula_id": formula["id"],
        "practitioner_id": str(world.clinic.staff["practitioner"]),
        "diagnosis_icd10": "L64.9",
        "areas": ["ABDOMEN"],
        "volume_per_session_ml": "10",
        "technique": "DEEP_INTRADERMAL",
        "points": 50,
        "depth_mm": "6",
    }
    plan = await teller.post("practitioner", "/v1/plans", body)
    path = f"/v1/plans/{plan['id']}"
    refused = await teller.decided("medical_director", path, "activate")
    finding = found(refused.json(), "DOSE-WEIGHT-MAX")
    assert (finding["measured"], finding["limit"], finding["unit"]) == ("200", "180", "mg")
    assert (finding["severity"], finding["evidence"]) == ("block", "label")
    assert "[LID-LBL]" in finding["source"]
    practitioner = world.as_role("practitioner")
    match = {"If-Match": (await practitioner.get(path)).headers["etag"]}
    less = await practitioner.patch(path, json={"volume_per_session_ml": "9"}, headers=match)
    assert less.status_code == 200, less.text
    active = await teller.decided("medical_director", path, "activate")
    assert active.json()["state"] == "active", active.text


async def test_a_fish_allergy_and_salmon_dna(teller: Teller) -> None:
    world, at = teller.world, instant("2026-03-10")
    patient = await patient_of(world)
    plan = await planned(world, PDRN, patient=patient)
    desk = world.as_role("receptionist")
    session = await book(desk, plan, world.clinic, at.isoformat())
    fish = {"code": "FISH", "reaction": "Swollen lips", "severity": "moderate"}
    await teller.post("nurse", f"/v1/patients/{patient['id']}/allergies", fish)
    known = (await teller.get("nurse", f"/v1/patients/{patient['id']}/chart"))["alerts"]
    assert [each["code"] for each in known["allergies"]] == ["FISH"], "none known is refuted"
    world.clock.set(at)
    path = f"/v1/sessions/{session['id']}"
    refused = await teller.decided("nurse", path, "check-in", SCREENING)
    assert (refused.status_code, codes(refused.json())) == (409, {"CONTRA-ALLERGY-CLASS"})
    assert found(refused.json(), "CONTRA-ALLERGY-CLASS")["measured"] == "FISH"
    stop = {"reason": "Allergy to fish became known."}
    assert (await teller.move("practitioner", f"/v1/plans/{plan['id']}", "stop", stop))[
        "state"
    ] == "stopped"
    assert (await teller.get("receptionist", path))["state"] == "cancelled"
    other = await planned(world, NUMBING, patient=patient)
    again = await book(desk, other, world.clinic, at.isoformat())
    arrived = await teller.decided("nurse", f"/v1/sessions/{again['id']}", "check-in", SCREENING)
    assert arrived.json()["state"] == "checked_in"


async def test_dutasteride_on_day_27_and_on_day_28(teller: Teller) -> None:
    world = teller.world
    plan = await planned(world, DUTASTERIDE, protocol="P-DUTA-Q4W")
    desk = world.as_role("receptionist")
    await book(desk, plan, world.clinic, "2026-03-03T10:00:00+01:00")
    body = {
        "plan_id": plan["id"], "starts_at": "2026-03-30T09:00:00+02:00", "duration_minutes": 30,
        "practitioner_id": plan["practitioner_id"],
    }  # fmt: skip
    refused = await teller.decided("receptionist", "/v1/sessions", "", body)
    finding = found(refused.json(), "SPACING-INGREDIENT-MIN")
    assert (finding["measured"], finding["limit"]) == ("27", "28")
    assert finding["first_day"] == "2026-03-31"
    assert refused.json()["window"]["earliest_on"] == "2026-03-31"
    late = body | {"starts_at": "2026-03-31T09:00:00+02:00"}
    second = await teller.decided("receptionist", "/v1/sessions", "", late)
    assert second.status_code == 201, second.text
    path = f"/v1/sessions/{second.json()['id']}"
    match = {"If-Match": second.headers["etag"]}
    moved = await desk.patch(path, json={"starts_at": body["starts_at"]}, headers=match)
    assert found(moved.json(), "SPACING-INGREDIENT-MIN")["measured"] == "27"
    assert (await teller.get("receptionist", path))["starts_at"] == "2026-03-31T07:00:00Z"


async def test_a_nodule_on_day_7_closes_the_lot_for_everybody(teller: Teller) -> None:
    world = teller.world
    nurse = world.as_role("nurse")
    lot = await make_lot(nurse, "MEPIVACAINE")
    mine, other = [await planned(world, NUMBING) for _ in range(2)]
    treated = await treat(world.as_role, world.clinic, world.clock, mine, lot)
    session = await book(nurse, other, world.clinic, "2026-03-10T09:00:00Z")
    world.clock.set(on_day(7))
    effect = await make_effect(nurse, treated, code="AE_GRANULOMA", started_at=on_day(7))
    assert {hold["release_role"] for hold in effect["holds"]} == {"medical_director"}
    held = await teller.get("receptionist", f"/v1/plans/{mine['id']}")
    assert held["state"] == "on_hold"
    exposures = await teller.get("nurse", f"/v1/lots/{lot['id']}/exposures")
    assert [(e["code"], e["grade"]) for e in exposures["open_side_effects"]] == [
        ("AE_GRANULOMA", 1)
    ]
    world.clock.set(instant("2026-03-10"))
    path = f"/v1/sessions/{session['id']}"
    await teller.move("nurse", path, "check-in", SCREENING)
    body = performance("2026-03-10T09:00:00Z", lots=[{"lot_id": lot["id"], "volume_ml": "2"}])
    refused = await teller.decided("nurse", path, "administration", body)
    assert found(refused.json(), "LOT-EXPIRY")["measured"] == "quarantined"
    fresh = await make_lot(nurse, "MEPIVACAINE", lot_number="M-2")
    body["lots"] = [{"lot_id": fresh["id"], "volume_ml": "2"}]
    assert (await teller.decided("nurse", path, "administration", body)).status_code == 201


async def test_grade_3_goes_on_only_by_the_medical_director(teller: Teller) -> None:
    world = teller.world
    lot = await make_lot(world.as_role("nurse"), "MEPIVACAINE")
    plan = await planned(world, NUMBING)
    treated = await treat(world.as_role, world.clinic, world.clock, plan, lot)
    world.clock.set(on_day(1))
    effect = await make_effect(world.as_role("nurse"), treated, grade=3, started_at=on_day(1))
    path = f"/v1/plans/{plan['id']}"
    words = {"hold_id": effect["holds"][0]["id"], "reason": "Neurologist agrees; it may go on."}
    for who in ("nurse", "practitioner"):
        refused = await teller.asks(who, path, "release", words)
        assert (refused.status_code, refused.json()["missing_scope"]) == (403, "holds:release")
    early = await teller.asks("medical_director", path, "release", words)
    assert (early.status_code, early.json()["missing"]) == (409, ["reviewed_by_director"])
    judged = {"causality": "unlikely", "comment": "Neurologist: migraine, known for years."}
    await teller.move("medical_director", f"/v1/side-effects/{effect['id']}", "review", judged)
    released = await teller.move("medical_director", path, "release", words)
    assert released["state"] == "active"
