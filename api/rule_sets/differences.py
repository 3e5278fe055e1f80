"""What one version says differently from another, in words and as data."""

import json
from collections import Counter
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.decisions import rule_set_documents as documents
from api.rule_sets.schemas import FigureChange, RuleSetDiff
from api.rule_sets.service import read_rule_set
from api.security import Caller
from models import RuleSet

REFERENCE = 0
"""Stands for the reference that this release ships with."""


async def diff(db: AsyncSession, caller: Caller, number: int, against: int | None) -> RuleSetDiff:
    """What the version changes. against: REFERENCE, a number, or None for its base."""
    row = await read_rule_set(db, caller, number)
    if against is None:
        against = REFERENCE
        if row.based_on_id is not None:
            against = (await found(db, RuleSet, caller.clinic_id, row.based_on_id)).number
    before = documents.reference_document()
    if against != REFERENCE:
        before = json.loads((await read_rule_set(db, caller, against)).document)
    return _answer(number, against, before, json.loads(row.document))


def _answer(number: int, against: int, before: Any, after: Any) -> RuleSetDiff:
    changes = documents.difference(before, after)
    counts = Counter(each.direction.value for each in changes)
    reasons = documents.reasons(after)
    return RuleSetDiff(
        number=number,
        against=against,
        tighter=counts["tighter"],
        looser=counts["looser"],
        reworded=counts["reworded"],
        changes=[
            FigureChange(
                figure=each.figure,
                pointer=each.pointer,
                title=each.title,
                before=each.before,
                after=each.after,
                direction=each.direction.value,
                may_loosen=each.may_loosen,
                source=each.source,
                reason=reasons.get(each.figure),
                words=each.words,
            )
            for each in changes
        ],
    )
