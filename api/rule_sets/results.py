"""The lines that testing a version has left."""

import json
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.paging import Order, Page, Pager
from api.problems import NotFound
from api.rule_sets.backtests import BACKTEST
from api.rule_sets.publishing import RECHECK
from api.rule_sets.testing_schemas import (
    BacktestQuery,
    BacktestSession,
    RecheckedSession,
    RecheckQuery,
)
from api.security import Caller
from models import Operation, OperationItem

Place = tuple[int, UUID]  # number of the version, id of the operation
_ORDER = Order((col(OperationItem.position),))


async def backtest_sessions(
    db: AsyncSession, caller: Caller, request: Request, place: Place, query: BacktestQuery
) -> tuple[Page[BacktestSession], Pager]:
    """In the order of the decisions; of one rule or one kind of change where asked."""
    statement = await _lines(db, caller, place, BACKTEST)
    if query.code is not None:
        statement = statement.where(OperationItem.topic == query.code)
    if query.change is not None:
        statement = statement.where(OperationItem.kind == query.change)
    pager = Pager(request, query, caller.clinic_id)
    rows, cursor, total = await pager.rows(db, statement, _ORDER)
    items = [BacktestSession.of(row) for row in rows]
    return Page[BacktestSession](items=items, next_cursor=cursor, total=total), pager


async def rechecked_sessions(
    db: AsyncSession, caller: Caller, request: Request, place: Place, query: RecheckQuery
) -> tuple[Page[RecheckedSession], Pager]:
    """In the order in which they were looked at."""
    statement = await _lines(db, caller, place, RECHECK)
    if query.outcome is not None:
        statement = statement.where(OperationItem.kind == query.outcome)
    pager = Pager(request, query, caller.clinic_id)
    rows, cursor, total = await pager.rows(db, statement, _ORDER)
    items = [RecheckedSession.of(row) for row in rows]
    return Page[RecheckedSession](items=items, next_cursor=cursor, total=total), pager


async def _lines(db: AsyncSession, caller: Caller, place: Place, kind: str) -> Any:
    """NotFound where the operation is of another kind, or about another version."""
    number, operation_id = place
    operation = await found(db, Operation, caller.clinic_id, operation_id)
    if operation.kind != kind or json.loads(operation.args)["rule_set_number"] != number:
        raise NotFound
    return select(OperationItem).where(
        OperationItem.clinic_id == caller.clinic_id, OperationItem.operation_id == operation_id
    )
