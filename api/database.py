"""The engine, and one transaction per request: returning commits, raising rolls back.

SQLite is one file in WAL mode. A writer takes this process's write lock first and then begins
IMMEDIATE, so that writers queue here, in order, and never fail with "database is locked"; other
processes wait on the busy timeout. PostgreSQL runs READ COMMITTED; services lock the rows they
decide on (`locked`), always patient, practitioner, room, in that order.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.ext.asyncio import AsyncSession as PlainAsyncSession
from sqlalchemy.orm import Session as PlainSession
from sqlalchemy.orm import UOWTransaction
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import Clock, utc_now
from api.problems import NotFound
from api.settings import Settings
from models.base import ClinicRecord, Record
from models.urls import async_url

Row = TypeVar("Row", bound=ClinicRecord)
BeforeCommit = Callable[[AsyncSession], Awaitable[None]]

_SQLITE_PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000",
    "trusted_schema=OFF", "cell_size_check=ON", "secure_delete=ON", "temp_store=MEMORY",
)  # fmt: skip


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
        self.engine = _engine(settings)
        self._writing = self.engine.execution_options(writing=True)
        self._write_lock = asyncio.Lock() if settings.embedded else None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A transaction that sees one state of the database and changes nothing."""
        async with _session(self.engine, self.clock) as db, db.begin():
            yield db

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits when its block returns and rolls back when it raises."""
        lock: AbstractAsyncContextManager[Any] = self._write_lock or nullcontext()
        async with lock, _session(self._writing, self.clock) as db, db.begin():
            yield db
            await db.flush()  # whoever watches what is written has seen it all by now
            before_commit: list[BeforeCommit] = db.info.get("before_commit", [])
            for step in before_commit:
                await step(db)

    async def dispose(self) -> None:
        await self.engine.dispose()


def _session(engine: AsyncEngine, clock: Clock) -> AsyncSession:
    return Transaction(
        engine, sync_session_class=UnitOfWork, expire_on_commit=False, info={"now": clock()}
    )


def _engine(settings: Settings) -> AsyncEngine:
    url = async_url(settings.database_url)
    if not settings.embedded:
        return create_async_engine(
            url,
            pool_size=settings.database_pool_size,
            max_overflow=settings.database_pool_size,
            pool_timeout=5,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={
                "server_settings": {
                    "application_name": "anagen",
                    "statement_timeout": "10s",
                    "lock_timeout": "5s",
                    "idle_in_transaction_session_timeout": "30s",
                }
            },
        )
    engine = create_async_engine(url, hide_parameters=True, pool_size=8, max_overflow=16)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


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
    """This clinic's row, freshly read and locked until the transaction ends, or NotFound."""
    row = await db.get(
        kind, (clinic_id, row_id), with_for_update={"key_share": True}, populate_existing=True
    )
    if row is None:
        raise NotFound
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
