"""Putting things onto the worklist, and taking them off it."""

import json
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession as PlainSession
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.security import Caller
from models import WorklistEnd, WorklistItem

Figures = frozenset[tuple[str, ...]]
"""What findings were found at: code, measured, limit and unit; or code and words."""


def figures_text(figures: Figures) -> str:
    """As it is kept, in a fixed order."""
    return json.dumps(sorted(list(each) for each in figures), ensure_ascii=False)


def read_figures(text: str) -> Figures:
    """As it was kept."""
    return frozenset(tuple(each) for each in json.loads(text))


async def add_item(db: AsyncSession, item: WorklistItem) -> bool:
    """Put it on the list; False where the session is on it already.

    Another transaction may be about to list the same session: the first one does.
    """
    plain: PlainSession = db
    if plain.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    now: datetime = db.info["now"]
    item.created_at = item.updated_at = now
    values = item.model_dump(include=set(WorklistItem.model_fields))
    added = await plain.execute(insert(WorklistItem).values(**values).on_conflict_do_nothing())
    return bool(added.rowcount)  # type: ignore[attr-defined]


def close_item(db: AsyncSession, caller: Caller, item: WorklistItem, because: WorklistEnd) -> None:
    """Take it off the list; it stays readable."""
    item.closed_at, item.closed_because = caller.now, because
    audit.record(db, caller, "worklist_item.closed", item, reason=because.value)
