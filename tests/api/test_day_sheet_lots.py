"""The lots to prepare are those that the administration takes that day, for all sessions of it."""

import pytest

from tests.factories import made
from tests.factories_sessions import (
    administer,
    book,
    check_in,
    make_active_plan,
    make_approved_formula,
    make_lot,
    make_treatable_patient,
    move_on,
    moved,
    performance,
)


@pytest.fixture
async def visit(as_role, clinic):
    """Books a new patient's first session; all get 1 mL of biotin."""
    practitioner = as_role("practitioner")
    formula = await make_approved_formula(practitioner, as_role("medical_director"))

    async def booked(starts_at):
        patient = await make_treatable_patient(practitioner, family_name=f"At {starts_at}")
        plan = await make_active_plan(as_role, clinic, patient=patient, formula=formula)
        return await book(as_role("receptionist"), plan, clinic, starts_at)

    return booked


async def biotin(client, on):
    answer = await client.get("/v1/day-sheet", params={"on": on})
    assert answer.status_code == 200, answer.text
    return answer.json()["supplies"][0]


def numbers(supply):
    return [lot["lot_number"] for lot in supply["lots"]]


async def open_lot(client, **over):
    lot = await make_lot(client, **over)
    return await moved(client, f"/v1/lots/{lot['id']}", "open", {})


async def test_an_open_container_is_listed_through_its_last_day(as_role, clinic, clock, visit):
    """Opened on the 2nd: 28 days by the rules, or as few as the label says; then it is refused."""
    nurse = as_role("nurse")
    await open_lot(nurse, lot_number="RULES")
    short = await open_lot(nurse, lot_number="LABEL", in_use_days=1)
    await open_lot(nurse, lot_number="EXPIRES", expires_on="2026-03-03", in_use_days=20)
    for day in ("03", "04", "30", "31"):
        session = await visit(f"2026-03-{day}T10:00:00+01:00")
        if day == "04":
            fourth = session
    listed = {}
    for day in ("03", "04", "30", "31"):
        supply = await biotin(nurse, f"2026-03-{day}")
        listed[day] = [(each["lot_number"], each["last_day_on"]) for each in supply["lots"]]
    rules = ("RULES", "2026-03-30")
    ending = {("EXPIRES", "2026-03-03"), ("LABEL", "2026-03-03")}
    assert (set(listed["03"][:2]), listed["03"][2]) == (ending, rules)
    assert (listed["04"], listed["30"], listed["31"]) == ([rules], [rules], [])

    clock.advance(days=2)
    await check_in(nurse, fourth)
    lots = [{"lot_id": short["id"], "volume_ml": "1"}]
    body = performance("2026-03-04T09:00:00+01:00", lots=lots)
    path = f"/v1/sessions/{fourth['id']}"
    refused = await move_on(as_role("practitioner"), path, "administration", body)
    assert "LOT-CONTAINER-USE" in {each["code"] for each in refused.json()["findings"]}


async def test_what_is_open_is_used_up_first_and_shared_by_the_day(as_role, clinic, visit):
    """One and a half sessions from the first, the rest from the next; nothing is counted twice."""
    nurse = as_role("nurse")
    first = await visit("2026-03-03T10:00:00+01:00")
    second = await visit("2026-03-03T11:00:00+01:00")
    await make_lot(nurse, lot_number="NEW", expires_on="2026-03-20", received_volume_ml="0.4")
    await open_lot(nurse, lot_number="OPEN", in_use_days=5, received_volume_ml="1.5")
    supply = await biotin(nurse, "2026-03-03")
    assert [
        (lot["lot_number"], lot["drawn_volume_ml"], lot["session_ids"]) for lot in supply["lots"]
    ] == [("OPEN", "1.5", [first["id"], second["id"]]), ("NEW", "0.4", [second["id"]])]
    assert (supply["volume_ml"], supply["enough"], supply["missing_volume_ml"]) == (
        "2", False, "0.1",
    )  # fmt: skip
    await make_lot(nurse, lot_number="LAST", received_volume_ml="0.1")
    supply = await biotin(nurse, "2026-03-03")
    assert (supply["enough"], supply["missing_volume_ml"]) == (True, "0")


async def test_a_single_dose_is_one_patients(as_role, clinic, clock, visit):
    nurse = as_role("nurse")
    vials = [
        await make_lot(nurse, lot_number=f"V{number}", container="single_dose") for number in "12"
    ]
    today = await visit("2026-03-02T10:00:00+01:00")
    clock.advance(hours=1)
    await check_in(nurse, today)
    drawn = [{"lot_id": vials[0]["id"], "volume_ml": "1"}]
    await administer(as_role("practitioner"), today, "2026-03-02T10:00:00+01:00", lots=drawn)
    await visit("2026-03-03T10:00:00+01:00")
    await visit("2026-03-03T11:00:00+01:00")
    supply = await biotin(nurse, "2026-03-03")
    assert numbers(supply) == ["V2"]
    assert (supply["enough"], supply["missing_volume_ml"]) == (False, "1")
    assert len(supply["lots"][0]["session_ids"]) == 1


async def test_what_is_held_is_not_prepared(as_role, clinic, visit):
    nurse = as_role("nurse")
    await visit("2026-03-03T10:00:00+01:00")
    for number, move in (("Q", "quarantine"), ("R", "recall")):
        lot = await make_lot(nurse, lot_number=number)
        client = as_role("medical_director")
        await moved(client, f"/v1/lots/{lot['id']}", move, {"reason": "Particles seen."})
    await make_lot(nurse, lot_number="GOOD")
    assert numbers(await biotin(nurse, "2026-03-03")) == ["GOOD"]


async def test_who_is_allergic_to_what_is_in_a_lot_gets_another(as_role, clinic, visit):
    nurse = as_role("nurse")
    session = await visit("2026-03-03T10:00:00+01:00")
    path = f"/v1/patients/{session['patient_id']}/allergies"
    (none,) = (await nurse.get(path)).json()["items"]
    await moved(nurse, f"{path}/{none['id']}", "entered-in-error", {"reason": "There is one."})
    allergy = {"code": "PARABEN", "severity": "severe", "reaction": "Hives."}
    await made(nurse, path, allergy)
    await make_lot(nurse, lot_number="PARABEN", excipient_classes=["PARABEN"])
    assert (await biotin(nurse, "2026-03-03"))["lots"] == []
    await visit("2026-03-03T11:00:00+01:00")
    await make_lot(nurse, lot_number="PLAIN", expires_on="2027-09")
    supply = await biotin(nurse, "2026-03-03")
    assert [
        (lot["lot_number"], lot["drawn_volume_ml"], session["id"] in lot["session_ids"])
        for lot in supply["lots"]
    ] == [("PARABEN", "1", False), ("PLAIN", "1", True)]
