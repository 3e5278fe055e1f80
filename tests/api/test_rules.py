"""The rule catalogue and the rule sets over HTTP, and which of them judges a day."""

import hashlib
import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert
from sqlmodel import select
from uuid_utils.compat import uuid7

from models import RuleSet, RuleSetState
from rules.codec import canonical_json
from tests.factories_sessions import book, booking, make_active_plan


async def read(client, path):
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_catalogue_has_fifty_rules_with_source_and_examples(as_role):
    page = await read(as_role("receptionist"), "/v1/rules?with_total=true")
    assert (len(page["items"]), page["total"], page["next_cursor"]) == (50, 50, None)
    assert [rule["number"] for rule in page["items"]] == list(range(1, 51))
    for rule in page["items"]:
        for field in ("title", "description", "remedy", "source", "evidence", "passing", "failing"):
            assert rule[field], (rule["code"], field)
        assert rule["stages"]
        assert rule["severities"]


async def test_the_rules_of_the_main_job_are_asked(as_role):
    rules = (await read(as_role("nurse"), "/v1/rules"))["items"]
    asked = {rule["code"] for rule in rules if rule["active"]}
    assert asked >= {
        "STATUS-PROHIBITED", "DOSE-CONC-MAX", "DOSE-ABS-MAX", "DOSE-WEIGHT-MAX",
        "DOSE-LA-ADDITIVE", "DOSE-CUMULATIVE-WINDOW", "MIX-VOLUME-BALANCE",
        "MIX-INCOMPATIBLE-PAIR", "MIX-TWO-ANAESTHETICS", "SPACING-MIN-INTERVAL",
        "SPACING-INGREDIENT-MIN", "SPACING-MAX-GAP", "CONSENT-VALID", "CONTRA-PREGNANCY",
        "CONTRA-PREGNANCY-5ARI", "CONTRA-ALLERGY-CLASS", "LOT-EXPIRY", "AE-HOLD-GRADE",
        "ROLE-FOUR-EYES",
    }  # fmt: skip


async def test_pages_of_the_catalogue(as_role):
    client = as_role("auditor")
    answer = await client.get("/v1/rules?limit=30")
    first = answer.json()
    assert len(first["items"]) == 30
    assert answer.headers["link"].endswith('rel="next"')
    rest = await read(client, f"/v1/rules?limit=30&cursor={first['next_cursor']}")
    assert [rule["number"] for rule in rest["items"]] == list(range(31, 51))
    assert (await client.get("/v1/rules?cursor=abc")).status_code == 422


async def test_one_rule_shows_its_figures(as_role):
    rule = await read(as_role("practitioner"), "/v1/rules/CONSENT-VALID")
    assert rule["stages"] == ["plan_activation", "check_in", "administration"]
    assert (rule["override_role"], rule["if_missing"]) == (None, "block")
    (figure,) = rule["parameters"]
    assert (figure["key"], figure["value"], figure["unit"]) == ("consent.valid_days", "365", "d")
    assert figure["source"]
    assert figure["evidence"] == "convention"
    assert rule["rule_set"]["number"] == 1


async def test_an_unknown_rule_is_not_there(as_role):
    assert (await as_role("practitioner").get("/v1/rules/NO-SUCH-RULE")).status_code == 404


async def test_reasons_for_overriding_are_listed(as_role):
    reasons = await read(as_role("practitioner"), "/v1/rules/override-reasons")
    assert "clinical_judgement" in {each["code"] for each in reasons["items"]}


async def test_the_reference_rule_set_is_version_one(as_role, clinic):
    client = as_role("practitioner")
    (version,) = (await read(client, "/v1/rule-sets"))["items"]
    assert (version["number"], version["state"]) == (1, "published")
    assert "document" not in version
    answer = await client.get("/v1/rule-sets/1")
    whole = answer.json()
    assert answer.headers["etag"] == f'"{whole["version"]}"'
    text = canonical_json(whole["document"])
    assert hashlib.sha256(text.encode()).hexdigest() == version["content_hash"]
    assert {each["code"] for each in whole["document"]["ingredients"]} >= {"MINOXIDIL", "BIOTIN"}
    match = {"If-None-Match": answer.headers["etag"]}
    assert (await client.get("/v1/rule-sets/1", headers=match)).status_code == 304


@pytest.mark.parametrize("number", ["2", "0", "x"])
async def test_a_rule_set_that_is_not_there(as_role, number):
    assert (await as_role("practitioner").get(f"/v1/rule-sets/{number}")).status_code == 404


async def publish(app, clinic, number, valid_from, *, inactive):
    """Publish a version that does not ask some rules; over HTTP that comes later."""
    async with app.state.database.writing() as db:
        first = (await db.exec(select(RuleSet).where(RuleSet.clinic_id == clinic.id))).first()
        document = json.loads(first.document)
        for rule in document["rules"]:
            rule["active"] = rule["active"] and rule["code"] not in inactive
        text = canonical_json(document)
        digest = hashlib.sha256(text.encode()).hexdigest()
        await insert_rule_set(db, clinic, number, valid_from, text, digest)


async def insert_rule_set(db, clinic, number, valid_from, text, digest):
    """A row that nobody asked for over HTTP: no request, so no audit record."""
    row = {
        "clinic_id": clinic.id, "id": uuid7(), "version": 1, "number": number,
        "label": f"own-{number}", "state": RuleSetState.PUBLISHED, "valid_from": valid_from,
        "document": text, "content_hash": digest,
    }  # fmt: skip
    now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    await db.execute(insert(RuleSet), [row | {"created_at": now, "updated_at": now}])


async def test_a_day_is_judged_by_the_rule_set_of_that_day(as_role, clinic, app):
    plan = await make_active_plan(as_role, clinic)
    client = as_role("receptionist")
    await book(client, plan, clinic, "2026-03-03T09:00:00Z")
    await publish(app, clinic, 2, date(2026, 3, 16), inactive={"SPACING-MAX-GAP"})
    before = await client.post("/v1/sessions", json=booking(plan, clinic, "2026-03-15T09:00:00Z"))
    assert [f["code"] for f in before.json()["findings"]] == ["SPACING-MAX-GAP"]
    after = await client.post("/v1/sessions", json=booking(plan, clinic, "2026-03-16T09:00:00Z"))
    assert after.status_code == 201
    kept = await read(client, f"/v1/decisions/{after.json()['decision_id']}")
    assert (kept["rule_set"]["number"], kept["rule_set"]["label"]) == (2, "own-2")
    shown = await read(client, "/v1/rules/SPACING-MAX-GAP")
    assert (shown["active"], shown["rule_set"]["number"]) == (True, 1)


async def test_a_rule_set_changed_in_the_database_is_not_believed(as_role, clinic, app):
    """What was published is what judges: a document that does not match its hash is refused."""
    async with app.state.database.writing() as db:
        first = (await db.exec(select(RuleSet).where(RuleSet.clinic_id == clinic.id))).first()
        forged = first.document.replace('"365"', '"3650"')
        await insert_rule_set(db, clinic, 2, date(2026, 3, 1), forged, "0" * 64)
    assert (await as_role("practitioner").get("/v1/rules/CONSENT-VALID")).status_code == 500
