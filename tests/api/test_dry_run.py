"""A dry run answers what the write would: the same request, asked and then made, by chance.

Whatever is booked, activated or entered, with whatever answers and by whom: the findings are the
same, what is left unanswered is the same, and the dry run leaves nothing behind.
"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.requests import snapshot
from tests.factories import made
from tests.factories_sessions import (
    booking,
    make_active_plan,
    make_approved_formula,
    make_lot,
    make_treatable_patient,
    performance,
    protocol_id,
)

COMMENT = "Agreed with the patient after examination."
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
by_chance = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ANSWERED = st.sampled_from(["nothing", "warnings", "everything", "something else"])
ROLES = st.sampled_from(["practitioner", "medical_director", "second:practitioner"])


def answers_to(findings, how):
    """Answers to these findings: none, the warnings read, reasons for the rest, or beside it."""
    if how == "nothing":
        return {}
    if how == "something else":
        return {"overrides": [_override("LOT-EXPIRY")]}
    warned = {each["code"] for each in findings if each["severity"] == "warn"}
    asked = {each["code"] for each in findings if each["severity"] == "override"}
    overrides = [_override(code) for code in sorted(asked)] if how == "everything" else []
    return {"acknowledged": sorted(warned), "overrides": overrides}


def _override(code):
    return {"code": code, "reason": "clinical_judgement", "comment": COMMENT}


async def ask_and_make(app, client, path, body, how, headers=None, method="POST"):
    """The dry run with these answers, and the write; compared. Returns the write's answer."""
    asked = {"json": body, "headers": headers or {}}
    first = await client.request(method, f"{path}?dry_run=true", **asked)
    found = first.json().get("findings", []) if first.status_code == 200 else []
    asked["json"] = body | answers_to(found, how)
    before = await snapshot(app)
    dry = await client.request(method, f"{path}?dry_run=true", **asked)
    assert await snapshot(app) == before
    write = await client.request(method, path, **asked)
    told, done = dry.json(), write.json()
    if write.status_code in {200, 201}:
        assert (dry.status_code, told["outcome"], told["unanswered"]) == (200, "allowed", [])
        assert told["findings"] == await kept_findings(client, done)
        for name in {"next_session", "needs_review"} & done.keys():
            assert told[name] == done[name]
    elif done["type"] == "/problems/refused-by-rules":
        assert dry.status_code == 200
        same = ("outcome", "verdict", "findings", "unanswered", "rejected_overrides", "rule_set")
        assert {name: told[name] for name in same} == {name: done[name] for name in same}
        assert told["outcome"] != "allowed"
    else:
        assert (dry.status_code, told["type"]) == (write.status_code, done["type"])
        assert told.get("errors") == done.get("errors")
    return write


async def kept_findings(client, done):
    """What the write found: in its answer, or of a formula's approval in the decision it kept."""
    if "findings" in done:
        return done["findings"]
    query = f"/v1/decisions?subject_id={done['latest']['id']}"
    [kept] = (await client.get(query)).json()["items"]
    return (await client.get(f"/v1/decisions/{kept['id']}")).json()["findings"]


@pytest.fixture
async def plan(as_role, clinic):
    return await make_active_plan(as_role, clinic)


@given(
    days=st.integers(0, 40),
    half_hours=st.integers(0, 16),
    minutes=st.sampled_from([5, 30, 480]),
    role=ROLES,
    how=ANSWERED,
)
@by_chance
async def test_booking(app, as_role, clinic, plan, days, half_hours, minutes, role, how):
    starts_at = NOW + timedelta(days=days, minutes=30 * half_hours)
    body = booking(plan, clinic, starts_at.isoformat(), duration_minutes=minutes)
    await ask_and_make(app, as_role(role), "/v1/sessions", body, how)


@pytest.fixture
async def drafting(as_role, clinic):
    """What every plan of the test is made of."""
    practitioner = as_role("practitioner")
    patient = await make_treatable_patient(practitioner)
    formula = await make_approved_formula(practitioner, as_role("medical_director"))
    return {
        "patient_id": patient["id"],
        "formula_id": formula["id"],
        "protocol_id": await protocol_id(practitioner, "P-CLASSIC-442"),
        "practitioner_id": str(clinic.staff["practitioner"]),
        "diagnosis_icd10": "L64.9",
    }


@given(
    volume=st.sampled_from(["0.5", "2", "2.5", "20", "200"]),
    areas=st.sampled_from([["SCALP"], ["SCALP_FRONTAL", "SCALP_VERTEX"]]),
    depth=st.sampled_from([None, "1", "4", "13"]),
    role=st.sampled_from(["practitioner", "medical_director"]),
    how=ANSWERED,
)
@by_chance
async def test_activation(app, as_role, drafting, volume, areas, depth, role, how):
    body = drafting | {"volume_per_session_ml": volume, "areas": areas, "depth_mm": depth}
    plan = await made(as_role("practitioner"), "/v1/plans", body)
    path = f"/v1/plans/{plan['id']}/activate"
    await ask_and_make(app, as_role(role), path, {}, how, {"If-Match": f'"{plan["version"]}"'})


@pytest.fixture
async def lot(as_role):
    return await make_lot(as_role("nurse"), received_volume_ml="1000")


@given(
    hours=st.integers(1, 60 * 24),
    volume=st.sampled_from(["0.1", "1.5", "2", "2.1"]),
    depth=st.sampled_from([None, "2", "13"]),
    role=ROLES,
    how=ANSWERED,
)
@by_chance
async def test_entering_afterwards(
    app, as_role, clinic, plan, lot, hours, volume, depth, role, how
):
    """An administration of some past hour, so that histories of all kinds come about."""
    at = (NOW - timedelta(hours=hours)).isoformat()
    visit = booking(plan, clinic, at, retrospective=True, duration_minutes=5)
    made_of = await as_role("practitioner").post("/v1/sessions", json=visit)
    if made_of.status_code == 409:
        return  # somebody was busy then: two examples at nearly the same hour
    area = {"area": "SCALP_FRONTAL", "volume_ml": volume, "points": 30, "depth_mm": depth}
    body = performance(
        at,
        areas=[area],
        discarded_ml="0" if volume == "2.1" else str(round(2 - float(volume), 1)),
        administered_by=str(clinic.staff["practitioner"]),
        retrospective_reason="The network was down during the visit.",
        lots=[{"lot_id": lot["id"], "volume_ml": "1"}],
    )
    path = f"/v1/sessions/{made_of.json()['id']}/administration"
    version = {"If-Match": made_of.headers["etag"]}
    await ask_and_make(app, as_role(role), path, body, how, version)
