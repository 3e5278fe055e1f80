"""Publication by a second person, and what it means for the sessions to come."""

import json
from datetime import UTC, datetime, time
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.decisions import rule_set_documents as documents
from api.operations import service as operations
from api.problems import FieldError, Forbidden, IllegalTransition, InvalidRequest, Problem
from api.rule_sets.drafting import MOVES, day_errors, latest_published, locked_rule_set
from api.rule_sets.schemas import RuleSetPublish
from api.scopes import Role
from api.security import Caller
from models import Operation, RuleSet, RuleSetState

RECHECK = "rule_set_recheck"


class Outdated(Problem):
    """The draft was made from a version that is no longer the latest."""

    name, status, title = "rule-set-outdated", 409, "Another version was published meanwhile"
    what_to_do = "Look at the diff against the latest version, and draft again from it."


async def publish(
    db: AsyncSession, caller: Caller, number: int, body: RuleSetPublish, expected: int
) -> tuple[RuleSet, Operation]:
    """Put a draft in force from its first day; the sessions to come are judged by it again.

    Raises Forbidden for the drafter and for machines, IllegalTransition, Outdated, InvalidRequest
    where its first day has passed or a loosened figure is not approved by name. Everything is
    checked again here: what was right when it was drafted may not be today.
    """
    person = caller.person()
    latest = await latest_published(db, caller, for_update=True)
    row = await locked_rule_set(db, caller, number, expected)
    if row.state is not RuleSetState.DRAFT:
        raise IllegalTransition(row.state.value, MOVES[row.state])
    if row.recorded_by == person:
        raise Forbidden(
            "another person", "Who drafted a version cannot publish it; ask a second person."
        )
    if row.based_on_id != latest.id:
        raise Outdated
    _check_content(caller, row, latest, body)
    row.state = RuleSetState.PUBLISHED
    row.published_by, row.published_at = person, caller.now
    latest.state = RuleSetState.SUPERSEDED
    latest.superseded_at = _start_of(caller, row)
    audit.record(db, caller, "rule_set.published", row, reason=row.reason)
    audit.record(db, caller, "rule_set.superseded", latest)
    args = {"rule_set_number": row.number, "valid_from": row.valid_from.isoformat()}
    operation = await operations.ask(db, caller, RECHECK, "rules:read", args, cancellable=False)
    return row, operation


def _check_content(caller: Caller, row: RuleSet, latest: RuleSet, body: RuleSetPublish) -> None:
    document, base = json.loads(row.document), json.loads(latest.document)
    errors = documents.faults(document, base, None) + day_errors(caller, latest, row.valid_from)
    errors += _unapproved(caller, document, base, body.approves_loosened)
    if errors:
        raise InvalidRequest(errors)


def _unapproved(
    caller: Caller, document: Any, base: Any, approved: tuple[str, ...]
) -> list[FieldError]:
    loose = documents.loosened(document, base, documents.reference_document())
    if loose and Role.MEDICAL_DIRECTOR not in caller.roles:
        raise Forbidden("medical_director", "Loosened figures need the medical director.")
    errors = [
        FieldError(
            "/approves_loosened", "not_approved", f"Approve what is looser by name: {figure}."
        )
        for figure in loose
        if figure not in approved
    ]
    errors += [
        FieldError(f"/approves_loosened/{place}", "not_loosened", "This is not looser than before.")
        for place, figure in enumerate(approved)
        if figure not in loose
    ]
    return errors


def _start_of(caller: Caller, row: RuleSet) -> datetime:
    """The first instant of its first local day."""
    return datetime.combine(row.valid_from, time(), caller.zone).astimezone(UTC)
