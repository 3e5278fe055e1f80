"""Drafting and publishing a clinic's own figures over HTTP."""

import asyncio

import pytest

from tests.factories_rule_sets import (
    DUTASTERIDE,
    draft,
    draft_body,
    figure,
    fresh_publish,
    loosened_gap,
    publish,
    published,
)
from tests.factories_sessions import book, booking, make_active_plan


async def errors_of(answer):
    assert answer.status_code == 422, answer.text
    return {(each["pointer"], each["message"]) for each in answer.json()["errors"]}


async def read(client, number):
    answer = await client.get(f"/v1/rule-sets/{number}")
    assert answer.status_code == 200, answer.text
    return answer


def row_of(rule_set, table, **wanted):
    ((key, value),) = wanted.items()
    return next(row for row in rule_set["document"][table] if row[key] == value)


async def test_a_draft_is_the_version_in_force_with_some_figures_changed(as_role):
    director = as_role("medical_director")
    answer = await draft(director)
    assert answer.headers["location"] == "/v1/rule-sets/2"
    made = answer.json()
    assert (made["number"], made["state"], made["label"]) == (2, "draft", "own-1")
    assert (made["document"]["version"], made["document"]["valid_from"]) == ("own-1", "2026-04-01")
    limit = row_of(made, "ingredients", code="DUTASTERIDE")["max_session"]
    assert (limit["value"], limit["unit"]) == ("0.5", "mg")
    seen = await read(as_role("nurse"), 2)
    assert seen.json() == made
    assert seen.headers["etag"] == answer.headers["etag"]
    again = (await draft(director, label="own-2")).json()
    assert again["number"] == 3


async def test_only_who_manages_rules_drafts(as_role):
    for role in ("owner", "practitioner", "nurse", "receptionist", "auditor"):
        answer = await as_role(role).post("/v1/rule-sets", json=draft_body())
        assert (answer.status_code, answer.json()["missing_scope"]) == (403, "rules:manage")
    other = await as_role("other:medical_director").get("/v1/rule-sets/2")
    assert other.status_code == 404


async def test_a_whole_document_can_be_sent_back(as_role):
    director = as_role("medical_director")
    document = (await read(director, 1)).json()["document"]
    for row in document["parameters"]:
        if row["key"] == "consent.valid_days":
            row |= {"value": "180", "source": "Own decision"}
    made = (await draft(director, changes=None, document=document)).json()
    assert row_of(made, "parameters", key="consent.valid_days")["value"] == "180"
    both = await director.post("/v1/rule-sets", json=draft_body(document=document))
    assert {pointer for pointer, _ in await errors_of(both)} == {"/document"}


