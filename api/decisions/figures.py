"""The rule set that judges a day: one small query, and the parsed figures kept in memory."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.security import Caller
from models import RuleSet as RuleSetRow
from models import RuleSetState
from rules.reference_data import reference_rule_set
from rules.rule_set import RuleSet
from rules.rule_set_reader import rule_set_from_json, rule_set_to_json

_KEPT = 32
_parsed: dict[tuple[UUID, str], RuleSet] = {}


@dataclass(frozen=True, slots=True)
class RuleSetInForce:
    """A stored version with its figures; `number` counts the clinic's versions from 1."""

    id: UUID
    number: int
    label: str
    state: RuleSetState
    valid_from: date
    content_hash: str
    figures: RuleSet


Turns = tuple[tuple[date, RuleSetInForce], ...]
"""Rule sets in the order in which they come into force, each with the first day it judges."""

_HEAD = select(
    col(RuleSetRow.id),
    col(RuleSetRow.number),
    col(RuleSetRow.label),
    col(RuleSetRow.state),
    col(RuleSetRow.valid_from),
    col(RuleSetRow.content_hash),
)
_PUBLISHED = (RuleSetState.PUBLISHED, RuleSetState.SUPERSEDED)


async def in_force(db: AsyncSession, clinic_id: UUID, on: date) -> RuleSetInForce:
    """The clinic's rule set that judges `on`: the latest published one valid from it or before.

    A day before the first version is judged by the first: an old session entered today must not
    go unjudged. Raises RuntimeError for a clinic without any, which founding rules out.
    """
    valid_from, number = col(RuleSetRow.valid_from), col(RuleSetRow.number)
    published = _HEAD.where(
        col(RuleSetRow.clinic_id) == clinic_id, col(RuleSetRow.state).in_(_PUBLISHED)
    ).limit(1)
    started = published.where(valid_from <= on).order_by(valid_from.desc(), number.desc())
    head = (await db.execute(started)).first()
    if head is None:
        head = (await db.execute(published.order_by(valid_from, number.desc()))).first()
    if head is None:
        raise RuntimeError("the clinic has no published rule set")
    return await _with_figures(db, clinic_id, head)


async def in_force_between(db: AsyncSession, clinic_id: UUID, first: date, last: date) -> Turns:
    """The rule sets that judge these days, first and last included.

    The first one is in force on `first`, and judges every day before it as well.
    """
    valid_from = col(RuleSetRow.valid_from)
    turns = (
        select(valid_from)
        .distinct()
        .where(
            col(RuleSetRow.clinic_id) == clinic_id,
            col(RuleSetRow.state).in_(_PUBLISHED),
            valid_from > first,
            valid_from <= last,
        )
        .order_by(valid_from)
    )
    days = (await db.execute(turns)).scalars().all()
    opening = (date.min, await in_force(db, clinic_id, first))
    return (opening, *[(day, await in_force(db, clinic_id, day)) for day in days])


def judging(turns: Turns, day: date) -> RuleSetInForce:
    """The one among them that judges that day."""
    return next(each for since, each in reversed(turns) if since <= day)


async def version(db: AsyncSession, clinic_id: UUID, rule_set_id: UUID) -> RuleSetInForce:
    """One stored version with its figures; the id comes from a row of this clinic."""
    statement = _HEAD.where(
        col(RuleSetRow.clinic_id) == clinic_id, col(RuleSetRow.id) == rule_set_id
    )
    return await _with_figures(db, clinic_id, (await db.execute(statement)).one())


async def _with_figures(db: AsyncSession, clinic_id: UUID, head: Any) -> RuleSetInForce:
    figures = _parsed.get((clinic_id, head.content_hash))
    if figures is None:
        figures = await _parse(db, clinic_id, head.id, head.content_hash)
    return RuleSetInForce(
        id=head.id,
        number=head.number,
        label=head.label,
        state=head.state,
        valid_from=head.valid_from,
        content_hash=head.content_hash,
        figures=figures,
    )


async def _parse(
    db: AsyncSession, clinic_id: UUID, rule_set_id: UUID, content_hash: str
) -> RuleSet:
    statement = select(col(RuleSetRow.document)).where(
        col(RuleSetRow.clinic_id) == clinic_id, col(RuleSetRow.id) == rule_set_id
    )
    document = (await db.execute(statement)).scalar_one()
    if hashlib.sha256(document.encode()).hexdigest() != content_hash:
        raise RuntimeError("a stored rule set is not what was published")
    figures = rule_set_from_json(document)
    while len(_parsed) >= _KEPT:
        _parsed.pop(next(iter(_parsed)))  # the one that was read first
    _parsed[(clinic_id, content_hash)] = figures
    return figures


async def seed_reference(db: AsyncSession, caller: Caller) -> RuleSetRow:
    """Publish the reference figures as the clinic's version 1."""
    reference = reference_rule_set()
    row = RuleSetRow(
        clinic_id=caller.clinic_id,
        number=1,
        label=reference.version,
        state=RuleSetState.PUBLISHED,
        valid_from=reference.valid_from,
        document=rule_set_to_json(reference),
        content_hash=reference.hash,
        reason="Reference figures, to be confirmed by the medical director.",
        published_at=caller.now,
    )
    db.add(row)
    audit.record(db, caller, "rule_set.published", row)
    await db.flush()
    return row
