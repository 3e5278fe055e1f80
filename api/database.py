"""The engine, and one transaction per request: returning commits, raising rolls back.

Writers queue in this process, in order, before they take a connection: one at a time on SQLite,
which is one file in WAL mode (they begin IMMEDIATE, so that none fails with "database is locked";
other processes wait on the busy timeout), and on PostgreSQL as many as half the connections, so
that readers never wait for rows. PostgreSQL runs READ COMMITTED; services lock the rows they decide
on (`locked`), always patient, practitioner, room, in that order.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.ext.asyncio import AsyncSession as PlainAsyncSession
from sqlalchemy.orm import Session as PlainSession
from sqlalchemy.orm import UOWTransaction
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import Clock, utc_now
from api.engine import PATIENCE_SECONDS, open_engine
from api.problems import NotFound
from api.settings import Settings
from models.base import ClinicRecord, Record

Row = TypeVar("Row", bound=ClinicRecord)
BeforeCommit = Callable[[AsyncSession], Awaitable[None]]


class UnitOfWork(Session):
    """The synchronous session inside each `Transaction`; stamps rows as they are flushed."""

    # SQLModel steers towards `exec`, which cannot select columns: both are right here.
    execute = PlainSession.execute


class Transaction(AsyncSession):
    """The session that services call `db`."""

    execute = PlainAsyncSession.execute


class Database:
    """The engine of one event loop, with its way to read and its way to write."""

    def __init__(self, settings: Settings, clock: Clock = utc_now) -> None:
        self.clock = clock
        self.engine = open_engine(settings)
        self._writing = self.engine.execution_options(writing=True)
        self._places = asyncio.Semaphore(1 if settings.embedded else settings.database_pool_size)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A transaction that sees one state of the database and changes nothing."""
        async with _session(self.engine, self.clock) as db, db.begin():
            yield db

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits when its block returns and rolls back when it raises.

        Raises SQLAlchemy's TimeoutError where the queue of writers did not move for so long.
        """
        async with self._place(), _session(self._writing, self.clock) as db, db.begin():
            yield db
            await db.flush()  # whoever watches what is written has seen it all by now
            before_commit: list[BeforeCommit] = db.info.get("before_commit", [])
            for step in before_commit:
                await step(db)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """A writer's turn, in the order in which they came."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            raise PoolTimeoutError("too many writers before this one") from None
        try:
            yield
        finally:
            self._places.release()

    async def dispose(self) -> None:
        await self.engine.dispose()


def _session(engine: AsyncEngine, clock: Clock) -> AsyncSession:
    return Transaction(
        engine, sync_session_class=UnitOfWork, expire_on_commit=False, info={"now": clock()}
    )


@event.listens_for(UnitOfWork, "before_flush")
def _stamp(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """Count a row's version once per transaction, and date it with the transaction's instant."""
    now: datetime = session.info["now"]
    counted: set[int] = session.info.setdefault("counted", set())
    for row in session.new:
        if isinstance(row, Record):
            row.created_at = row.updated_at = now
            counted.add(id(row))
    for row in session.dirty:
        if isinstance(row, Record) and session.is_modified(row) and id(row) not in counted:
            row.version += 1
            row.updated_at = now
            counted.add(id(row))


def touch(row: Record, db: AsyncSession) -> None:
    """Count a new version of `row` because something that belongs to it changed."""
    counted: set[int] = db.info.setdefault("counted", set())
    if id(row) not in counted:
        row.version += 1
        row.updated_at = db.info["now"]
        counted.add(id(row))


async def found(db: AsyncSession, kind: type[Row], clinic_id: UUID, row_id: UUID) -> Row:
    """This clinic's row, or NotFound: unknown and another clinic's get the same answer."""
    row = await db.get(kind, (clinic_id, row_id))
    if row is None:
        raise NotFound
    return row


async def locked(db: AsyncSession, kind: type[Row], clinic_id: UUID, row_id: UUID) -> Row:
    """This clinic's row, freshly read and locked until the transaction ends, or NotFound.

    Nobody else can change it meanwhile, so it is held on to: `found` need not read it again.
    """
    row = await db.get(
        kind, (clinic_id, row_id), with_for_update={"key_share": True}, populate_existing=True
    )
    if row is None:
        raise NotFound
    db.info.setdefault("locked", []).append(row)
    return row


def violated(error: IntegrityError) -> str:
    """The name of the constraint, trigger or unique columns that refused, or ""."""
    cause = error.orig.__cause__ if error.orig else None
    name = getattr(cause, "constraint_name", None)
    if name:
        return str(name)
    origin = error.orig if isinstance(error.orig, sqlite3.Error) else cause
    return str(origin) if isinstance(origin, sqlite3.Error) else ""


def database_of(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def read_session(request: Request) -> AsyncIterator[AsyncSession]:
    """One request, one view of the data."""
    async with database_of(request).reading() as db:
        yield db


async def write_session(request: Request) -> AsyncIterator[AsyncSession]:
    """One request, one transaction, committed before the answer leaves."""
    async with database_of(request).writing() as db:
        request.state.db = db
        yield db


# scope="function" ends the transaction before the answer is sent; FastAPI's default ends it after,
# so that a failed commit would still have answered 201.
ReadDb = Annotated[AsyncSession, Depends(read_session, scope="function")]
WriteDb = Annotated[AsyncSession, Depends(write_session, scope="function")]
