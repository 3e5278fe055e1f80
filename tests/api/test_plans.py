"""Plans: drafting, what is pinned, activation by the rules, and their end."""

import pytest

from tests.factories import made
from tests.factories_sessions import (
    book,
    booking,
    make_active_plan,
    make_approved_formula,
    make_treatable_patient,
    move_on,
    moved,
    protocol_id,
)

UNKNOWN = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
async def draft(as_role, clinic):
    """The body of a plan that could be activated at once."""
    practitioner = as_role("practitioner")
    patient = await make_treatable_patient(practitioner)
    formula = await make_approved_formula(practitioner, as_role("medical_director"))
    return {
        "patient_id": patient["id"],
        "protocol_id": await protocol_id(practitioner, "P-CLASSIC-442"),
        "formula_id": formula["id"],
        "practitioner_id": str(clinic.staff["practitioner"]),
        "diagnosis_icd10": "L64.9",
        "areas": ["SCALP"],
        "volume_per_session_ml": "2",
        "goals": "Less shedding within six months.",
    }


def match(answer):
    return {"If-Match": answer.headers["etag"]}


async def read(client, plan):
    return await client.get(f"/v1/plans/{plan['id']}")


async def test_a_plan_begins_as_a_draft_that_pins_its_versions(as_role, draft):
    practitioner = as_role("practitioner")
    created = await practitioner.post("/v1/plans", json=draft)
    assert created.status_code == 201, created.text
    plan = created.json()
    assert created.headers["location"] == f"/v1/plans/{plan['id']}"
    assert (plan["state"], plan["possible"]) == ("draft", ["activate", "change"])
    assert (plan["protocol_version"], plan["newer_protocol_version"]) == (1, None)
    assert (plan["formula_version"], plan["newer_formula_version"]) == (1, None)
    assert plan["practitioner_name"] == "Practitioner"
    assert plan["volume_per_session_ml"] == "2"
    assert plan["holds"] == []
    again = await read(practitioner, plan)
    assert again.json() == plan
    assert again.headers["etag"] == created.headers["etag"]


async def new_version(author, formula_id):
    path = f"/v1/formulas/{formula_id}"
    etag = match(await author.get(path))
    components = [
        {
            "ingredient_code": "BIOTIN",
            "stock_concentration": {"value": "5", "unit": "mg/mL"},
            "volume_ml": "2",
            "excipient_classes": [],
        }
    ]
    answer = await author.post(f"{path}/versions", json={"components": components}, headers=etag)
    assert answer.status_code == 201, answer.text


async def test_a_plan_keeps_its_version_and_says_when_a_newer_one_is_approved(as_role, draft):
    practitioner, director = as_role("practitioner"), as_role("medical_director")
    plan = await made(practitioner, "/v1/plans", draft)
    await new_version(practitioner, draft["formula_id"])
    assert (await read(practitioner, plan)).json()["newer_formula_version"] is None

    await moved(director, f"/v1/formulas/{draft['formula_id']}", "versions/2/approve")
    now = (await read(practitioner, plan)).json()
    assert (now["formula_version"], now["newer_formula_version"]) == (1, 2)

    later = await made(practitioner, "/v1/plans", draft)
    assert later["formula_version"] == 2
    earlier = await made(practitioner, "/v1/plans", draft | {"formula_version": 1})
    assert earlier["formula_version"] == 1


@pytest.mark.parametrize(
    "field",
    ["patient_id", "protocol_id", "formula_id", "practitioner_id"],
)
async def test_what_a_plan_names_must_exist(as_role, draft, field):
    answer = await as_role("practitioner").post("/v1/plans", json=draft | {field: UNKNOWN})
    assert answer.status_code == 404
    assert answer.json()["pointer"] == f"/{field}"


@pytest.mark.parametrize("field", ["protocol_version", "formula_version"])
async def test_a_version_that_is_not_there_is_not_found(as_role, draft, field):
    answer = await as_role("practitioner").post("/v1/plans", json=draft | {field: 2})
    assert (answer.status_code, answer.json()["pointer"]) == (404, f"/{field}")


