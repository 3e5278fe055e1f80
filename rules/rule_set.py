"""A rule set: every figure the rules read, dated, versioned, sourced, and found by its key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from rules.ingredient import Figure, Ingredient
from rules.tables import (
    Area,
    Contraindication,
    Diagnosis,
    Effect,
    Escalation,
    Pair,
    ReportingClock,
    Technique,
    WashOut,
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure that belongs to a rule, such as the days a consent is valid.

    value: an exact integer in the smallest unit in use; text and unit: as it is written.
    """

    key: str
    value: int
    text: str
    unit: str
    source: str
    evidence: str
    loosenable: bool


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """The figures in force from `valid_from` on.

    text: the canonical document it was read from; hash: SHA-256 of that text.
    active: codes of the rules that are asked. look_back_days: how far back given doses can
    matter to any rule; loading older ones changes nothing.
    """

    version: str
    title: str
    valid_from: date
    text: str
    hash: str
    active: frozenset[str]
    parameters: Mapping[str, Parameter]
    ingredients: Mapping[str, Ingredient]
    aliases: Mapping[str, str]
    pairs: tuple[Pair, ...]
    areas: Mapping[str, Area]
    techniques: Mapping[str, Technique]
    wash_outs: Mapping[str, WashOut]
    diagnoses: tuple[Diagnosis, ...]
    effects: Mapping[str, Effect]
    escalations: tuple[Escalation, ...]
    clocks: Mapping[str, ReportingClock]
    contraindications: tuple[Contraindication, ...]

    def integer(self, key: str) -> int:
        """The value of a parameter in the scale of its unit; KeyError where there is none."""
        return self.parameters[key].value

    @property
    def look_back_days(self) -> int:
        """The longest window or interval of any ingredient, in days."""
        return look_back_days(self.ingredients.values())


def look_back_days(ingredients: Iterable[Ingredient]) -> int:
    """The longest window or interval of these ingredients, in days; 0 for none."""
    figures: list[Figure | None] = []
    for each in ingredients:
        figures += [each.cumulative_window_days, each.min_interval_days]
    return max((figure.value for figure in figures if figure), default=0)


def in_force(rule_sets: Iterable[RuleSet], on: date) -> RuleSet | None:
    """The rule set that judges that day: the latest one valid from it or before.

    Of two valid from the same day, the one whose version sorts last. None before the first.
    """
    started = [each for each in rule_sets if each.valid_from <= on]
    return max(started, key=lambda each: (each.valid_from, each.version), default=None)
