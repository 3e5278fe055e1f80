"""How the states of the tests' database are kept: as files, or as tables beside the real ones."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from tests.databases import BEGINNING, EVERYTHING

TABLES = tuple(table.name for table in SQLModel.metadata.sorted_tables)


class Files:
    """SQLite: a state is a file. `file` is the database that tests work on."""

    light = True

    def __init__(self, beginning: Path, file: Path) -> None:
        self.file = file
        self.engine: AsyncEngine | None = None
        self._kept = [beginning]

    async def restore(self, state: int, _standing: int | None, _touched: frozenset[str]) -> None:
        if self.engine is not None:
            await self.engine.dispose()
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self._kept[state], self.file)

    async def keep(self, _since: int, _touched: frozenset[str]) -> int:
        target = self.file.with_name(f"kept-{len(self._kept)}.sqlite3")
        with closing(sqlite3.connect(self.file)) as now, closing(sqlite3.connect(target)) as copy:
            now.backup(copy)
        self._kept.append(target)
        return len(self._kept) - 1

    def forget(self) -> None:
        """Remove what was kept: no test will go back to it."""
        for file in self._kept[1:]:
            file.unlink()


class Tables:
    """PostgreSQL: a state is a schema with a copy of each table that is not as in the beginning.

    What is put back was checked when it was written, so it goes in without triggers and without
    foreign keys; that is for superusers only.
    """

    light = False

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._differing: list[frozenset[str]] = []

    async def begin(self) -> None:
        """What is stored now is the beginning."""
        await self.keep(BEGINNING, frozenset(TABLES))
        self._differing = [frozenset()]

    async def restore(self, state: int, standing: int | None, touched: frozenset[str]) -> None:
        if EVERYTHING in touched:
            touched = frozenset(TABLES)
            await self._run([f"ALTER TABLE {table} ENABLE TRIGGER ALL" for table in TABLES])
        changed = set(touched)
        if standing is not None and standing != state:
            changed |= self._differing[standing] | self._differing[state]
        steps = ["SET LOCAL session_replication_role = replica", "SET LOCAL lock_timeout = '5s'"]
        for table in sorted(changed):
            kept = state if table in self._differing[state] else BEGINNING
            steps.append(f"DELETE FROM {table}")
            steps.append(f"INSERT INTO {table} SELECT * FROM kept_{kept}.{table}")
        await self._run(steps)

    async def keep(self, since: int, touched: frozenset[str]) -> int:
        number = len(self._differing)
        kept = touched | (self._differing[since] if self._differing else frozenset())
        if EVERYTHING in kept:
            kept = frozenset(TABLES)
        copies = [f"CREATE TABLE kept_{number}.{table} AS TABLE {table}" for table in sorted(kept)]
        await self._run([f"CREATE SCHEMA kept_{number}", *copies])
        self._differing.append(kept)
        return number

    async def _run(self, steps: list[str]) -> None:
        async with self._connection.transaction():
            await self._connection.execute(";".join(steps))
