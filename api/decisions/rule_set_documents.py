"""Rule-set documents, as the versions of a clinic are made of them: checked, merged, compared."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.problems import FieldError
from rules.codec import canonical_json
from rules.reading import Problem
from rules.reference_data import reference_document
from rules.rule_set_checks import KEYS
from rules.rule_set_difference import Change, difference
from rules.rule_set_direction import Direction
from rules.rule_set_publication import loosened, objections, reasons

__all__ = [
    "Change", "Direction", "Text", "changed", "difference", "faults", "loosened", "reasons",
    "reference_document", "text_of", "with_reasons",
]  # fmt: skip

Json = Any
# What the rules say of a document names what is in it; an answer never repeats what was sent.
_TELLTALE = (
    (re.compile(r"^there is no (rule|ingredient|area) .*$", re.S), r"there is no such \1"),
    (re.compile(r"^.* is there more than once$", re.S), "is there more than once"),
    (re.compile(r"^.* (already stands for another .*)$", re.S), r"\1"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """The canonical text of a document and its SHA-256, hexadecimal."""

    document: str
    content_hash: str


def text_of(document: Json) -> Text:
    """What is stored of a document that has no faults."""
    text = canonical_json(document)
    return Text(text, hashlib.sha256(text.encode()).hexdigest())


def faults(document: Json, in_force: Json, changes: Mapping[str, Any] | None) -> list[FieldError]:
    """Why the document cannot be a version after `in_force`; empty when it can.

    Pointers lead into the request: to `/changes/table/row/field` where the document came of
    changes, else to `/document/table/place/field`; to `/loosened/…` for reasons.
    """
    return [
        FieldError(_pointer(problem, document, changes), "rule_set", _message(problem))
        for problem in objections(document, in_force, reference_document())
    ]


def _message(problem: Problem) -> str:
    message = problem.message
    for pattern, clean in _TELLTALE:
        message = pattern.sub(clean, message)
    return f"{message[:1].upper()}{message[1:]}."


def _pointer(problem: Problem, document: Json, changes: Mapping[str, Any] | None) -> str:
    if problem.pointer.startswith("/loosened/"):
        return problem.pointer
    if changes is None:
        return f"/document{problem.pointer}"
    _, table, *path = problem.pointer.split("/") if problem.pointer else ("", "")
    if table in KEYS and path and path[0].isdigit() and isinstance(document.get(table), list):
        row = document[table][int(path[0])]
        key = row.get(KEYS[table]) if isinstance(row, dict) else None
        if isinstance(key, str):
            path[0] = key.replace("~", "~0").replace("/", "~1")
    return "/".join(["/changes", *([table] if table else []), *path])


def changed(document: Json, changes: Mapping[str, Any]) -> Json:
    """The document with some figures changed: JSON merge patch, rows found by their key.

    changes: table → key of a row → what changes in it. Null takes a field, or a row, away; a row
    that was not there is added. Anything that is no such map is merged as it is, for `faults` to
    name.
    """
    result = json.loads(canonical_json(document))
    for table, rows in changes.items():
        if table in KEYS and isinstance(rows, Mapping) and isinstance(result.get(table), list):
            result[table] = _merged_rows(KEYS[table], result[table], rows)
        else:
            result[table] = rows
    return result


def _merged_rows(key: str, rows: list[Json], changes: Mapping[str, Any]) -> list[Json]:
    places = {row[key]: place for place, row in enumerate(rows)}
    merged: list[Json] = list(rows)
    for name, change in changes.items():
        if name not in places:
            merged.append({key: name, **change} if isinstance(change, Mapping) else change)
        elif change is None:
            merged[places[name]] = None
        else:
            merged[places[name]] = _merged(merged[places[name]], change)
    return [row for row in merged if row is not None]


def _merged(target: Json, change: Json) -> Json:
    """RFC 7396."""
    if not isinstance(change, Mapping):
        return change
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in change.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), value)
    return result


def with_reasons(document: Json, in_force: Json, given: Mapping[str, str | None]) -> Json:
    """The document with these reasons for what is loosened, beside those it has already.

    Reasons that it has for figures which are no longer loosened are left out; null takes one away.
    """
    try:
        loose = loosened(document, in_force, reference_document())
    except (KeyError, TypeError, ValueError, AttributeError):
        return document  # it does not read well, and `faults` says where
    kept = {figure: reason for figure, reason in reasons(document).items() if figure in loose}
    said = {figure: reason for figure, reason in (kept | dict(given)).items() if reason is not None}
    rows = [{"figure": figure, "reason": reason} for figure, reason in sorted(said.items())]
    rest = {name: part for name, part in document.items() if name != "loosened"}
    return rest | {"loosened": rows} if rows else rest
