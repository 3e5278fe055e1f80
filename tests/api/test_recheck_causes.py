"""Each kind of change that makes a session to come one that would be refused."""

import pytest

from tests.api.test_recheck import FIRST, SECOND, consent, plan_of, record, review
from tests.factories_sessions import component, moved
from tests.remembering import remembered


@pytest.fixture
@remembered
async def plan(as_role, clinic):
    """Tranexamic acid on 10 and 17 March."""
    plan = await plan_of(as_role, clinic, component("TRANEXAMIC_ACID", "4", "2"))
    assert await review(as_role) == []
    return plan


CHANGES = {
    "condition": (
        "conditions",
        {"code": "THROMBOEMBOLISM_HISTORY"},
        "block",
        "CONTRA-CONDITION-INGREDIENT",
    ),
    "medication": (
        "medications",
        {"code": "COMBINED_HORMONAL_CONTRACEPTIVE", "name": "Pill", "started_on": "2026-03-01"},
        "override",
        "CONTRA-INTERACTION-DRUG",
    ),
    "diagnosis": (
        "assessments",
        {"assessed_on": "2026-03-02", "diagnoses": [{"icd10": "L64.9", "status": "ruled_out"}]},
        "block",
        "DX-REQUIRED-SUITABLE",
    ),
}


@pytest.mark.parametrize("cause", CHANGES, ids=str)
async def test_both_sessions_are_listed(as_role, plan, cause):
    kind, body, severity, code = CHANGES[cause]
    await record(as_role, plan, kind, body)
    items = await review(as_role)
    assert [each["session"]["starts_at"] for each in items] == [FIRST, SECOND]
    assert {(each["cause"], each["severity"]) for each in items} == {(cause, severity)}
    for each in items:
        assert code in [finding["code"] for finding in each["findings"]]


@pytest.mark.parametrize("ended_on", ["2026-03-01", "2026-03-02"], ids=["yesterday", "today"])
async def test_what_is_over_by_then_does_not_count(as_role, plan, ended_on):
    body = {"code": "THROMBOEMBOLISM_HISTORY", "onset_on": "2026-03-01", "ended_on": ended_on}
    await record(as_role, plan, "conditions", body)
    assert await review(as_role) == []


async def test_a_consent_that_is_withdrawn_and_signed_again(as_role, clinic, plan):
    client, patient = as_role("practitioner"), f"/v1/patients/{plan['patient_id']}"
    for kept in (await client.get(f"{patient}/consents")).json()["items"]:
        await moved(client, f"{patient}/consents/{kept['id']}", "withdraw", {"reason": "Unsure."})
    items = await review(as_role)
    assert [each["severity"] for each in items] == ["block", "block"]
    assert "CONSENT-VALID" in [finding["code"] for finding in items[0]["findings"]]
    await consent(client, plan["patient_id"], "2026-03-02", "TRANEXAMIC_ACID")
    assert await review(as_role) == []