async def test_only_who_takes_sessions_can_have_a_plan(as_role, draft, clinic):
    body = draft | {"practitioner_id": str(clinic.staff["nurse"])}
    answer = await as_role("practitioner").post("/v1/plans", json=body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/practitioner_id", "not_bookable")


@pytest.mark.parametrize(
    ("over", "pointer"),
    [
        ({"volume_per_session_ml": "0"}, "/volume_per_session_ml"),
        ({"volume_per_session_ml": "1000.001"}, "/volume_per_session_ml"),
        ({"volume_per_session_ml": "1.0005"}, "/volume_per_session_ml"),
        ({"volume_per_session_ml": "-1"}, "/volume_per_session_ml"),
        ({"areas": []}, "/areas"),
        ({"areas": ["SCALP", "SCALP"]}, "/areas"),
        ({"areas": ["MOON"]}, "/areas/0"),
        ({"technique": "HAMMER"}, "/technique"),
        ({"needle_gauge": 9}, "/needle_gauge"),
        ({"points": 0}, "/points"),
        ({"diagnosis_icd10": "hair loss"}, "/diagnosis_icd10"),
        ({"protocol_version": 0}, "/protocol_version"),
        ({"goal": "A typo"}, "/goal"),
    ],
)
async def test_what_cannot_be_is_refused_at_the_field(as_role, draft, over, pointer):
    answer = await as_role("practitioner").post("/v1/plans", json=draft | over)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert (await as_role("practitioner").get("/v1/plans")).json()["items"] == []


@pytest.mark.parametrize("volume", ["0.001", "1000"])
async def test_the_bounds_of_the_volume_are_inclusive(as_role, draft, volume):
    body = draft | {"volume_per_session_ml": volume}
    assert (await made(as_role("practitioner"), "/v1/plans", body))[
        "volume_per_session_ml"
    ] == volume


async def test_a_draft_is_changed_by_merge_patch(as_role, draft):
    practitioner = as_role("practitioner")
    created = await practitioner.post("/v1/plans", json=draft)
    path = created.headers["location"]
    patch = {"volume_per_session_ml": "1.5", "depth_mm": "2.5", "goals": None}
    changed = await practitioner.patch(path, json=patch, headers=match(created))
    assert changed.status_code == 200
    plan = changed.json()
    assert (plan["volume_per_session_ml"], plan["depth_mm"], plan["goals"]) == ("1.5", "2.5", None)
    assert plan["areas"] == ["SCALP"]
    assert plan["version"] == created.json()["version"] + 1

    other = await protocol_id(practitioner, "P-PRP")
    repinned = await practitioner.patch(path, json={"protocol_id": other}, headers=match(changed))
    assert repinned.json()["protocol_id"] == other
    stale = await practitioner.patch(path, json=patch, headers=match(changed))
    assert stale.status_code == 412
    assert (await practitioner.patch(path, json=patch)).status_code == 428


@pytest.mark.parametrize("field", ["areas", "formula_id", "volume_per_session_ml"])
async def test_what_a_plan_must_have_cannot_be_removed(as_role, draft, field):
    practitioner = as_role("practitioner")
    created = await practitioner.post("/v1/plans", json=draft)
    answer = await practitioner.patch(
        created.headers["location"], json={field: None}, headers=match(created)
    )
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]


async def test_activation_is_decided_by_the_rules_and_kept(as_role, draft):
    practitioner = as_role("practitioner")
    created = await practitioner.post("/v1/plans", json=draft)
    path = created.headers["location"]
    answer = await practitioner.post(f"{path}/activate", headers=match(created))
    assert answer.status_code == 200, answer.text
    active = answer.json()
    assert active["state"] == "active"
    assert active["activation_decision_id"] == active["decision_id"]
    assert active["activated_at"] == "2026-03-02T08:00:00Z"
    assert active["possible"] == ["complete", "hold", "stop"]

    late = await practitioner.patch(path, json={"goals": "More"}, headers=match(answer))
    assert late.status_code == 409
    assert late.json()["type"] == "/problems/illegal-transition"
    assert (late.json()["state"], late.json()["possible"]) == ("active", active["possible"])


async def without_consent(as_role, draft):
    patient = await made(
        as_role("practitioner"),
        "/v1/patients",
        {"given_name": "Max", "family_name": "Roux", "born_on": "1980-01-01", "sex": "male"},
    )
    return await made(as_role("practitioner"), "/v1/plans", draft | {"patient_id": patient["id"]})


async def test_a_plan_that_the_rules_refuse_stays_a_draft(as_role, draft):
    practitioner = as_role("practitioner")
    plan = await without_consent(as_role, draft)
    refused = await move_on(practitioner, f"/v1/plans/{plan['id']}", "activate")
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/refused-by-rules"
    assert refused.json()["outcome"] == "refused"
    assert "CONSENT-VALID" in [finding["code"] for finding in refused.json()["findings"]]
    assert (await read(practitioner, plan)).json() == plan


async def test_a_dry_run_answers_the_decision_and_changes_nothing(as_role, draft):
    practitioner = as_role("practitioner")
    good = await made(practitioner, "/v1/plans", draft)
    bad = await without_consent(as_role, draft)
    for plan, outcome in ((good, "allowed"), (bad, "refused")):
        path = f"/v1/plans/{plan['id']}"
        answer = await move_on(practitioner, path, "activate", query="?dry_run=true")
        assert answer.status_code == 200, answer.text
        assert (answer.json()["dry_run"], answer.json()["outcome"]) == (True, outcome)
        assert (await read(practitioner, plan)).json() == plan


