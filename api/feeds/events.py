"""Reading a clinic's feed.

Numbers are given under the clinic's head row, at the end of the transaction, and that row stays
locked until the commit: whoever sees event n sees all before it, and nothing fills in later.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import Event


async def following(
    db: AsyncSession, clinic_id: UUID, number: int, types: Sequence[str], limit: int
) -> list[Event]:
    """Up to `limit` events behind the one with this number, in their order.

    types: "session.booked", or "session.*" for every type of the noun; empty for all.
    """
    statement = (
        select(Event)
        .where(Event.clinic_id == clinic_id, Event.seq > number)
        .order_by(col(Event.seq))
        .limit(limit)
    )
    if types:
        statement = statement.where(or_(*map(_matches, types)))
    return list((await db.exec(statement)).all())


def _matches(pattern: str) -> ColumnElement[bool]:
    if pattern.endswith(".*"):
        return col(Event.type).startswith(pattern.removesuffix("*"), autoescape=True)
    return col(Event.type) == pattern
