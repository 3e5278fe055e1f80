"""Short ways to the facts of a test; every default is harmless."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from rules.case import Case
from rules.catalogue import all_rules, rule_named
from rules.codec import canonical_json
from rules.evaluate import findings_of
from rules.facts import (
    Administration,
    Component,
    Consent,
    Diagnosis,
    Emergency,
    Facts,
    Formula,
    GivenDose,
    LotInUse,
    Patient,
    People,
    Plan,
    PlannedArea,
    PlanSession,
    Screening,
)
from rules.finding import Finding
from rules.protocol import Protocol
from rules.reference_data import reference_document, reference_protocols, reference_rule_set
from rules.rule_set import RuleSet
from rules.rule_set_reader import rule_set_from_json
from rules.stage import Stage

REFERENCE = reference_rule_set()
DAY = date(2025, 6, 2)

FORMULA, PLAN, SCHED = Stage.FORMULA_APPROVAL, Stage.PLAN_ACTIVATION, Stage.SCHEDULING
CHECK_IN, ADMIN, REPORT = Stage.CHECK_IN, Stage.ADMINISTRATION, Stage.SIDE_EFFECT_REPORT


def changed(change: Any = None, *, all_active: bool = False) -> RuleSet:
    """The reference rule set with a change to its document, and all rules active if asked."""
    document = reference_document()
    if change is not None:
        change(document)
    if all_active:
        for row in document["rules"]:
            row["active"] = True
    return rule_set_from_json(canonical_json(document))


def parameter(key: str, value: str) -> Any:
    """A change that sets one parameter."""

    def change(document: dict[str, Any]) -> None:
        for row in document["parameters"]:
            if row["key"] == key:
                row["value"] = value

    return change


def figure(code: str, key: str, value: str, **more: Any) -> Any:
    """A change that sets one figure of an ingredient."""

    def change(document: dict[str, Any]) -> None:
        for row in document["ingredients"]:
            if row["code"] == code:
                row[key] = row.get(key, {}) | {"value": value} | more

    return change


def line(code: str, milli: int | None = 1_000, ul: int | None = 1_000, **more: Any) -> Component:
    """A formula line of `milli` thousandths of the unit per mL and `ul` microlitres."""
    return Component(code, milli, ul, **more)


def formula(*lines: Component | str, **more: Any) -> Formula:
    """A formula of these lines or ingredient codes; the declared total is their sum."""
    made = tuple(each if isinstance(each, Component) else line(each) for each in lines)
    total = sum(each.volume_ul or 0 for each in made)
    return Formula("f", 1, made, **({"total_volume_ul": total} | more))


def administration(ul: int | None = 1_000, **more: Any) -> Administration:
    """One area with that volume, nothing discarded."""
    return Administration((PlannedArea("SCALP", ul),), **({"discarded_ul": 0} | more))


def woman(**more: Any) -> Patient:
    """An adult woman who was asked everything and has nothing."""
    return Patient(
        **{
            "patient_id": "p",
            "born_on": date(1989, 4, 2),
            "sex": "female",
            "pregnancy": "not_pregnant",
            "lactating": False,
            "no_known_allergies": True,
            "allergies": (),
            "conditions": (),
            "medications": (),
            "weight_g": 60_000,
            "weighed_on": DAY - timedelta(days=10),
            **more,
        }
    )


def man(**more: Any) -> Patient:
    """An adult man who was asked everything and has nothing."""
    return replace(woman(sex="male", pregnancy=None, lactating=None), **more)


def protocol(code: str = "P-CLASSIC-442") -> Protocol:
    """A reference protocol."""
    return next(each.protocol for each in reference_protocols() if each.protocol.code == code)


def sound_facts(**more: Any) -> Facts:
    """Facts of the second session of a course in which nothing stands in the way."""
    week_ago, begun = DAY - timedelta(days=7), datetime.combine(DAY, time(9), UTC)
    spot = PlannedArea(
        "SCALP_FRONTAL", 1_000, points=20, depth_um=2_000, technique="POINT_BY_POINT",
        area_cm2_hundredths=6_000,
    )  # fmt: skip
    base = Facts(
        on=DAY,
        patient=man(conditions=(), medications=(), weighed_on=week_ago),
        consents=(Consent("treatment", DAY - timedelta(days=30), ingredient_codes=("BIOTIN",)),),
        formula=replace(formula(line("BIOTIN", 5_000, 1_000)), ph_hundredths=700),
        plan=Plan(
            "plan", 2, (Diagnosis("L64.9", "confirmed"),), "L64.9", (spot,), 1_000, protocol(),
            DAY - timedelta(days=40),
        ),
        sessions=(PlanSession(1, week_ago, performed=True),),
        given=(GivenDose("BIOTIN", week_ago, 5_000_000),),
        course_counts=(),
        other_therapies=(),
        screening=Screening(True, False, 366, 120, 75, 70),
        administration=replace(
            administration(), areas=(spot,), preparation_started_at=begun, performed_at=begun
        ),
        lots=(LotInUse("l1", "BIOTIN", DAY, "available", "B-1", "multi_dose", DAY),),
        effects=(),
        prior_reactions=(),
        people=People("author", "approver", ("medical_director",), "author"),
        emergency=Emergency(DAY, DAY, 30, first_exposure=True),
    )  # fmt: skip
    return replace(base, **more)


def asked(
    code: str, stage: Stage, facts: Facts, rule_set: RuleSet = REFERENCE
) -> tuple[Finding, ...] | None:
    """What one rule finds; None where it does not apply."""
    rule = rule_named(code)
    assert rule is not None, code
    assert stage in rule.stages, f"{code} does not speak at {stage}"
    return findings_of(rule, Case(stage, facts, rule_set))


def words(findings: tuple[Finding, ...] | None) -> list[str] | None:
    """Outcome and severity of each finding, as "fail block"."""
    if findings is None:
        return None
    return [f"{each.outcome.value} {each.severity.value}" for each in findings]


CODES = [rule.code for rule in all_rules()]
