"""What carries out an operation: steps that are stored together with how far they came.

A handler is told where to begin and does its work in steps. Each step is one transaction; what it
writes and the progress it reports are committed together, so that a process killed at any
instant leaves whole steps behind, and the next one goes on after the last of them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from api.database import Database
from api.operations import leasing
from api.operations.leasing import Lease, Progress, written
from api.security import Caller, system_caller
from models import Clinic, OperationItem


class Step:
    """One step under way: the transaction it writes in, and what it adds."""

    def __init__(self, db: AsyncSession, progress: Progress) -> None:
        self.db = db
        self.progress = progress

    def came_to(self, done: int, total: int | None, checkpoint: Mapping[str, Any]) -> None:
        """How far the operation is once this step is committed. checkpoint: plain JSON."""
        self.progress = Progress(done, total, dict(checkpoint))


class Work:
    """One claimed operation, as its handler sees it."""

    def __init__(self, database: Database, lease: Lease) -> None:
        self.database = database
        self.lease = lease
        self.progress = lease.progress

    @property
    def args(self) -> dict[str, Any]:
        """What was asked for, as the kind of the operation defines it."""
        return self.lease.args

    @asynccontextmanager
    async def step(self) -> AsyncIterator[Step]:
        """One transaction of the work; raises LeaseLost or CancelAsked instead of committing."""
        async with self.database.writing() as db:
            step = Step(db, self.progress)
            yield step
            await leasing.advance(db, self.lease, step.progress)
        self.progress = step.progress

    async def caller(self, db: AsyncSession) -> Caller:
        """The product itself, at work for the clinic."""
        clinic = await db.get_one(Clinic, self.lease.clinic_id)
        return system_caller(clinic, db.info["now"])

    def item(self, position: int, topic: str, kind: str, subject_id: Any, data: Any) -> Any:
        """The values of one line of the result; see OperationItem."""
        return {
            "clinic_id": self.lease.clinic_id,
            "id": uuid7(),
            "operation_id": self.lease.operation_id,
            "position": position,
            "topic": topic,
            "kind": kind,
            "subject_id": subject_id,
            "data": written(data),
        }


async def add_items(step: Step, items: list[Any]) -> None:
    """Store lines of the result in one statement."""
    now = step.db.info["now"]
    if items:
        rows = [item | {"version": 1, "created_at": now, "updated_at": now} for item in items]
        await step.db.execute(OperationItem.__table__.insert(), rows)  # type: ignore[attr-defined]


Handler = Callable[[Work], Awaitable[dict[str, Any]]]
"""Carries out one kind of operation and returns its result, plain JSON."""

Handlers = Mapping[str, Handler]
