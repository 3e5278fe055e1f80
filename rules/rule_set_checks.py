"""What must hold between the parts of a rule set: no contradictory bounds, no unknown codes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rules.ingredient import Figure, Ingredient
from rules.reading import Problem
from rules.registry import Rule
from rules.rule_set import RuleSet
from rules.units import PARAMETER_UNITS

KEYS = {
    "ingredients": "code",
    "parameters": "key",
    "rules": "code",
    "pairs": "id",
    "areas": "code",
    "techniques": "code",
    "wash_outs": "code",
    "diagnoses": "icd10",
    "effects": "code",
    "escalations": "trigger",
    "clocks": "code",
    "contraindications": "id",
}
_ORDERED_PARAMETERS = (
    ("mix.ph_warn_min", "mix.ph_pass_min"),
    ("mix.ph_pass_min", "mix.ph_pass_max"),
    ("mix.ph_pass_max", "mix.ph_warn_max"),
    ("vitals.systolic_min", "vitals.systolic_max"),
    ("vitals.pulse_min", "vitals.pulse_max"),
    ("effect.override_grade", "effect.block_grade"),
    ("emergency.observation", "emergency.first_observation"),
)


def cross_check(
    rule_set: RuleSet, *, json_rows: Mapping[str, Any], rules: Iterable[Rule]
) -> list[Problem]:
    """All contradictions of a rule set whose rows each read well by themselves."""
    return [
        *_repeated(json_rows),
        *_rules(json_rows, {rule.code for rule in rules}),
        *_parameters(rule_set),
        *(
            problem
            for place, row in enumerate(json_rows["ingredients"])
            for problem in _ingredient(rule_set, rule_set.ingredients[row["code"]], place)
        ),
        *_references(rule_set),
    ]


def _repeated(document: Mapping[str, Any]) -> Iterator[Problem]:
    for table, key in KEYS.items():
        counts = Counter(row[key] for row in document[table])
        for place, row in enumerate(document[table]):
            if counts[row[key]] > 1:
                yield Problem(f"/{table}/{place}/{key}", f"{row[key]} is there more than once")


def _rules(document: Mapping[str, Any], known: set[str]) -> Iterator[Problem]:
    named = {row["code"] for row in document["rules"]}
    for place, row in enumerate(document["rules"]):
        if row["code"] not in known:
            yield Problem(f"/rules/{place}/code", f"there is no rule {row['code']}")
    for code in sorted(known - named):
        yield Problem("/rules", f"says nothing about {code}")


def _parameters(rule_set: RuleSet) -> Iterator[Problem]:
    for key in PARAMETER_UNITS:
        if key not in rule_set.parameters:
            yield Problem("/parameters", f"{key} is missing")
    places = {key: place for place, key in enumerate(rule_set.parameters)}
    for low, high in _ORDERED_PARAMETERS:
        if low in places and high in places and rule_set.integer(low) > rule_set.integer(high):
            yield Problem(f"/parameters/{places[low]}/value", f"{low} is above {high}")


def _ingredient(rule_set: RuleSet, each: Ingredient, place: int) -> Iterator[Problem]:
    at = f"/ingredients/{place}"
    if (each.cumulative_max_micro is None) != (each.cumulative_window_days is None):
        yield Problem(at, "cumulative_max and cumulative_window go together")
    for low, high, key in (
        (each.max_concentration_milli, each.ceiling_concentration_milli, "ceiling_concentration"),
        (each.max_session_micro, each.ceiling_session_micro, "ceiling_session"),
        (each.max_session_micro, each.cumulative_max_micro, "cumulative_max"),
    ):
        if _above(low, high):
            yield Problem(f"{at}/{key}", "is below the maximum of a single session")
    yield from _ingredient_references(rule_set, each, at)


def _ingredient_references(rule_set: RuleSet, each: Ingredient, at: str) -> Iterator[Problem]:
    limited = tuple(limit.area for limit in each.area_concentrations)
    for area in (*each.allowed_areas, *each.denied_areas, *limited):
        if area not in rule_set.areas:
            yield Problem(at, f"there is no area {area}")
    for code in each.admix_allowed:
        if code not in rule_set.ingredients:
            yield Problem(f"{at}/admix_allowed", f"there is no ingredient {code}")
    for alias in each.aliases:
        if alias in rule_set.ingredients or rule_set.aliases[alias] != each.code:
            yield Problem(f"{at}/aliases", f"{alias} already stands for another ingredient")


def _above(low: Figure | None, high: Figure | None) -> bool:
    return low is not None and high is not None and low.value > high.value


def _references(rule_set: RuleSet) -> Iterator[Problem]:
    for place, pair in enumerate(rule_set.pairs):
        for word in (*pair.a, *pair.b, *pair.unless):
            if word[0] not in "*@#" and word not in rule_set.ingredients:
                yield Problem(f"/pairs/{place}", f"there is no ingredient {word}")
    for place, area in enumerate(rule_set.areas.values()):
        if area.parent is not None and area.parent not in rule_set.areas:
            yield Problem(f"/areas/{place}/parent", f"there is no area {area.parent}")
    for place, effect in enumerate(rule_set.effects.values()):
        low, high = effect.onset_from, effect.onset_to
        if low is not None and high is not None and low > high:
            yield Problem(f"/effects/{place}/onset_from", "is after onset_to")
    yield from _general_references(rule_set)


def _general_references(rule_set: RuleSet) -> Iterator[Problem]:
    for place, row in enumerate(rule_set.contraindications):
        for word in row.ingredients:
            if word[0] not in "*@" and word not in rule_set.ingredients:
                yield Problem(f"/contraindications/{place}/with", f"there is no ingredient {word}")
