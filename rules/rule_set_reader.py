"""A rule set from its document and back: strict, exact, and the same bytes every time."""

import hashlib
import json
from functools import lru_cache
from typing import Any

from rules.catalogue import all_rules
from rules.codec import canonical_json
from rules.finding import Severity
from rules.ingredient import AreaLimit, Figure, Ingredient, Role, Status
from rules.reading import Problem, Row, read_figure
from rules.rule_set import Parameter, RuleSet
from rules.rule_set_checks import cross_check
from rules.table_reader import (
    read_area,
    read_clock,
    read_contraindication,
    read_diagnosis,
    read_effect,
    read_escalation,
    read_pair,
    read_technique,
    read_wash_out,
)
from rules.units import (
    CONCENTRATIONS,
    DOSES,
    EVIDENCE,
    PARAMETER_SCALES,
    PARAMETER_UNITS,
)

DAYS = {"d": 0}


class InvalidRuleSet(ValueError):
    """A document that is no rule set; `problems` says where and why, in document order."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the problems; the text of the error names the first."""
        self.problems = problems
        first = problems[0]
        super().__init__(f"{first.pointer or '/'} {first.message} ({len(problems)} problems)")


def check(document: Any) -> list[Problem]:
    """Everything that is wrong with a rule-set document; empty when it can be published."""
    return _read(document, "", "")[1]


def rule_set_from_document(document: Any) -> RuleSet:
    """The rule set of a parsed JSON document; raises `InvalidRuleSet`."""
    return rule_set_from_json(canonical_json(document))


def rule_set_to_json(rule_set: RuleSet) -> str:
    """The canonical document of the rule set, whose SHA-256 is its hash."""
    return rule_set.text


@lru_cache(maxsize=64)
def rule_set_from_json(text: str) -> RuleSet:
    """The rule set of a stored document, built once per text; raises `InvalidRuleSet`."""
    document = json.loads(text)
    canonical = canonical_json(document)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    rule_set, problems = _read(document, canonical, digest)
    if problems:
        raise InvalidRuleSet(problems)
    return rule_set


def _read(document: Any, text: str, digest: str) -> tuple[RuleSet, list[Problem]]:
    problems: list[Problem] = []
    row = Row(document, "", problems)
    ingredients = row.rows("ingredients", read_ingredient)
    active = [code for code, on in row.rows("rules", _read_rule) if on]
    areas = row.rows("areas", read_area)
    rule_set = RuleSet(
        version=row.text("version"),
        title=row.text("title"),
        valid_from=row.day("valid_from"),
        text=text,
        hash=digest,
        active=frozenset(active),
        parameters={each.key: each for each in row.rows("parameters", _read_parameter)},
        ingredients={each.code: each for each in ingredients},
        aliases={alias: each.code for each in ingredients for alias in each.aliases},
        pairs=tuple(row.rows("pairs", read_pair)),
        areas={each.code: each for each in areas},
        techniques={each.code: each for each in row.rows("techniques", read_technique)},
        wash_outs={each.code: each for each in row.rows("wash_outs", read_wash_out)},
        diagnoses=tuple(row.rows("diagnoses", read_diagnosis)),
        effects={each.code: each for each in row.rows("effects", read_effect)},
        escalations=tuple(row.rows("escalations", read_escalation)),
        clocks={each.code: each for each in row.rows("clocks", read_clock)},
        contraindications=tuple(row.rows("contraindications", read_contraindication)),
    )
    row.rows("loosened", _read_reason, required=False)  # why, for people: no rule compares it
    row.finish()
    if not problems:
        problems.extend(cross_check(rule_set, json_rows=document, rules=all_rules()))
    return rule_set, problems


def _read_rule(row: Row) -> tuple[str, bool]:
    return row.text("code"), row.flag("active", default=True)


def _read_reason(row: Row) -> tuple[str, str]:
    """Why a figure of a clinic's own version is looser than the one before."""
    return row.text("figure"), row.text("reason")


def _read_parameter(row: Row) -> Parameter:
    key = row.one_of("key", PARAMETER_UNITS)
    unit = PARAMETER_UNITS.get(key)
    scales = PARAMETER_SCALES if unit is None else {unit: PARAMETER_SCALES[unit]}
    figure, text, written = read_figure(row, scales)
    return Parameter(
        key, figure.value, text, written, figure.source, figure.evidence, figure.loosenable
    )


def read_ingredient(row: Row) -> Ingredient:
    """One ingredient row; figures must be in the ingredient's own amount unit."""
    unit = row.one_of("unit", DOSES)
    for told in ("usual_concentration", "usual_dose", "atc", "cas", "unii", "vehicle"):
        row.text(told, required=False)  # for people to read; no rule compares them
    words: dict[str, Any] = {key: row.words(key) for key in _WORD_LISTS}
    return Ingredient(
        code=row.text("code"),
        name=row.text("name"),
        category=row.text("category"),
        status=row.choice("status", Status, Status.RESTRICTED),
        unit=unit,
        role=row.choice("role", Role, Role.ACTIVE),
        composition_known=row.flag("composition_known", default=True),
        session_severity=row.choice("session_severity", Severity, Severity.BLOCK),
        source=row.text("source"),
        evidence=row.one_of("evidence", EVIDENCE),
        **_limits(row, unit),
        **words,
    )


_WORD_LISTS = (
    "aliases",
    "attributes",
    "allergy_classes",
    "vehicle_classes",
    "contra_block",
    "contra_override",
    "interactions",
    "allowed_areas",
    "denied_areas",
    "admix_allowed",
    "indications",
    "lab_interference",
)


def _limits(row: Row, unit: str) -> dict[str, Any]:
    """The figures of an ingredient, in its own unit where it has one."""
    amount = {unit: 6} if unit in DOSES else DOSES
    strength = {f"{unit}/mL": 3} if unit in DOSES else CONCENTRATIONS
    in_areas = row.rows(
        "area_concentrations", lambda each: _read_area_limit(each, strength), required=False
    )
    return {
        "max_concentration_milli": row.figure("max_concentration", strength),
        "ceiling_concentration_milli": row.figure("ceiling_concentration", strength),
        "area_concentrations": tuple(in_areas),
        "max_session_micro": row.figure("max_session", amount),
        "ceiling_session_micro": row.figure("ceiling_session", amount),
        "max_per_kg_micro": row.figure("max_per_kg", {f"{unit}/kg": 6}),
        "cumulative_max_micro": row.figure("cumulative_max", amount),
        "cumulative_window_days": row.figure("cumulative_window", DAYS),
        "min_interval_days": row.figure("min_interval", DAYS),
        "max_sessions": row.figure("max_sessions", {"sessions": 0}),
        "max_per_cm2_micro": row.figure("max_per_cm2", {f"{unit}/cm2": 6}),
        "max_point_ul": row.figure("max_point", {"mL": 3}),
        "solubility_milli": row.figure("solubility", strength),
        "donation_deferral_days": row.figure("donation_deferral", DAYS),
    }


def _read_area_limit(row: Row, strength: dict[str, int]) -> AreaLimit:
    limit = row.figure("limit", strength, required=True)
    return AreaLimit(row.text("area"), limit or Figure(0, "", "unsure"))
