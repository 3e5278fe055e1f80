"""Figures of ingredients: their names, units and stored form.

A rule set's document and a clinic's own ingredient hold figures in the same shape: by name, as
`{"value", "unit", "source", "evidence", "loosenable"}`, so that both are read alike.
"""

import json
from functools import lru_cache
from typing import Any

from models import Ingredient, IngredientUnit

# Decimal places that are kept, by figure.
_CONCENTRATIONS = ("max_concentration", "ceiling_concentration", "solubility")
_DOSES = ("max_session", "ceiling_session", "cumulative_max")
_DAYS = ("cumulative_window", "min_interval", "donation_deferral")
LIMIT_NAMES = (
    *_CONCENTRATIONS, *_DOSES, *_DAYS, "max_per_kg", "max_per_cm2", "max_sessions", "max_point",
)  # fmt: skip

# What a rule set says of an ingredient beside its figures, and the table does not keep.
_WORDS = (
    "attributes", "contra_block", "contra_override", "interactions", "allowed_areas",
    "denied_areas", "admix_allowed", "indications", "lab_interference",
)  # fmt: skip

Row = dict[str, Any]


def expected_unit(name: str, unit: IngredientUnit) -> str:
    """The one unit in which the figure `name` of an ingredient counted in `unit` is given."""
    if name in _CONCENTRATIONS:
        return f"{unit.value}/mL"
    if name in _DOSES:
        return unit.value
    if name in _DAYS:
        return "d"
    others = {
        "max_per_kg": f"{unit.value}/kg",
        "max_per_cm2": f"{unit.value}/cm2",
        "max_sessions": "sessions",
        "max_point": "mL",
    }
    return others[name]


def places(name: str) -> int:
    """How many decimal places of the figure `name` are kept."""
    if name in _CONCENTRATIONS or name == "max_point":
        return 3
    return 0 if name in _DAYS or name == "max_sessions" else 6


@lru_cache(maxsize=16)
def rows_by_code(document: str) -> dict[str, Row]:
    """The ingredient rows of a rule set's document, by code; read once per document."""
    return {row["code"]: row for row in json.loads(document)["ingredients"]}


def own_row(ingredient: Ingredient) -> Row:
    """What a clinic's own ingredient carries in `limits`, as a rule set would hold it."""
    row: Row = json.loads(ingredient.limits or "{}")
    return row


def stored(row: Row) -> str:
    """The canonical text of a row: keys sorted, no spaces."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def words_of(row: Row) -> dict[str, tuple[str, ...]]:
    """The lists of codes of a row; missing is none."""
    return {name: tuple(row.get(name, ())) for name in _WORDS}
