"""What a field's name means wherever it occurs: the words and the example of `vocabulary.jsonl`.

Names carry meaning here: `patient_id` is the same thing in forty schemas. What a schema says of
its own field comes first; `Schema.field` in the vocabulary comes before `field`.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("vocabulary.jsonl")
_PATH = {
    "record_id": ("Id of the entry.", "0195561c-7a40-7cc4-9d2f-3f1f5c1d2a10"),
    "name": ("Name of the kind of problem.", "refused-by-rules"),
    "code": ("Code of the rule.", "DOSE-CONC-MAX"),
}


@cache
def _words() -> dict[str, dict[str, Any]]:
    """Entry by `field` or `Schema.field`."""
    entries = map(json.loads, _FILE.read_text(encoding="utf-8").splitlines())
    return {entry["field"]: entry for entry in entries}


def describe(schemas: dict[str, Any]) -> None:
    """Give each field of each schema its meaning and its example, where it has none."""
    for schema_name, schema in schemas.items():
        for name, field in schema.get("properties", {}).items():
            words = _words().get(f"{schema_name}.{name}") or _words().get(name, {})
            _lift(field, field)
            if "description" in words:
                field.setdefault("description", words["description"])
            if "example" in words and not _telling(field):
                field["examples"] = [words["example"]]


def describe_parameters(parameters: list[dict[str, Any]]) -> None:
    """Say what a parameter's type says of itself, and what the ids in an address are."""
    for parameter in parameters:
        name = parameter["name"]
        _lift(parameter["schema"], parameter)
        if parameter["in"] != "path" or parameter.get("description"):
            continue
        thing = re.sub("_id$", "", name).replace("_", " ")
        described = _PATH.get(name, (f"Id of the {thing}.", _PATH["record_id"][1]))
        parameter["description"], example = described
        parameter["schema"].setdefault("examples", [example])


def _lift(schema: dict[str, Any], target: dict[str, Any]) -> None:
    """What is said of a value that may be null is said of the field."""
    said = [kind["description"] for kind in schema.get("anyOf", ()) if "description" in kind]
    if said:
        target.setdefault("description", said[0])


def _telling(field: dict[str, Any]) -> bool:
    """True where the schema says itself what a value looks like: an example, a list of values,
    or a type that leaves no doubt."""
    kinds = [field, *field.get("anyOf", ())]
    return any(
        kind.get("examples")
        or kind.keys() & {"$ref", "const", "enum"}
        or kind.get("format") in {"uuid", "date", "date-time"}
        or kind.get("type") == "boolean"
        or kind.get("default") not in (None, [])
        or (kind.get("type") == "array" and _telling(kind.get("items", {})))
        for kind in kinds
    )
