"""Databases and signed-in clients. The schema is migrated once per process, and a clinic founded
in it once; every test finds just that. A test of the application works on the one database of the
process, put back before each; whoever asks for `database_url` gets a database of their own."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from api.database import Database
from api.feeds.streams import Streams
from api.main import create_app
from api.settings import Settings
from models.migrate import upgrade
from tests.clinic import FakeClock, SeededClinic, bearer, seed
from tests.databases import SharedDatabase
from tests.empty_database import execute, named
from tests.remembering import memory
from tests.stores import Files, Tables

pytest_plugins = ["tests.sharing", "tests.postgres", "tests.contracts.world"]

# httpx looks for it on the path at each request to an application; it is found missing once.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def settings_for(url: str, **changes: Any) -> Settings:
    """Settings of a test: cheap password hashes, no limits, nothing read from the environment."""
    values: dict[str, Any] = {
        "database_url": url, "secret_key": "a-secret-for-tests-only", "rate_limit": "off",
        "argon2_time_cost": 1, "argon2_memory_kib": 64, "database_pool_size": 5,
    }  # fmt: skip
    return Settings(_env_file=None, **values | changes)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """One kind of event loop, so that what belongs to a loop can last as long as the process."""
    return "asyncio"


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
        asyncio.run(execute(postgres_server, drop, f"CREATE DATABASE {name}"))
        url = named(postgres_server, name)
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
    asyncio.run(execute(postgres_server, drop, clone))
    yield named(postgres_server, name)
    asyncio.run(execute(postgres_server, drop))


@pytest.fixture
def clock() -> FakeClock:
    """The clock of the application; tests set and advance it."""
    return FakeClock()


@cache
def wired_once() -> FastAPI:
    """The application of this process; wiring and describing it take longer than most tests."""
    return create_app(settings_for("sqlite:///replaced-for-each-test"))


@pytest.fixture(scope="session")
def wired() -> FastAPI:
    """The application, with whatever database the last test gave it."""
    return wired_once()


@pytest.fixture(scope="session")
async def shared_database(
    template: tuple[str, SeededClinic],
    postgres_server: str | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[SharedDatabase]:
    """The one database of this process, and its event loop, which lasts as long."""
    source, _ = template
    if postgres_server is None:
        files = Files(
            Path(source.removeprefix("sqlite:///")),
            tmp_path_factory.mktemp("shared") / "anagen.sqlite3",
        )
        database = SharedDatabase(settings_for(f"sqlite:///{files.file}"), files)
        files.engine = database.engine
        yield database
        await database.dispose()
        files.forget()
        return
    name = f"shared_{WORKER}"
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    await execute(postgres_server, drop, f"CREATE DATABASE {name} TEMPLATE template_{WORKER}")
    url = named(postgres_server, name)
    connection = await asyncpg.connect(url)
    tables = Tables(connection)
    await tables.begin()
    database = SharedDatabase(settings_for(url), tables)
    yield database
    await database.dispose()
    await connection.close()
    await execute(postgres_server, drop)


@pytest.fixture
def working_database(
    request: pytest.FixtureRequest, clock: FakeClock, postgres_server: str | None
) -> Iterator[Database]:
    """The database that the application works on: the test's own, if it asks for one.

    postgres_server: named here so that every test that asks for this runs on both databases.
    """
    if "database_url" in request.fixturenames:
        yield Database(settings_for(request.getfixturevalue("database_url")), clock)
        return
    shared: SharedDatabase = request.getfixturevalue("shared_database")
    shared.begin(clock)
    memory.database, memory.clock = shared, clock
    yield shared
    memory.database = None


@pytest.fixture
async def app(wired: FastAPI, working_database: Database) -> AsyncIterator[FastAPI]:
    """The whole application on this test's database."""
    url = working_database.engine.url.render_as_string(hide_password=False)
    wired.state.settings = settings_for(url.replace("+aiosqlite", "").replace("+asyncpg", ""))
    wired.state.database, wired.state.request_limiter = working_database, None
    wired.state.streams = Streams(working_database, wired.state.settings.event_streams)
    yield wired
    wired.state.streams.close()
    await wired.state.streams.ended()
    if not isinstance(working_database, SharedDatabase):
        await working_database.dispose()


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
    clients: dict[str, httpx.AsyncClient] = {}

    def signed_in(name: str) -> httpx.AsyncClient:
        if name not in clients:
            clients[name] = _client(app, headers=bearer(clinic.tokens[name]))
        return clients[name]

    yield signed_in
    for client in clients.values():
        await client.aclose()


def _client(app: FastAPI, **options: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://anagen.test", **options)
