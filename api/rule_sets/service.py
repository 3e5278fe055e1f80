"""Reading the versions of a clinic's figures."""

from fastapi import Request
from sqlalchemy.orm import defer
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.paging import Order, Page, PageQuery, Pager
from api.problems import NotFound
from api.rule_sets.schemas import RuleSetSummary
from api.security import Caller
from models import RuleSet


async def list_rule_sets(
    db: AsyncSession, caller: Caller, request: Request, query: PageQuery
) -> tuple[Page[RuleSetSummary], Pager]:
    """The clinic's versions, newest number first, without their documents."""
    statement = (
        select(RuleSet)
        .where(RuleSet.clinic_id == caller.clinic_id)
        .options(defer(col(RuleSet.document)))  # type: ignore[arg-type]
    )
    pager = Pager(request, query, caller.clinic_id)
    rows, cursor, total = await pager.rows(db, statement, Order((RuleSet.number,), descending=True))
    items = [
        RuleSetSummary(**row.model_dump(include=set(RuleSetSummary.model_fields))) for row in rows
    ]
    return Page[RuleSetSummary](items=items, next_cursor=cursor, total=total), pager


async def read_rule_set(db: AsyncSession, caller: Caller, number: int) -> RuleSet:
    """One version by its number in the clinic, or NotFound."""
    statement = select(RuleSet).where(
        RuleSet.clinic_id == caller.clinic_id, RuleSet.number == number
    )
    row = (await db.exec(statement)).first()
    if row is None:
        raise NotFound
    return row