FAULTS = {
    "unit is missing": (
        {"ingredients": {"DUTASTERIDE": {"max_session": {"value": "0.5", "unit": None}}}},
        "/changes/ingredients/DUTASTERIDE/max_session/unit",
        "Is missing.",
    ),
    "unit is another": (
        {"parameters": {"consent.valid_days": {"value": "26", "unit": "wk"}}},
        "/changes/parameters/consent.valid_days/unit",
        "Must be d.",
    ),
    "source is missing": (
        {"ingredients": {"DUTASTERIDE": {"max_session": {"value": "0.5", "source": ""}}}},
        "/changes/ingredients/DUTASTERIDE/max_session/source",
        "Must not be empty.",
    ),
    "source is the old one": (
        {"ingredients": {"DUTASTERIDE": {"max_session": {"value": "0.5"}}}},
        "/changes/ingredients/DUTASTERIDE/max_session/source",
        "Is the source of the old value; name the new one's.",
    ),
    "bounds contradict": (
        {"ingredients": {"DUTASTERIDE": {"cumulative_max": figure("0.5", "mg")}}},
        "/changes/ingredients/DUTASTERIDE/cumulative_max",
        "Is below the maximum of a single session.",
    ),
    "ingredient is unknown": (
        {"pairs": {"P01": {"a": ["HYALURONIC_ACID_NCL", "UNOBTAINIUM"]}}},
        "/changes/pairs/P01",
        "There is no such ingredient.",
    ),
    "rule is unknown": (
        {"rules": {"NO-SUCH": {"active": True}}},
        "/changes/rules/NO-SUCH/code",
        "There is no such rule.",
    ),
    "field is unknown": (
        {"ingredients": {"DUTASTERIDE": {"max_sesion": figure("0.5", "mg")}}},
        "/changes/ingredients/DUTASTERIDE/max_sesion",
        "Is not known here.",
    ),
    "table is unknown": ({"dosages": {}}, "/changes/dosages", "Is not known here."),
    "hard ceiling": (
        {"ingredients": {"LIDOCAINE": {"max_session": figure("301", "mg")}}},
        "/changes/ingredients/LIDOCAINE/max_session",
        "Is looser than the reference lets a clinic make it.",
    ),
    "hard ceiling taken away": (
        {"ingredients": {"LIDOCAINE": {"max_per_kg": None}}},
        "/changes/ingredients/LIDOCAINE/max_per_kg",
        "Is looser than the reference lets a clinic make it.",
    ),
    "hard ceiling unmarked": (
        {"ingredients": {"LIDOCAINE": {"max_session": {"loosenable": True}}}},
        "/changes/ingredients/LIDOCAINE/max_session/loosenable",
        "Is looser than the reference lets a clinic make it.",
    ),
    "contraindication taken away": (
        {"ingredients": {"MINOXIDIL": {"contra_block": ["PREGNANCY"]}}},
        "/changes/ingredients/MINOXIDIL/contra_block",
        "Is looser than the reference lets a clinic make it.",
    ),
    "pair taken away": (
        {"pairs": {"P01": None}},
        "/changes/pairs",
        "Lacks P01, which the reference has.",
    ),
    "blocking rule switched off": (
        {"rules": {"CONSENT-VALID": {"active": False}}},
        "/changes/rules/CONSENT-VALID/active",
        "Is looser than the reference lets a clinic make it.",
    ),
    "loosened without a reason": (
        {"ingredients": {"DUTASTERIDE": {"max_session": figure("1.1", "mg")}}},
        "/loosened/ingredients~1DUTASTERIDE~1max_session",
        "Is looser than before: give a reason of 20 characters or more.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_refused_whole_with_a_pointer(as_role, fault):
    changes, pointer, message = FAULTS[fault]
    director = as_role("medical_director")
    # Something right beside it, which must not be stored either.
    answer = await director.post("/v1/rule-sets", json=draft_body(changes=changes))
    assert (pointer, message) in await errors_of(answer)
    assert (await director.get("/v1/rule-sets/2")).status_code == 404
    other = {"parameters": {"shedding.review_days": figure("60", "d")}}
    kept = (await draft(director, changes=other)).headers["etag"]
    patch = {"changes": changes, "label": "other"}
    answer = await director.patch("/v1/rule-sets/2", json=patch, headers={"If-Match": kept})
    assert (pointer, message) in await errors_of(answer)
    seen = await read(director, 2)
    assert (seen.headers["etag"], seen.json()["label"]) == (kept, "own-1")


async def test_at_the_hard_ceiling_is_no_change_and_below_it_is_free(as_role):
    director = as_role("medical_director")
    for value in ("300", "299.999999"):
        changes = {"ingredients": {"LIDOCAINE": {"max_session": figure(value, "mg")}}}
        await draft(director, changes=changes)


async def test_a_draft_may_be_loosened_with_a_reason_of_twenty_characters(as_role):
    director = as_role("medical_director")
    name, changes = loosened_gap()
    for reason, status in (("x" * 19, 422), ("x" * 20, 201)):
        body = draft_body(changes=changes, loosened={name: reason})
        assert (await director.post("/v1/rule-sets", json=body)).status_code == status
    made = (await read(director, 2)).json()
    assert made["document"]["loosened"] == [{"figure": name, "reason": "x" * 20}]
    stray = draft_body(loosened={DUTASTERIDE: "A reason that is long enough."})
    answer = await director.post("/v1/rule-sets", json=stray)
    assert {pointer for pointer, _ in await errors_of(answer)} == {
        "/loosened/ingredients~1DUTASTERIDE~1max_session"
    }


@pytest.mark.parametrize(("on", "status"), [("2026-03-01", 422), ("2026-03-02", 201)])
async def test_no_version_judges_what_lies_behind(as_role, on, status):
    body = draft_body(valid_from=on)
    answer = await as_role("medical_director").post("/v1/rule-sets", json=body)
    assert answer.status_code == status
    if status == 422:
        assert [e["code"] for e in answer.json()["errors"]] == ["retroactive"]


async def test_who_drafted_it_changes_it(as_role):
    director = as_role("medical_director")
    first = await draft(director)
    match = {"If-Match": first.headers["etag"]}
    stranger = await as_role("second:medical_director").patch(
        "/v1/rule-sets/2", json={"label": "mine"}, headers=match
    )
    assert stranger.status_code == 403
    assert (await director.patch("/v1/rule-sets/2", json={"label": "x"})).status_code == 428
    null = await director.patch("/v1/rule-sets/2", json={"reason": None}, headers=match)
    assert {pointer for pointer, _ in await errors_of(null)} == {"/reason"}
    body = {
        "label": "own-1b",
        "valid_from": "2026-05-01",
        "changes": {"parameters": {"consent.valid_days": figure("180", "d")}},
    }
    answer = await director.patch("/v1/rule-sets/2", json=body, headers=match)
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["label"], changed["valid_from"]) == ("own-1b", "2026-05-01")
    assert changed["document"]["version"] == "own-1b"
    assert row_of(changed, "ingredients", code="DUTASTERIDE")["max_session"]["value"] == "0.5"
    assert row_of(changed, "parameters", key="consent.valid_days")["value"] == "180"
    assert changed["content_hash"] != first.json()["content_hash"]
    stale = await director.patch("/v1/rule-sets/2", json={"label": "x"}, headers=match)
    assert stale.status_code == 412


async def test_a_second_person_publishes(as_role):
    director, second = as_role("medical_director"), as_role("second:medical_director")
    await draft(director)
    alone = await fresh_publish(director, 2)
    assert (alone.status_code, alone.json()["missing_scope"]) == (403, "another person")
    assert (await fresh_publish(as_role("practitioner"), 2)).status_code == 403
    answer = await publish(second, 2)
    after = answer.json()
    assert (after["state"], after["published_at"]) == ("published", "2026-03-02T08:00:00Z")
    assert after["recheck_operation_id"]
    before = (await read(second, 1)).json()
    # 1 April begins in Paris at 22:00 UTC of the day before.
    assert (before["state"], before["superseded_at"]) == ("superseded", "2026-03-31T22:00:00Z")
    again = await fresh_publish(second, 2)
    assert (again.status_code, again.json()["state"]) == (409, "published")
    match = {"If-Match": (await read(director, 2)).headers["etag"]}
    late = await director.patch("/v1/rule-sets/2", json={"label": "x"}, headers=match)
    assert late.status_code == 409


async def test_a_machine_cannot_publish(as_role):
    owner = as_role("owner")
    body = {"name": "Rules", "scopes": ["rules:manage", "rules:read"]}
    secret = (await owner.post("/v1/api-keys", json=body)).json()["secret"]
    await draft(as_role("medical_director"))
    key = {"Authorization": f"Bearer {secret}", "If-Match": '"1"'}
    answer = await owner.post("/v1/rule-sets/2/publish", json={}, headers=key)
    assert (answer.status_code, answer.json()["missing_scope"]) == (403, "a person")


async def test_what_is_looser_is_approved_by_name(as_role):
    director, second = as_role("medical_director"), as_role("second:medical_director")
    name, changes = loosened_gap()
    reason = "Our patients come from the islands, by a weekly boat."
    await draft(director, changes=changes, loosened={name: reason})
    silent = await fresh_publish(second, 2)
    assert [e["code"] for e in silent.json()["errors"]] == ["not_approved"]
    assert name in silent.json()["errors"][0]["message"]
    stray = await fresh_publish(second, 2, approves_loosened=[name, DUTASTERIDE])
    assert [(e["code"], e["pointer"]) for e in stray.json()["errors"]] == [
        ("not_loosened", "/approves_loosened/1")
    ]
    await publish(second, 2, approves_loosened=[name])
    # What stays looser than the reference keeps its reason and is approved again.
    await draft(director, label="own-2", valid_from="2026-04-02")
    assert (await read(director, 3)).json()["document"]["loosened"] == [
        {"figure": name, "reason": reason}
    ]
    assert (await fresh_publish(second, 3)).status_code == 422
    await publish(second, 3, approves_loosened=[name])


async def test_going_back_from_a_tighter_figure_is_loosening_too(as_role):
    director, second = as_role("medical_director"), as_role("second:medical_director")
    await published(as_role)
    as_before = figure("1.0", "mg") | {"source": "The reference"}
    back = {"ingredients": {"DUTASTERIDE": {"max_session": as_before}}}
    body = draft_body(changes=back, label="own-2")
    refused = await director.post("/v1/rule-sets", json=body)
    assert {pointer for pointer, _ in await errors_of(refused)} == {
        "/loosened/ingredients~1DUTASTERIDE~1max_session"
    }
    body["loosened"] = {DUTASTERIDE: "The shortage of vials is over since March."}
    assert (await director.post("/v1/rule-sets", json=body)).status_code == 201
    await publish(second, 3, approves_loosened=[DUTASTERIDE])


async def test_a_draft_from_a_version_that_is_no_longer_the_latest(as_role):
    director, second = as_role("medical_director"), as_role("second:medical_director")
    await draft(director)
    await draft(director, label="own-2", valid_from="2026-05-01")
    await publish(second, 3)
    answer = await fresh_publish(second, 2)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/rule-set-outdated")
    early = await director.post("/v1/rule-sets", json=draft_body(valid_from="2026-04-30"))
    assert [e["code"] for e in early.json()["errors"]] == ["before_the_latest"]
    await draft(director, label="own-3", valid_from="2026-05-01")
    await publish(second, 4)
    rule = (await director.get("/v1/rules/CONSENT-VALID")).json()
    assert rule["rule_set"]["number"] == 1


async def test_a_draft_whose_day_has_passed_is_not_published(as_role, clock):
    await draft(as_role("medical_director"))
    clock.advance(days=31)  # 2 April
    answer = await fresh_publish(as_role("second:medical_director"), 2)
    assert [e["code"] for e in answer.json()["errors"]] == ["retroactive"]


async def test_a_day_is_judged_by_the_version_of_that_day_and_the_past_keeps_its_own(
    as_role, clinic, clock
):
    plan = await make_active_plan(as_role, clinic)
    desk = as_role("receptionist")
    first = await book(desk, plan, clinic, "2026-03-03T09:00:00Z")
    changes = {"rules": {"SPACING-MAX-GAP": {"active": False}}}
    reason = {"rules/SPACING-MAX-GAP/active": "Our patients come by a weekly boat."}
    await draft(
        as_role("medical_director"), changes=changes, loosened=reason, valid_from="2026-03-16"
    )
    await publish(as_role("second:medical_director"), 2, approves_loosened=list(reason))
    before = await desk.post("/v1/sessions", json=booking(plan, clinic, "2026-03-15T22:30:00Z"))
    assert [f["code"] for f in before.json()["findings"]] == ["SPACING-MAX-GAP"]
    after = await desk.post("/v1/sessions", json=booking(plan, clinic, "2026-03-15T23:30:00Z"))
    assert after.status_code == 201, after.text  # the 16th in Paris
    director = as_role("medical_director")
    for session, number in ((first, 1), (after.json(), 2)):
        kept = (await director.get(f"/v1/decisions/{session['decision_id']}")).json()
        assert kept["rule_set"]["number"] == number
    clock.advance(days=60)
    replayed = await director.post(f"/v1/decisions/{first['decision_id']}/replay")
    assert replayed.json()["identical"] is True


async def test_two_publish_at_once_and_one_succeeds(as_role):
    director, second = as_role("medical_director"), as_role("second:medical_director")
    await draft(director)
    await draft(director, label="own-2")
    answers = await asyncio.gather(*(fresh_publish(second, number) for number in (2, 3)))
    assert sorted(each.status_code for each in answers) == [200, 409]
    listed = (await second.get("/v1/rule-sets")).json()["items"]
    assert sorted(each["state"] for each in listed) == ["draft", "published", "superseded"]


async def test_drafts_made_at_once_get_a_number_each(as_role):
    director, second = as_role("medical_director"), as_role("second:medical_director")
    clients = (director, second, director, second)
    made = await asyncio.gather(*(draft(client) for client in clients))
    assert sorted(each.json()["number"] for each in made) == [2, 3, 4, 5]
