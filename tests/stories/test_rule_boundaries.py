"""Each rule of the foundation over HTTP, on both sides of its boundary."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rules.finding import WEIGHT, Severity
from tests.clinic import FakeClock, SeededClinic
from tests.stories.boundaries import BOUNDARIES, Boundary
from tests.stories.situations import (
    NUMBING,
    World,
    activating,
    at_the_door,
    booking_after,
    injecting,
)

FOUNDATION = {
    "STATUS-PROHIBITED", "DOSE-CONC-MAX", "DOSE-ABS-MAX", "DOSE-WEIGHT-MAX", "DOSE-LA-ADDITIVE",
    "DOSE-CUMULATIVE-WINDOW", "MIX-VOLUME-BALANCE", "MIX-INCOMPATIBLE-PAIR",
    "MIX-TWO-ANAESTHETICS", "SPACING-MIN-INTERVAL", "SPACING-INGREDIENT-MIN", "SPACING-MAX-GAP",
    "CONSENT-VALID", "CONTRA-PREGNANCY", "CONTRA-PREGNANCY-5ARI", "CONTRA-ALLERGY-CLASS",
    "LOT-EXPIRY", "AE-HOLD-GRADE", "ROLE-FOUR-EYES",
}  # fmt: skip
OUTCOMES = {"block": "refused", "override": "needs_override", "warn": "needs_acknowledgement"}
COMMENT = "Examined today; agreed with the patient and on record."

every = pytest.mark.parametrize("boundary", BOUNDARIES, ids=lambda each: each.rule)


@pytest.fixture
def world(
    as_role: Callable[[str], httpx.AsyncClient], clinic: SeededClinic, clock: FakeClock
) -> World:
    return World(as_role, clinic, clock)


def override(code: str) -> dict[str, str]:
    return {"code": code, "reason": "clinical_judgement", "comment": COMMENT}


def answers_of(boundary: Boundary) -> dict[str, Any]:
    """What both sides are answered with, so that the rule itself stands alone."""
    return {"overrides": [override(code) for code in boundary.also]} if boundary.also else {}


def of_rule(boundary: Boundary, findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [finding for finding in findings if finding["code"] == boundary.rule]


def test_every_rule_of_the_foundation_has_its_pair():
    assert {boundary.rule for boundary in BOUNDARIES} == FOUNDATION
    assert len(BOUNDARIES) == len(FOUNDATION)


@every
async def test_the_last_input_within_the_limit_goes_through(world: World, boundary: Boundary):
    ask, answers = await boundary.situation(world, **boundary.passes.given), answers_of(boundary)
    dry = await ask("?dry_run=true", **answers)
    assert (dry.status_code, dry.json()["outcome"]) == (200, "allowed"), dry.text
    done = await ask(**answers)
    assert done.status_code in {200, 201}, done.text
    assert of_rule(boundary, dry.json()["findings"]) == []
    assert await decision_rules(world, done.json(), boundary) == "pass"


async def decision_rules(world: World, done: dict[str, Any], boundary: Boundary) -> str:
    """What the stored decision says of the rule: that it was asked, and passed."""
    decision_id = done.get("check_in_decision_id") or done.get("decision_id")
    decision_id = decision_id or done["latest"]["decision_id"]
    answer = await world.as_role("medical_director").get(f"/v1/decisions/{decision_id}")
    results = {each["code"]: each["outcome"] for each in answer.json()["rules"]}
    return str(results[boundary.rule])


@every
async def test_the_first_input_beyond_it_is_found(world: World, boundary: Boundary):
    ask, answers = await boundary.situation(world, **boundary.fails.given), answers_of(boundary)
    dry = await ask("?dry_run=true", **answers)
    refused = await ask(**answers)
    assert (dry.status_code, refused.status_code) == (200, 409), refused.text
    problem = refused.json()
    assert problem["type"] == "/problems/refused-by-rules"
    assert problem["findings"] == dry.json()["findings"], "the dry run is the write's own code"
    assert boundary.rule in problem["unanswered"]
    finding = of_rule(boundary, problem["findings"])[0]
    told = (finding["severity"], finding["measured"], finding["limit"], finding["unit"])
    assert told == (boundary.severity, boundary.measured, boundary.limit, boundary.unit)
    assert finding["outcome"] == "fail"
    assert all(finding[name] for name in ("title", "message", "source", "evidence", "remedy"))
    worst = min((f["severity"] for f in problem["findings"]), key=lambda s: WEIGHT[Severity(s)])
    assert problem["outcome"] == dry.json()["outcome"] == OUTCOMES[worst]


@every
async def test_the_medical_director_answers_for_all_but_a_block(world: World, boundary: Boundary):
    ask = await boundary.situation(world, **boundary.fails.given)
    findings = (await ask("?dry_run=true")).json()["findings"]
    answers: dict[str, Any] = {
        "overrides": [override(c) for c in sorted(coded(findings, "override", "block"))],
        "acknowledged": sorted(coded(findings, "warn")),
    }
    answered = await ask(who="medical_director", **answers)
    if boundary.severity == "block":
        assert answered.status_code == 409, answered.text
        assert boundary.rule in answered.json()["unanswered"]
    else:
        assert answered.status_code in {200, 201}, answered.text


def coded(findings: list[dict[str, Any]], *severities: str) -> set[str]:
    return {finding["code"] for finding in findings if finding["severity"] in severities}


NOT_KNOWN = [
    ("DOSE-WEIGHT-MAX", activating, {"weight_kg": None, "lines": NUMBING}),
    ("CONSENT-VALID", activating, {"signed_on": None}),
    ("CONTRA-PREGNANCY", at_the_door, {"sex": "female", "screening": {"pregnancy_status": None}}),
    ("CONTRA-ALLERGY-CLASS", at_the_door, {"allergies": []}),
    ("CONTRA-ALLERGY-CLASS", at_the_door, {"screening": {"allergies_confirmed": None}}),
    ("LOT-EXPIRY", injecting, {"expires_on": None}),
]


# Numbered: the names of functions' objects differ from one process to the next.
@pytest.mark.parametrize(
    ("rule", "situation", "given"),
    NOT_KNOWN,
    ids=[f"{place}-{rule}" for place, (rule, _, _) in enumerate(NOT_KNOWN, 1)],
)
async def test_what_was_not_asked_or_not_measured_never_passes(
    world: World, rule, situation, given
):
    refused = await (await situation(world, **given))()
    assert refused.status_code == 409, refused.text
    told = {(f["code"], f["outcome"], f["severity"]) for f in refused.json()["findings"]}
    assert (rule, "not_evaluable", "block") in told


async def test_beyond_twice_the_longest_gap_a_warning_is_not_enough(world: World):
    """Phase A allows 10 days; up to 20 it is a warning, on the 21st an override."""
    ask = await booking_after(world, days=20)
    warned = await ask(acknowledged=["SPACING-MAX-GAP"])
    assert warned.status_code == 201, warned.text
    ask = await booking_after(world, days=21, hour=11)
    refused = await ask(acknowledged=["SPACING-MAX-GAP"])
    assert refused.json()["outcome"] == "needs_override"
    finding = refused.json()["findings"][0]
    assert (finding["measured"], finding["limit"], finding["unit"]) == ("21", "10", "d")
    allowed = await ask(who="practitioner", overrides=[override("SPACING-MAX-GAP")])
    assert allowed.status_code == 201, allowed.text