async def test_what_is_pinned_must_be_approved_to_activate(as_role, draft):
    practitioner = as_role("practitioner")
    formula = await made(
        practitioner,
        "/v1/formulas",
        {
            "name": "Not yet",
            "components": [
                {
                    "ingredient_code": "BIOTIN",
                    "stock_concentration": {"value": "5", "unit": "mg/mL"},
                    "volume_ml": "2",
                    "excipient_classes": [],
                }
            ],
        },
    )
    plan = await made(practitioner, "/v1/plans", draft | {"formula_id": formula["id"]})
    assert plan["formula_version_state"] == "draft"
    answer = await move_on(practitioner, f"/v1/plans/{plan['id']}", "activate")
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/illegal-transition"
    assert "formula version is draft" in answer.json()["detail"]

    await moved(as_role("medical_director"), f"/v1/formulas/{formula['id']}", "versions/1/approve")
    later = await move_on(
        practitioner, f"/v1/plans/{plan['id']}", "activate", query="?dry_run=true"
    )
    assert later.json()["dry_run"] is True


async def test_a_retired_version_is_not_pinned_any_more(as_role, draft):
    practitioner, director = as_role("practitioner"), as_role("medical_director")
    path = f"/v1/protocols/{draft['protocol_id']}"
    await moved(director, path, "versions/1/retire", {"reason": "Replaced."})
    unsaid = await practitioner.post("/v1/plans", json=draft)
    assert unsaid.status_code == 422
    assert unsaid.json()["errors"][0]["pointer"] == "/protocol_id"
    said = await practitioner.post("/v1/plans", json=draft | {"protocol_version": 1})
    assert said.status_code == 422
    assert said.json()["errors"][0]["pointer"] == "/protocol_version"


MOVES = {
    "activate": {},
    "hold": {"reason": "Results are awaited."},
    "release": {"reason": "They are here."},
    "complete": {},
    "stop": {"reason": "Moved away."},
}


@pytest.mark.parametrize("move", ["hold", "release", "complete", "stop"])
async def test_a_draft_has_no_other_move_than_activation(as_role, draft, move):
    director = as_role("medical_director")
    plan = await made(director, "/v1/plans", draft)
    answer = await move_on(director, f"/v1/plans/{plan['id']}", move, MOVES[move])
    assert answer.status_code == 409
    assert (answer.json()["state"], answer.json()["possible"]) == ("draft", ["activate", "change"])


@pytest.mark.parametrize("end", ["complete", "stop"])
async def test_a_plan_that_ended_has_no_moves(as_role, clinic, end):
    director = as_role("medical_director")
    plan = await make_active_plan(as_role, clinic)
    path = f"/v1/plans/{plan['id']}"
    ended = await moved(director, path, end, MOVES[end])
    state = {"complete": "completed", "stop": "stopped"}[end]
    assert ended["state"] == state
    assert ended[f"{state}_at"] == "2026-03-02T08:00:00Z"
    assert ended["state_reason"] == MOVES[end].get("reason")
    for move, body in MOVES.items():
        answer = await move_on(director, path, move, body)
        assert answer.status_code == 409, move
        assert (answer.json()["state"], answer.json()["possible"]) == (state, [])


async def test_a_plan_is_complete_only_once_nothing_is_booked(as_role, clinic):
    director = as_role("medical_director")
    plan = await make_active_plan(as_role, clinic)
    session = await book(director, plan, clinic, "2026-03-03T09:00:00Z")
    path = f"/v1/plans/{plan['id']}"
    early = await move_on(director, path, "complete")
    assert early.status_code == 409
    assert early.json()["type"] == "/problems/in-use"
    await moved(director, f"/v1/sessions/{session['id']}", "cancel", {"reason": "Not needed."})
    assert (await moved(director, path, "complete"))["state"] == "completed"


async def test_stopping_a_plan_cancels_what_is_booked(as_role, clinic):
    director = as_role("medical_director")
    plan = await make_active_plan(as_role, clinic)
    session = await book(director, plan, clinic, "2026-03-03T09:00:00Z")
    await moved(director, f"/v1/plans/{plan['id']}", "stop", {"reason": "Pregnancy."})
    cancelled = (await director.get(f"/v1/sessions/{session['id']}")).json()
    assert (cancelled["state"], cancelled["cancel_reason"]) == (
        "cancelled",
        "The plan was stopped.",
    )


