"""Where the demo is made: on SQLite a file beside the work, handed over whole or not at all.

A demo that was interrupted half way would be a clinic without sign-ins. So the embedded database
is filled in a file of its own, without waiting for the disk, and copied over in one transaction.
On PostgreSQL the demo is made in place.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiosqlite
from sqlalchemy import event
from sqlmodel import select

from api.database import Database
from api.settings import Settings
from models import Clinic


class NotEmpty(RuntimeError):
    """The database has a clinic in it already."""


async def is_empty(database: Database) -> bool:
    """True where no clinic has been founded."""
    async with database.reading() as db:
        return (await db.exec(select(Clinic.id).limit(1))).first() is None


@asynccontextmanager
async def workbench(database: Database, settings: Settings) -> AsyncIterator[Settings]:
    """Settings of the database to make the demo in; what is in it is `database`'s afterwards.

    Raises NotEmpty where `database` got a clinic in the meantime.
    """
    file = settings.database_file
    if file is None:
        yield settings
        return
    with TemporaryDirectory(prefix="anagen-demo-") as folder:
        draft = Path(folder) / file.name
        await asyncio.to_thread(_copy, file, draft)  # with its schema
        yield settings.model_copy(update={"database_url": f"sqlite:///{draft}"})
        if not await is_empty(database):
            raise NotEmpty
        await asyncio.to_thread(_copy, draft, file)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


class _Direct(aiosqlite.Connection):
    """Works in the caller's thread: nobody else waits, and changing threads costs most."""

    async def _execute(self, fn: Any, *args: Any, **options: Any) -> Any:
        return fn(*args, **options)


def hasten(database: Database) -> None:
    """Spare a database of ours alone what it does for the sake of others and of power cuts."""
    engine = database.engine.sync_engine
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, _args: Any, options: dict[str, Any]) -> None:
        options |= {"async_creator_fn": _direct, "check_same_thread": False}

    @event.listens_for(engine, "connect")
    def no_waiting(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.close()


def _direct(file: str, **options: Any) -> _Direct:
    connection = _Direct(lambda: sqlite3.connect(file, **options), iter_chunk_size=64)
    connection._thread.daemon = True
    return connection
