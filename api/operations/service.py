"""Asking for long work, watching it, and cancelling it."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import Database, found, locked
from api.operations.leasing import written
from api.operations.schemas import OperationQuery, OperationRead
from api.paging import Order, Page, Pager
from api.preconditions import check, tag
from api.problems import Forbidden, IllegalTransition
from api.security import Caller
from models import Operation, OperationStatus

ENDED = frozenset({OperationStatus.SUCCEEDED, OperationStatus.FAILED, OperationStatus.CANCELLED})
LONGEST_WAIT = timedelta(seconds=20)
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*(\d{1,4})(?:$|[,;\s])")
_LOOK_SECONDS = 0.25
_MANAGE = "clinic:manage"


async def ask(
    db: AsyncSession,
    caller: Caller,
    kind: str,
    scope: str,
    args: dict[str, Any],
    *,
    cancellable: bool = True,
) -> Operation:
    """Ask for work in this transaction: it is carried out if, and only if, this commits.

    kind: names the handler. scope: what a caller needs to see it. args: plain JSON.
    """
    row = Operation(
        clinic_id=caller.clinic_id,
        kind=kind,
        scope=scope,
        args=written(args) or "{}",
        cancellable=cancellable,
        requested_by_kind=caller.actor_kind,
        requested_by=caller.actor_id,
    )
    db.add(row)
    audit.record(db, caller, "operation.requested", row, reason=kind)
    await db.flush()
    return row


def accepted(response: Response, row: Operation) -> OperationRead:
    """The answer to a request that was accepted: where to look, and how soon."""
    response.status_code = 202
    tag(response, row, f"/v1/operations/{row.id}")
    response.headers["Retry-After"] = "1"
    return OperationRead.of(row)


async def list_operations(
    db: AsyncSession, caller: Caller, request: Request, query: OperationQuery
) -> tuple[Page[OperationRead], Pager]:
    """Those that the caller may see, newest first."""
    statement = select(Operation).where(
        Operation.clinic_id == caller.clinic_id, col(Operation.scope).in_(sorted(caller.scopes))
    )
    if query.kind is not None:
        statement = statement.where(Operation.kind == query.kind)
    if query.status is not None:
        statement = statement.where(Operation.status == query.status)
    pager = Pager(request, query, caller.clinic_id)
    rows, cursor, total = await pager.rows(db, statement, Order((Operation.id,), descending=True))
    items = [OperationRead.of(row) for row in rows]
    return Page[OperationRead](items=items, next_cursor=cursor, total=total), pager


async def read(db: AsyncSession, caller: Caller, operation_id: UUID) -> Operation:
    """One operation. Forbidden without the scope that its kind needs."""
    row = await found(db, Operation, caller.clinic_id, operation_id)
    caller.require(row.scope)
    return row


async def cancel(db: AsyncSession, caller: Caller, operation_id: UUID, expected: int) -> Operation:
    """Stop it: at once where nobody has begun, else at the end of the present step.

    Raises Forbidden for who neither asked for it nor manages the clinic, IllegalTransition where
    it has ended or must be done.
    """
    row = await locked(db, Operation, caller.clinic_id, operation_id)
    caller.require(row.scope)
    if row.requested_by != caller.actor_id and not caller.may(_MANAGE):
        raise Forbidden(_MANAGE, "Who asked for it may cancel it, or who manages the clinic.")
    check(row, expected)
    if row.status in ENDED or not row.cancellable:
        raise IllegalTransition(row.status.value, [])
    if row.cancel_requested_at is not None:
        return row
    row.cancel_requested_at = caller.now
    if row.status is OperationStatus.QUEUED:
        row.status, row.finished_at = OperationStatus.CANCELLED, caller.now
        audit.record(db, caller, "operation.cancelled", row)
    else:
        audit.record(db, caller, "operation.cancel_requested", row)
    await db.flush()
    return row


def wished_wait(prefer: str | None) -> timedelta | None:
    """How long `Prefer: wait=N` asks to wait, at most 20 seconds; None where it does not."""
    match = None if prefer is None else _WAIT.search(prefer)
    return None if match is None else min(timedelta(seconds=int(match.group(1))), LONGEST_WAIT)


async def until_ended(database: Database, row: Operation, patience: timedelta) -> Operation:
    """Look at it again and again until it has ended or patience has; holds no transaction."""
    for _ in range(int(patience.total_seconds() / _LOOK_SECONDS)):
        if row.status in ENDED:
            break
        await asyncio.sleep(_LOOK_SECONDS)
        async with database.reading() as db:
            row = await found(db, Operation, row.clinic_id, row.id)
    return row
