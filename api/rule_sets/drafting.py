"""Drafts of rule sets: made from the latest published version, changed by who drafted them.

A draft is stored only as it could be published: a document with a fault is refused whole, with a
pointer to each fault, and nothing of it is kept.
"""

import json
from datetime import date
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import locked
from api.decisions import rule_set_documents as documents
from api.preconditions import check
from api.problems import FieldError, Forbidden, IllegalTransition, InvalidRequest, invalid
from api.rule_sets.schemas import RuleSetCreate, RuleSetPatch
from api.rule_sets.service import read_rule_set
from api.security import Caller
from models import RuleSet, RuleSetState

MOVES: dict[RuleSetState, list[str]] = {
    RuleSetState.DRAFT: ["publish"],
    RuleSetState.PUBLISHED: [],
    RuleSetState.SUPERSEDED: [],
}
_NOT_NULL = ("label", "valid_from", "reason")


async def draft(db: AsyncSession, caller: Caller, body: RuleSetCreate) -> RuleSet:
    """Make the next version, as a draft. Raises InvalidRequest with a pointer per fault."""
    latest = await latest_published(db, caller, for_update=True)
    base = json.loads(latest.document)
    document = _document(base, body) | {"version": body.label}
    document |= {"valid_from": body.valid_from.isoformat()}
    text = checked(caller, latest, document, body)
    row = RuleSet(
        clinic_id=caller.clinic_id,
        number=await _next_number(db, caller),
        label=body.label,
        valid_from=body.valid_from,
        document=text.document,
        content_hash=text.content_hash,
        based_on_id=latest.id,
        reason=body.reason,
        recorded_by=caller.actor_id,
    )
    db.add(row)
    audit.record(db, caller, "rule_set.drafted", row)
    await db.flush()
    return row


async def change(
    db: AsyncSession, caller: Caller, number: int, patch: RuleSetPatch, expected: int
) -> RuleSet:
    """Change a draft. Forbidden to others than its drafter: whoever publishes it has no part."""
    row = await locked_rule_set(db, caller, number, expected)
    if row.state is not RuleSetState.DRAFT:
        raise IllegalTransition(row.state.value, MOVES[row.state])
    if row.recorded_by != caller.actor_id:
        raise Forbidden("the drafter", "Only who drafted it changes it; draft one of your own.")
    _refuse_nulls(patch)
    latest = await latest_published(db, caller)
    document = _document(json.loads(row.document), patch)
    document |= {"version": patch.label or row.label}
    document |= {"valid_from": (patch.valid_from or row.valid_from).isoformat()}
    text = checked(caller, latest, document, patch)
    row.document, row.content_hash = text.document, text.content_hash
    for name in patch.model_fields_set & set(_NOT_NULL):
        setattr(row, name, getattr(patch, name))
    audit.record(db, caller, "rule_set.changed", row)
    await db.flush()
    return row


def _refuse_nulls(patch: RuleSetPatch) -> None:
    nulls = [n for n in _NOT_NULL if n in patch.model_fields_set and getattr(patch, n) is None]
    if nulls:
        raise InvalidRequest(
            [FieldError(f"/{name}", "required", "This cannot be null.") for name in nulls]
        )


def _document(base: Any, body: RuleSetCreate | RuleSetPatch) -> dict[str, Any]:
    if body.document is not None and body.changes is not None:
        raise invalid("/document", "one_of", "Send changes or a document, not both.")
    if body.document is not None:
        return dict(body.document)
    merged: dict[str, Any] = documents.changed(base, body.changes or {})
    return merged


def checked(
    caller: Caller, latest: RuleSet, document: Any, body: RuleSetCreate | RuleSetPatch
) -> documents.Text:
    """The text to store, with the reasons that are given; InvalidRequest where it has faults."""
    base = json.loads(latest.document)
    document = documents.with_reasons(document, base, body.loosened)
    changes = None if body.document is not None else body.changes or {}
    errors = documents.faults(document, base, changes)
    on = document.get("valid_from")
    errors += day_errors(caller, latest, body.valid_from) if body.valid_from else []
    if errors:
        raise InvalidRequest(errors)
    if not isinstance(on, str):
        raise RuntimeError("a document without a first day has no faults")
    return documents.text_of(document)


def day_errors(caller: Caller, latest: RuleSet, valid_from: date) -> list[FieldError]:
    """No version judges what lies behind, or comes to lie before the one that it follows."""
    if valid_from < caller.today:
        return [FieldError("/valid_from", "retroactive", "It judges from today or later.")]
    if valid_from < latest.valid_from:
        text = "The latest published version starts later; this one starts with it or after it."
        return [FieldError("/valid_from", "before_the_latest", text)]
    return []


async def latest_published(
    db: AsyncSession, caller: Caller, *, for_update: bool = False
) -> RuleSet:
    """The version that judges the last of all days. for_update: nobody else drafts or publishes."""
    mine = select(RuleSet).where(RuleSet.clinic_id == caller.clinic_id)
    if for_update:
        # Version 1 is always there. The latest one itself would be the wrong row to wait for:
        # whoever held it has made it the one before the latest.
        first = mine.where(RuleSet.number == 1).with_for_update(key_share=True)
        (await db.exec(first)).one()
    statement = (
        mine.where(RuleSet.state == RuleSetState.PUBLISHED)
        .order_by(col(RuleSet.valid_from).desc(), col(RuleSet.number).desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return (await db.exec(statement)).one()


async def locked_rule_set(db: AsyncSession, caller: Caller, number: int, expected: int) -> RuleSet:
    """A version as the caller has seen it, locked."""
    seen = await read_rule_set(db, caller, number)
    row = await locked(db, RuleSet, caller.clinic_id, seen.id)
    check(row, expected)
    return row


async def _next_number(db: AsyncSession, caller: Caller) -> int:
    highest = select(func.max(col(RuleSet.number))).where(RuleSet.clinic_id == caller.clinic_id)
    return ((await db.exec(highest)).one() or 0) + 1
