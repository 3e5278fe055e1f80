"""Who works on an operation: claimed, kept alive, advanced and let go by single statements.

A lease belongs to one attempt of one process. Every statement names it, so a process that was
taken for dead and comes back can change nothing: its step is rolled back with its progress.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from models import Operation, OperationStatus

# Spelled out: SQLite uses a partial index only where its condition is there word for word.
_OPEN = text("status IN ('queued', 'running')")


def written(value: Any) -> str | None:
    """Canonical JSON of what an operation keeps; None stays None."""
    if value is None:
        return None
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class LeaseLost(Exception):
    """Another process has taken over, or the operation has ended: stop, and store nothing."""


class CancelAsked(Exception):
    """Somebody asked to stop; what was stored so far stays."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is, and where another process would go on."""

    done: int = 0
    total: int | None = None
    checkpoint: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """One claimed operation. attempt: counts the claims, this one included."""

    clinic_id: UUID
    operation_id: UUID
    owner: UUID
    kind: str
    args: dict[str, Any]
    progress: Progress
    attempt: int
    cancel_asked: bool


def _free(now: datetime) -> Any:
    status, until = col(Operation.status), col(Operation.lease_until)
    return or_(status == OperationStatus.QUEUED, until < now)


async def is_waiting(db: AsyncSession) -> bool:
    """Whether any clinic's operation waits for somebody; takes no lock."""
    statement = select(col(Operation.id)).where(_OPEN, _free(db.info["now"])).limit(1)
    return (await db.execute(statement)).first() is not None


async def claim(db: AsyncSession, length: timedelta) -> Lease | None:
    """Take the operation that has waited longest; None where all are taken or done."""
    now: datetime = db.info["now"]
    key = (col(Operation.clinic_id), col(Operation.id))
    longest = (
        select(*key)
        .where(_OPEN, _free(now))
        .order_by(col(Operation.created_at), col(Operation.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = (await db.execute(longest)).first()
    if taken is None:
        return None
    row = await db.get_one(Operation, tuple(taken), populate_existing=True)
    owner = uuid7()
    started, attempt = row.started_at or now, row.attempts + 1  # the update changes the row too
    await db.execute(
        update(Operation)
        .where(key[0] == row.clinic_id, key[1] == row.id)
        .values(
            status=OperationStatus.RUNNING,
            lease_owner=owner,
            lease_until=now + length,
            attempts=attempt,
            started_at=started,
        )
    )
    return Lease(
        clinic_id=row.clinic_id,
        operation_id=row.id,
        owner=owner,
        kind=row.kind,
        args=json.loads(row.args),
        progress=Progress(
            row.done, row.total, None if row.checkpoint is None else json.loads(row.checkpoint)
        ),
        attempt=attempt,
        cancel_asked=row.cancel_requested_at is not None,
    )


def _held(lease: Lease) -> Any:
    return update(Operation).where(
        col(Operation.clinic_id) == lease.clinic_id,
        col(Operation.id) == lease.operation_id,
        col(Operation.lease_owner) == lease.owner,
    )


async def keep(db: AsyncSession, lease: Lease, length: timedelta) -> None:
    """Say that the work goes on. Raises LeaseLost."""
    until = db.info["now"] + length
    if (await db.execute(_held(lease).values(lease_until=until))).rowcount == 0:  # type: ignore[attr-defined]
        raise LeaseLost


async def advance(db: AsyncSession, lease: Lease, progress: Progress) -> None:
    """Store how far it is, in the transaction of the step. Raises LeaseLost, CancelAsked."""
    statement = (
        _held(lease)
        .values(
            done=progress.done,
            total=progress.total,
            checkpoint=written(progress.checkpoint),
        )
        .returning(col(Operation.cancel_requested_at))
    )
    row = (await db.execute(statement)).first()
    if row is None:
        raise LeaseLost
    if row.cancel_requested_at is not None:
        raise CancelAsked


async def let_go(db: AsyncSession, lease: Lease) -> None:
    """Give it back unfinished, for another process to go on; this attempt does not count."""
    await db.execute(
        _held(lease).values(
            status=OperationStatus.QUEUED,
            lease_owner=None,
            lease_until=None,
            attempts=lease.attempt - 1,
        )
    )
