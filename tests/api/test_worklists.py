"""Reading the review worklist: who sees what of it, in which order; and dismissing."""

import pytest
from sqlmodel import select

from models import AuditEvent, Event
from tests.api.test_recheck import REASON, pdrn_plan, record, review
from tests.factories_sessions import book, move_on
from tests.remembering import remembered


@pytest.fixture
@remembered
async def plan(as_role, clinic):
    """Two sessions, on 10 and 17 March, that would be refused for an allergy."""
    plan = await pdrn_plan(as_role, clinic)
    await record(as_role, plan, "allergies", {"code": "FISH"})
    return plan


async def dismissed(client, item, reason=REASON):
    return await move_on(
        client, f"/v1/worklists/review/{item['id']}", "dismiss", {"reason": reason}
    )


async def test_the_desk_sees_which_session_and_not_why(as_role, plan):
    [item, _] = await review(as_role, role="receptionist")
    assert (item["kind"], item["severity"]) == ("session", "block")
    assert (item["cause"], item["findings"]) == (None, None)
    assert item["patient"]["family_name"] == "Moreau"
    assert item["session"]["id"] == plan["sessions"][0]["id"]
    refused = await as_role("receptionist").get("/v1/worklists/review?cause=allergy")
    assert refused.status_code == 403
    assert refused.json()["missing_scope"] == "clinical:read"


async def test_a_machine_without_patients_read_sees_no_names(as_role, anonymous, plan):
    key = await as_role("owner").post(
        "/v1/api-keys", json={"name": "Autobook", "scopes": ["sessions:read", "rules:read"]}
    )
    bearer = {"Authorization": f"Bearer {key.json()['secret']}"}
    answer = await anonymous.get("/v1/worklists/review", headers=bearer)
    [item, _] = answer.json()["items"]
    assert item["patient"] == {
        "id": plan["patient_id"], "given_name": None, "family_name": None, "record_number": None,
    }  # fmt: skip


async def test_another_clinic_sees_nothing(as_role, plan):
    [item, _] = await review(as_role)
    assert await review(as_role, role="other:practitioner") == []
    path = f"/v1/worklists/review/{item['id']}"
    assert (await as_role("other:practitioner").get(path)).status_code == 404
    answer = await as_role("other:practitioner").post(
        f"{path}/dismiss", json={"reason": REASON}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cause=allergy", 2),
        ("cause=weight", 0),
        ("severity=block", 2),
        ("severity=override", 0),
        ("kind=session", 2),
        ("kind=incident", 0),
        ("open=false", 0),
    ],
    ids=str,
)
async def test_filters(as_role, plan, query, found):
    assert len(await review(as_role, f"?{query}")) == found


async def test_by_practitioner_patient_and_session(as_role, clinic, plan):
    mine, other = clinic.staff["practitioner"], clinic.staff["medical_director"]
    assert len(await review(as_role, f"?practitioner_id={mine}")) == 2
    assert await review(as_role, f"?practitioner_id={other}") == []
    assert len(await review(as_role, f"?patient_id={plan['patient_id']}")) == 2
    [item] = await review(as_role, f"?session_id={plan['sessions'][1]['id']}")
    assert item["session"]["session_number"] == 2


async def test_pages_come_next_session_first(as_role, clinic, plan):
    await book(as_role("receptionist"), plan, clinic, "2026-03-24T09:00:00Z")
    client, seen, query = as_role("nurse"), [], "?limit=1&with_total=true"
    cursor = ""
    while True:
        page = (await client.get(f"/v1/worklists/review{query}{cursor}")).json()
        seen += [each["session"]["starts_at"] for each in page["items"]]
        assert page["total"] == 3
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ["2026-03-10T09:00:00Z", "2026-03-17T09:00:00Z", "2026-03-24T09:00:00Z"]


async def test_a_person_dismisses_with_a_reason(as_role, clinic, plan):
    [item, _] = await review(as_role)
    client, path = as_role("practitioner"), f"/v1/worklists/review/{item['id']}"
    done = await dismissed(client, item)
    assert done.status_code == 200, done.text
    kept = (await client.get(path)).json()
    assert kept == done.json()
    assert (kept["closed_because"], kept["close_reason"]) == ("dismissed", REASON)
    assert kept["closed_by"] == str(clinic.staff["practitioner"])
    assert kept["closed_at"] == "2026-03-02T08:00:00Z"
    assert len(await review(as_role)) == 1
    again = await dismissed(client, item)
    assert again.status_code == 409
    assert again.json()["type"] == "/problems/illegal-transition"


@pytest.mark.parametrize(
    ("reason", "pointer"), [("x" * 19, "/reason"), ("", "/reason")], ids=["19", "empty"]
)
async def test_a_reason_has_twenty_characters(as_role, plan, reason, pointer):
    [item, _] = await review(as_role)
    answer = await dismissed(as_role("practitioner"), item, reason)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert len(await review(as_role)) == 2


async def test_a_nurse_does_not_dismiss(as_role, plan):
    [item, _] = await review(as_role)
    answer = await dismissed(as_role("nurse"), item)
    assert answer.status_code == 403
    assert answer.json()["missing_scope"] == "rules:override"


async def test_a_version_that_was_not_seen_is_not_dismissed(as_role, plan):
    [item, _] = await review(as_role)
    client, path = as_role("practitioner"), f"/v1/worklists/review/{item['id']}/dismiss"
    body = {"reason": REASON}
    assert (await client.post(path, json=body)).status_code == 428
    assert (await client.post(path, json=body, headers={"If-Match": '"9"'})).status_code == 412


async def test_it_is_in_the_feed_and_in_the_audit_log(app, as_role, plan):
    async with app.state.database.reading() as db:
        fed = (await db.exec(select(Event).where(Event.type == "session.needs_review"))).all()
        told = await db.exec(select(AuditEvent).where(AuditEvent.action == "session.needs_review"))
    assert [str(each.resource_id) for each in fed] == [s["id"] for s in plan["sessions"]]
    assert {str(each.patient_id) for each in fed} == {plan["patient_id"]}
    assert {each.reason for each in told.all()} == {"allergy"}
