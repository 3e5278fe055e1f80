"""All rules together, in catalogue order."""

from functools import cache

from rules import (
    anaesthetics,
    consent,
    contraindications,
    dosing,
    exposure,
    follow_up,
    ingredient_spacing,
    lots,
    mixing,
    pairs,
    people,
    pregnancy,
    preparation,
    side_effects,
    spacing,
    status,
    strengths,
    technique,
    vehicles,
    vitals,
    volumes,
)
from rules.registry import Rule, registered
from rules.stage import Stage

FAMILIES = (
    anaesthetics,
    consent,
    contraindications,
    dosing,
    exposure,
    follow_up,
    ingredient_spacing,
    lots,
    mixing,
    pairs,
    people,
    pregnancy,
    preparation,
    side_effects,
    spacing,
    status,
    strengths,
    technique,
    vehicles,
    vitals,
    volumes,
)
"""Importing a family registers its rules."""


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, active or not, in catalogue order."""
    return registered()


@cache
def rules_at(stage: Stage) -> tuple[Rule, ...]:
    """The rules that speak at that stage, in catalogue order."""
    return tuple(rule for rule in all_rules() if stage in rule.stages)


@cache
def _by_code() -> dict[str, Rule]:
    return {rule.code: rule for rule in all_rules()}


def rule_named(code: str) -> Rule | None:
    """The rule with that code; None where there is none."""
    return _by_code().get(code)
