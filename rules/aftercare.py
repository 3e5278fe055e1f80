"""What to tell a patient after a session: by time, with red flags and the usual course."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rules.rule_set import RuleSet
from rules.tables import Effect


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice. from_hours, to_hours: after the session; to_hours None: no end."""

    when: str
    from_hours: int
    to_hours: int | None
    text: str
    source: str
    evidence: str


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A sign that must be reported the same day."""

    text: str
    source: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Aftercare:
    """The advice in order of time, the red flags, and the effects that are usual here.

    usual: catalogue entries with their windows, shedding included where hair was treated.
    """

    advice: tuple[Advice, ...]
    red_flags: tuple[RedFlag, ...]
    usual: tuple[Effect, ...]


def aftercare(ingredient_codes: Iterable[str], areas: Iterable[str], figures: RuleSet) -> Aftercare:
    """What belongs to a session with these ingredients in these areas, in any order."""
    codes = {figures.aliases.get(code, code) for code in ingredient_codes}
    places = set(areas)
    places |= {row.parent for a in places if (row := figures.areas.get(a)) and row.parent}
    attributes = {
        attribute
        for code in codes
        if code in figures.ingredients
        for attribute in figures.ingredients[code].attributes
    }
    rows = [row for row in _rows() if _applies(row, codes, places, attributes)]
    advice = [
        Advice(
            row["when"],
            row["from_hours"],
            row["to_hours"],
            row["text"],
            row["source"],
            row["evidence"],
        )
        for row in rows
        if row["kind"] == "advice"
    ]
    flags = [row for row in rows if row["kind"] == "red_flag"]
    usual = [figures.effects.get(row["effect"]) for row in rows if row["kind"] == "course"]
    return Aftercare(
        tuple(sorted(advice, key=lambda each: (each.from_hours, each.to_hours or 10**6))),
        tuple(RedFlag(row["text"], row["source"], row["evidence"]) for row in flags),
        tuple(effect for effect in usual if effect is not None),
    )


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    text = files("rules").joinpath("reference", "aftercare.jsonl").read_text(encoding="utf-8")
    return tuple(json.loads(line) for line in text.splitlines())


def _applies(row: dict[str, Any], codes: set[str], places: set[str], attributes: set[str]) -> bool:
    """Whether the row is for everybody, or for one of these areas, ingredients, attributes."""
    named = row["ingredients"] or row["attributes"]
    if row["areas"] and places.isdisjoint(row["areas"]):
        return False
    if not named:
        return True
    return not codes.isdisjoint(row["ingredients"]) or not attributes.isdisjoint(row["attributes"])
