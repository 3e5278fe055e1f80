"""The rules beyond the foundation, over HTTP: one step inside their boundary and one outside.

Figures are those of the reference rule set, each a default to be confirmed by the medical
director. Only dry runs are sent: they are the write's own code.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from rules.catalogue import all_rules
from tests.factories_sessions import treated
from tests.stories.boundaries import BOUNDARIES
from tests.stories.situations import SOLUBILISED, World, at_the_door, drug, saline
from tests.stories.situations_of_practice import (
    FAT_DISSOLVER,
    booking_after_a_course,
    booking_after_that,
    booking_with,
    injecting_so,
    mixing,
    planning,
    planning_again,
    submitting,
)

Situation = Callable[..., Awaitable[Any]]
BIOTIN, LIDOCAINE = drug("BIOTIN", "5", "1"), drug("LIDOCAINE", "20", "1")
DEXPANTHENOL, NICOTINAMIDE = drug("DEXPANTHENOL", "250", "1"), drug("NIACINAMIDE", "20", "1")
MINOXIDIL = (drug("MINOXIDIL", "5", "2", **SOLUBILISED),)
TXA = (drug("TRANEXAMIC_ACID", "4", "2"),)


@dataclass(frozen=True)
class Pair:
    """The last that passes and the first that is found: as arguments of the situation."""

    rule: str
    situation: Situation
    passes: dict[str, Any]
    fails: dict[str, Any]
    severity: str
    measured: str | None = None
    limit: str | None = None


def mixture(*lines: Any, **over: Any) -> dict[str, Any]:
    return {"lines": lines, **over}


async def approval(world: World, lines: Any, **over: Any) -> Any:
    return await mixing(world, *lines, **over)


def vehicle(**label: Any) -> Any:
    return drug("MINOXIDIL", "5", "1", label={"vehicle_covers_dilution": True} | label)


def plan(**fields: Any) -> dict[str, Any]:
    return {"plan": fields}


def therapy(code: str, days_ago_from_10_march: str) -> dict[str, Any]:
    body = {"code": code, "area": "SCALP", "started_on": days_ago_from_10_march}
    return {"records": (("therapies", body),)}


def record(part: str, **body: Any) -> dict[str, Any]:
    return {"records": ((part, body),)}


def at_door(**screening: Any) -> dict[str, Any]:
    return {"screening": screening}


def dca(area_cm2: str) -> dict[str, Any]:
    how = {"technique": "SUBCUTANEOUS_BOLUS", "points": 10, "depth_mm": "6"}
    return {"lines": FAT_DISSOLVER, "area": treated("SUBMENTAL", "2", **how, area_cm2=area_cm2)}


SHED = {"code": "AE_SHED_TE", "grade": 1}
NODULE = {"code": "AE_GRANULOMA", "grade": 1}
HYPOTHYROID, TUMOUR = {"code": "HYPOTHYROIDISM"}, {"code": "PHEOCHROMOCYTOMA"}
PILL = {"code": "COMBINED_HORMONAL_CONTRACEPTIVE", "name": "The pill"}

PAIRS = (
    Pair("PAT-AGE-MIN", planning, {"born_on": "2008-03-02"}, {"born_on": "2008-03-03"},
         "override", "17", "18"),
    Pair("DX-REQUIRED-SUITABLE", planning, plan(), plan(diagnosis_icd10="L66.1"), "block"),
    Pair("STATUS-AREA-RESTRICTED", approval,
         mixture(*FAT_DISSOLVER, areas=["SUBMENTAL"]), mixture(*FAT_DISSOLVER, areas=["SCALP"]),
         "block", "SCALP"),
    Pair("STATUS-LIMIT-UNKNOWN", approval,
         mixture(BIOTIN), mixture(drug("AMINO_ACID_MIX", "5", "1")), "override",
         "AMINO_ACID_MIX"),
    Pair("DOSE-UNIT-CONSISTENCY", approval,
         mixture(drug("LIDOCAINE", "5", "1", percent_wv="0.505")),
         mixture(drug("LIDOCAINE", "5", "1", percent_wv="0.506")), "block", "5", "5.06"),
    Pair("DOSE-WEIGHT-STALE", at_the_door,
         {"lines": (LIDOCAINE, saline("1")), "weighed_on": "2025-12-10"},
         {"lines": (LIDOCAINE, saline("1")), "weighed_on": "2025-12-09"}, "override", "91", "90"),
    Pair("DOSE-AREA-ADJUSTED", injecting_so, dca("10"), dca("9.99"), "block", "20", "19.98"),
    Pair("MIX-DO-NOT-ADMIX", approval,
         mixture(*FAT_DISSOLVER, areas=["SUBMENTAL"]),
         mixture(*FAT_DISSOLVER, saline("1"), areas=["SUBMENTAL"]), "block", "DEOXYCHOLIC_ACID"),
    Pair("MIX-OIL-ALCOHOL", approval,
         mixture(vehicle(oil=False, ethanol_ml="0.05")),
         mixture(vehicle(oil=False, ethanol_ml="0.051")), "override", "5.1", "5"),
    Pair("MIX-SOLUBILITY", approval,
         mixture(drug("MINOXIDIL", "2", "1")), mixture(drug("MINOXIDIL", "2.001", "1")),
         "override", "2.001", "2"),
    Pair("MIX-PRODUCT-COUNT", approval,
         mixture(BIOTIN, DEXPANTHENOL, LIDOCAINE),
         mixture(BIOTIN, DEXPANTHENOL, LIDOCAINE, NICOTINAMIDE), "override", "4", "3"),
    Pair("MIX-PH-RANGE", approval,
         mixture(BIOTIN, ph="5"), mixture(BIOTIN, ph="4.99"), "warn", "4.99", "5 to 8"),
    Pair("MIX-BUD", injecting_so,
         {"preparation_started_at": "2026-03-10T05:00:00Z"},
         {"preparation_started_at": "2026-03-10T04:59:00Z"}, "block", "241", "240"),
    Pair("VOL-POINT-MAX", planning, plan(points=40), plan(points=39), "override", "0.0513", "0.05"),
    Pair("VOL-AREA-MAX", planning,
         plan(areas=["SCALP_FRONTAL"]),
         plan(areas=["SCALP_FRONTAL"], volume_per_session_ml="2.001", points=41),
         "override", "2.001", "2"),
    Pair("TECH-DEPTH-MAX", planning, plan(depth_mm="4"), plan(depth_mm="4.001"),
         "override", "4.001", "4"),
    Pair("TECH-POINT-DENSITY", injecting_so,
         {"area": treated("SCALP_FRONTAL", "2", area_cm2="40")},
         {"area": treated("SCALP_FRONTAL", "2", area_cm2="39.99")}, "warn", "40", "39"),
    Pair("SPACING-OTHER-PROCEDURE", booking_with,
         therapy("HAIR_TRANSPLANT", "2026-02-08"), therapy("HAIR_TRANSPLANT", "2026-02-09"),
         "override", "29", "30"),
    Pair("PLAN-REASSESS-DUE", booking_with, {"on": "2026-05-25"}, {"on": "2026-05-26"},
         "override", "85", "84"),
    Pair("CONTRA-CONDITION-INGREDIENT", planning,
         {"lines": MINOXIDIL} | record("conditions", **HYPOTHYROID),
         {"lines": MINOXIDIL} | record("conditions", **TUMOUR), "block", "PHEOCHROMOCYTOMA"),
    Pair("CONTRA-INTERACTION-DRUG", planning,
         {"lines": TXA} | record("medications", code="LEVOTHYROXINE", name="Levothyroxine"),
         {"lines": TXA} | record("medications", **PILL), "override",
         "COMBINED_HORMONAL_CONTRACEPTIVE"),
    Pair("CONTRA-SITE-INFECTION", at_the_door,
         at_door(temperature_c="37.9"), at_door(temperature_c="38.0"), "block", "38", "38"),
    Pair("CONTRA-VITALS", at_the_door,
         {"lines": MINOXIDIL} | at_door(systolic_mmhg=100),
         {"lines": MINOXIDIL} | at_door(systolic_mmhg=99), "override", "99", "100 to 179"),
    Pair("LOT-CONTAINER-USE", injecting_so,
         {"lot": {"container": "single_dose"}},
         {"lot": {"container": "single_dose"}, "other_patient": True}, "block", "2", "1"),
    Pair("ADMIN-EMERGENCY-READY", injecting_so,
         {"kit_checked_days_ago": 31}, {"kit_checked_days_ago": 32}, "block", "32", "31"),
    Pair("AE-SHED-ESCALATE", booking_after_that,
         {"effect": SHED, "began_on_day": 20, "told_on_day": 25, "on": "2026-06-20"},
         {"effect": SHED, "began_on_day": 20, "told_on_day": 25, "on": "2026-06-21"},
         "override", "91", "90"),
    Pair("AE-DELAYED-NODULE", booking_after_that,
         {"effect": NODULE, "began_on_day": 6, "told_on_day": 7, "on": "2026-03-12"},
         {"effect": NODULE, "began_on_day": 7, "told_on_day": 7, "on": "2026-03-12"},
         "block", "7", "6"),
    Pair("AE-RECHALLENGE", planning_again, {"grade": 1}, {"grade": 2}, "override", "2", "1"),
    Pair("AE-REPORT-CLOCK", submitting,
         {"on_day_of_clock": 15},
         {"on_day_of_clock": 16, "late_because": "The lot was found late."},
         "warn", "2026-03-19", "2026-03-18"),
    Pair("DOSE-COURSE-MAX-SESSIONS", booking_after_a_course,
         {"performed": 5}, {"performed": 6}, "block", "7", "6"),
    Pair("CONSENT-COVERS-INGREDIENTS", at_the_door,
         {"lines": (BIOTIN, saline("1"))}, {"lines": (BIOTIN, NICOTINAMIDE)}, "block",
         "NIACINAMIDE"),
)  # fmt: skip
every = pytest.mark.parametrize("pair", PAIRS, ids=lambda each: each.rule)


@pytest.fixture
def world(as_role: Any, clinic: Any, clock: Any) -> World:
    return World(as_role, clinic, clock)


def test_every_rule_has_its_boundary_over_http() -> None:
    """A new rule comes with the last input that passes and the first that does not."""
    paired = [each.rule for each in (*PAIRS, *BOUNDARIES)]
    assert sorted(paired) == sorted(each.code for each in all_rules()), "each rule once"


async def found(pair: Pair, world: World, given: dict[str, Any]) -> list[dict[str, Any]]:
    """What the rule finds in a dry run."""
    answer = await (await pair.situation(world, **given))("?dry_run=true")
    assert answer.status_code == 200, answer.text
    return [each for each in answer.json()["findings"] if each["code"] == pair.rule]


@every
async def test_the_last_input_within_the_limit_passes(world: World, pair: Pair) -> None:
    assert await found(pair, world, pair.passes) == []


@every
async def test_the_first_input_beyond_it_is_found(world: World, pair: Pair) -> None:
    finding = (await found(pair, world, pair.fails))[0]
    assert finding["severity"] == pair.severity
    if pair.measured is not None:
        assert (finding["outcome"], finding["measured"]) == ("fail", pair.measured)
    if pair.limit is not None:
        assert finding["limit"] == pair.limit
    assert all(finding[name] for name in ("title", "message", "source", "evidence", "remedy"))


async def test_a_suspect_without_a_negative_test_is_never_given_again(world: World) -> None:
    ask = await planning_again(world, grade=2, test_was_wrong=True)
    refused = await ask()
    assert refused.status_code == 409, refused.text
    told = {each["code"]: each["severity"] for each in refused.json()["findings"]}
    assert (refused.json()["outcome"], told["AE-RECHALLENGE"]) == ("refused", "block")
