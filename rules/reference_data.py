"""The reference data that ships with the product, read once from `rules/reference/`."""

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rules.catalogue import all_rules
from rules.protocol import IngredientException, Phase, Protocol
from rules.rule_set import RuleSet
from rules.rule_set_reader import rule_set_from_document

TABLES = (
    "ingredients",
    "pairs",
    "areas",
    "techniques",
    "wash_outs",
    "diagnoses",
    "effects",
    "escalations",
    "clocks",
    "contraindications",
)


@dataclass(frozen=True, slots=True)
class ReferenceProtocol:
    """A published session protocol with where it comes from.

    reassess: the points at which the outcome is reviewed, in words.
    """

    protocol: Protocol
    name: str
    reassess: tuple[str, ...]
    note: str
    source: str
    evidence: str


def reference_text(name: str) -> str:
    """The text of one packaged reference file."""
    return files("rules").joinpath("reference", name).read_text(encoding="utf-8")


def reference_rows(name: str) -> list[dict[str, Any]]:
    """The rows of one packaged JSON Lines file, in its order."""
    return [json.loads(line) for line in reference_text(f"{name}.jsonl").splitlines()]


def reference_document() -> dict[str, Any]:
    """The reference rule set as a document, which a clinic may copy, change and publish."""
    head = tomllib.loads(reference_text("rule_set.toml"))
    asleep = set(head["inactive"])
    return {
        "version": head["version"],
        "title": head["title"],
        "valid_from": head["valid_from"].isoformat(),
        "rules": [{"code": r.code, "active": r.code not in asleep} for r in all_rules()],
        "parameters": [{"key": key, **figure} for key, figure in head["parameters"].items()],
        **{table: reference_rows(table) for table in TABLES},
    }


@cache
def reference_rule_set() -> RuleSet:
    """The reference rule set, the one each clinic starts with."""
    return rule_set_from_document(reference_document())


@cache
def reference_protocols() -> tuple[ReferenceProtocol, ...]:
    """The protocols that ship with the product, in the order of the clinical reference."""
    return tuple(_protocol(row) for row in reference_rows("protocols"))


def _protocol(row: dict[str, Any]) -> ReferenceProtocol:
    maintenance = row["maintenance"]
    return ReferenceProtocol(
        protocol=Protocol(
            code=row["code"],
            phases=tuple(Phase(*phase) for phase in row["phases"]),
            maintenance=Phase("maintenance", None, *maintenance) if maintenance else None,
            exceptions=tuple(
                IngredientException(code, days) for code, days in row["exceptions"].items()
            ),
        ),
        name=row["name"],
        reassess=tuple(row["reassess"]),
        note=row["note"],
        source=row["source"],
        evidence=row["evidence"],
    )
