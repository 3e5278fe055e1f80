"""Holds that a person opens: each scope, what it stops, and who may release it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.clinic import FakeClock, SeededClinic
from tests.factories import made
from tests.factories_sessions import SCREENING, book, make_active_plan, make_lot, move_on

AsRole = Callable[[str], httpx.AsyncClient]
Answer = dict[str, Any]
WHY = {"reason": "Supplier reports a crystallised batch."}


@pytest.fixture
async def plan(as_role: AsRole, clinic: SeededClinic) -> Answer:
    return await make_active_plan(as_role, clinic)


def subject_of(scope: str, plan: Answer, session: Answer) -> Answer:
    """What a hold of that scope is about, so that it touches the plan."""
    return {
        "session": {"session_id": session["id"]},
        "area": {"area": "SCALP_VERTEX", "patient_id": plan["patient_id"]},
        "formula": {"formula_id": plan["formula_id"]},
        "ingredient": {"ingredient_code": "BIOTIN", "patient_id": plan["patient_id"]},
        "plan": {"plan_id": plan["id"]},
        "patient": {"patient_id": plan["patient_id"]},
    }[scope]


@pytest.mark.parametrize(
    ("scope", "state", "role"),
    [
        ("session", "active", "prescriber"),
        ("area", "on_hold", "prescriber"),
        ("formula", "active", "medical_director"),
        ("ingredient", "on_hold", "prescriber"),
        ("plan", "on_hold", "prescriber"),
        ("patient", "on_hold", "prescriber"),
    ],
)
async def test_a_hold_of_every_scope_refuses_the_check_in_until_its_release(
    as_role: AsRole, clinic: SeededClinic, plan: Answer, clock: FakeClock,
    scope: str, state: str, role: str,
) -> None:  # fmt: skip
    practitioner, nurse = as_role("practitioner"), as_role("nurse")
    session = await book(nurse, plan, clinic, "2026-03-02T09:00:00Z")
    body = {"scope": scope} | subject_of(scope, plan, session) | WHY
    hold = await made(practitioner, "/v1/holds", body)
    assert (hold["scope"], hold["release_role"], hold["note"]) == (scope, role, WHY["reason"])
    assert (await nurse.get(f"/v1/plans/{plan['id']}")).json()["state"] == state
    visit = f"/v1/sessions/{session['id']}"
    clock.advance(minutes=55)
    refused = await move_on(nurse, visit, "check-in", SCREENING)
    assert refused.status_code == 409, refused.text
    assert [each["id"] for each in refused.json()["holds"]] == [hold["id"]]

    path = f"/v1/holds/{hold['id']}"
    by_practitioner = await move_on(practitioner, path, "release", WHY)
    assert by_practitioner.status_code == (403 if role == "medical_director" else 200)
    if role == "medical_director":
        assert (await move_on(as_role(role), path, "release", WHY)).status_code == 200
    assert (await move_on(nurse, visit, "check-in", SCREENING)).status_code == 200


async def test_a_held_lot_is_set_aside_until_both_are_released(as_role: AsRole) -> None:
    practitioner, director = as_role("practitioner"), as_role("medical_director")
    lot = await make_lot(practitioner)
    hold = await made(practitioner, "/v1/holds", {"scope": "lot", "lot_id": lot["id"]} | WHY)
    path = f"/v1/lots/{lot['id']}"
    assert (await practitioner.get(path)).json()["state"] == "quarantined"
    assert (await move_on(practitioner, path, "release", WHY)).status_code == 403
    own = f"/v1/holds/{hold['id']}"
    assert (await move_on(director, own, "release", WHY)).status_code == 200
    assert (await practitioner.get(path)).json()["state"] == "quarantined", "by its own address"
    assert (await move_on(practitioner, path, "release", WHY)).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"scope": "plan"}, {"/plan_id"}),
        ({"scope": "area", "area": "SCALP"}, {"/patient_id"}),
        ({"scope": "formula", "area": "SCALP"}, {"/formula_id", "/area"}),
        ({"scope": "ingredient", "ingredient_code": "NOTHING_KNOWN"}, {"/ingredient_code"}),
        ({"scope": "everything"}, {"/scope"}),
    ],
)
async def test_a_hold_is_about_what_its_scope_says(
    as_role: AsRole, body: Answer, pointers: set[str]
) -> None:
    refused = await as_role("practitioner").post("/v1/holds", json=body | WHY)
    assert refused.status_code == 422, refused.text
    assert {each["pointer"] for each in refused.json()["errors"]} == pointers


async def test_an_unknown_area_is_refused_and_nurses_open_no_holds(
    as_role: AsRole, plan: Answer
) -> None:
    body = {"scope": "area", "area": "THE_MOON", "patient_id": plan["patient_id"]} | WHY
    refused = await as_role("practitioner").post("/v1/holds", json=body)
    assert refused.json()["errors"][0]["pointer"] == "/area"
    assert (await as_role("nurse").post("/v1/holds", json=body)).status_code == 403