async def test_lists_filter_and_page(as_role, draft):
    practitioner = as_role("practitioner")
    first = await made(practitioner, "/v1/plans", draft)
    patient = await make_treatable_patient(practitioner, given_name="Noé")
    second = await made(practitioner, "/v1/plans", draft | {"patient_id": patient["id"]})
    await moved(practitioner, f"/v1/plans/{second['id']}", "activate")

    async def listed(**query):
        answer = await practitioner.get("/v1/plans", params=query)
        assert answer.status_code == 200, answer.text
        return [plan["id"] for plan in answer.json()["items"]]

    assert await listed() == [second["id"], first["id"]]
    assert await listed(patient_id=patient["id"]) == [second["id"]]
    assert await listed(state="draft") == [first["id"]]
    assert await listed(practitioner_id=draft["practitioner_id"]) == [second["id"], first["id"]]
    assert await listed(practitioner_id=UNKNOWN) == []
    assert await listed(protocol_id=draft["protocol_id"]) == [second["id"], first["id"]]
    assert await listed(formula_id=UNKNOWN) == []
    page = await practitioner.get("/v1/plans", params={"limit": 1, "with_total": True})
    assert page.json()["total"] == 2
    following = await practitioner.get(page.links["next"]["url"])
    assert [plan["id"] for plan in following.json()["items"]] == [first["id"]]


async def test_the_desk_sees_a_plan_without_its_clinical_part(as_role, draft):
    plan = await made(as_role("practitioner"), "/v1/plans", draft)
    seen = (await read(as_role("receptionist"), plan)).json()
    assert (seen["state"], seen["volume_per_session_ml"]) == ("draft", "2")
    assert (seen["diagnosis_icd10"], seen["goals"], seen["expectations"]) == (None, None, None)
    assert (await read(as_role("nurse"), plan)).json()["diagnosis_icd10"] == "L64.9"
    refused = await as_role("nurse").post("/v1/plans", json=draft)
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "plans:write")


async def test_another_clinics_plan_does_not_exist(as_role, draft):
    plan = await made(as_role("practitioner"), "/v1/plans", draft)
    path, stranger, etag = f"/v1/plans/{plan['id']}", as_role("other:medical_director"), '"1"'
    for tail in ("", "/holds", "/window"):
        assert (await stranger.get(path + tail)).status_code == 404
    headers = {"If-Match": etag}
    assert (await stranger.patch(path, json={}, headers=headers)).status_code == 404
    for move, body in MOVES.items():
        answer = await stranger.post(f"{path}/{move}", json=body, headers=headers)
        assert answer.status_code == 404, move
    theirs = {"practitioner_id", "formula_id", "patient_id"}
    mine = draft | {"protocol_id": await protocol_id(stranger, "P-PRP")}
    answer = await stranger.post("/v1/plans", json=mine)
    assert answer.status_code == 404
    assert answer.json()["pointer"].removeprefix("/") in theirs


async def window_of(client, plan, **query):
    answer = await client.get(f"/v1/plans/{plan['id']}/window", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_first_session_may_be_on_any_day(as_role, draft):
    plan = await made(as_role("practitioner"), "/v1/plans", draft)
    assert await window_of(as_role("receptionist"), plan) == {
        "session_number": 1,
        "phase": "A",
        "earliest_on": None,
        "target_on": None,
        "latest_on": None,
        "findings": [],
    }


async def test_the_window_of_the_next_session_follows_the_last_one(as_role, clinic):
    director = as_role("medical_director")
    plan = await make_active_plan(as_role, clinic)
    await book(director, plan, clinic, "2026-03-02T09:00:00Z")
    window = await window_of(director, plan)
    assert (window["session_number"], window["phase"]) == (2, "A")
    assert (window["earliest_on"], window["target_on"], window["latest_on"]) == (
        "2026-03-08", "2026-03-09", "2026-03-12",
    )  # fmt: skip
    assert window["findings"] == []

    early = await director.post(
        "/v1/sessions",
        json=booking(plan, clinic, "2026-03-07T09:00:00Z"),
    )
    assert early.status_code == 409
    findings = early.json()["findings"]
    assert {f["code"] for f in findings} == {"SPACING-MIN-INTERVAL", "SPACING-INGREDIENT-MIN"}
    assert {f["first_day"] for f in findings} == {window["earliest_on"]}
    await book(director, plan, clinic, "2026-03-08T09:00:00Z")


async def test_a_late_look_at_the_window_tells_what_lateness_means(as_role, clinic):
    director = as_role("medical_director")
    plan = await make_active_plan(as_role, clinic)
    await book(director, plan, clinic, "2026-03-02T09:00:00Z")
    window = await window_of(director, plan, as_of="2026-03-13")
    assert window["latest_on"] == "2026-03-12"
    assert [f["code"] for f in window["findings"]] == ["SPACING-MAX-GAP"]
    bad = await director.get(f"/v1/plans/{plan['id']}/window", params={"as_of": "soon"})
    assert bad.status_code == 422
