"""The life of a plan: activation by the rules, its end, and the window of its next session."""

import pytest

from tests.factories import made
from tests.factories_plans import MOVES, biotin, match, plan_draft, read_plan
from tests.factories_sessions import book, booking, make_active_plan, move_on, moved


@pytest.fixture
async def draft(as_role, clinic):
    return await plan_draft(as_role, clinic)


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
    assert (await read_plan(practitioner, plan)).json() == plan


async def test_a_dry_run_answers_the_decision_and_changes_nothing(as_role, draft):
    practitioner = as_role("practitioner")
    good = await made(practitioner, "/v1/plans", draft)
    bad = await without_consent(as_role, draft)
    for plan, outcome in ((good, "allowed"), (bad, "refused")):
        path = f"/v1/plans/{plan['id']}"
        answer = await move_on(practitioner, path, "activate", query="?dry_run=true")
        assert answer.status_code == 200, answer.text
        assert (answer.json()["dry_run"], answer.json()["outcome"]) == (True, outcome)
        assert (await read_plan(practitioner, plan)).json() == plan


async def test_what_is_pinned_must_be_approved_to_activate(as_role, draft):
    practitioner = as_role("practitioner")
    formula = await made(practitioner, "/v1/formulas", biotin(name="Not yet"))
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
