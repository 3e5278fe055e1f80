"""Server processes to be talked to. Most tests share one, each with a clinic of its own; those that
kill or stop theirs, or take its locks away, have it to themselves (`server` is another there)."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from api.database import Database
from api.main import HANDLERS
from api.operations.runner import Runner
from tests.clinic import FakeClock, SeededClinic, bearer, seed
from tests.conftest import WORKER, settings_for
from tests.empty_database import execute, named
from tests.factories import made
from tests.races.crowd import CLIENTS, PEOPLE, Crowd
from tests.remembering import memory

ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 120


class Server:
    """`start` returns when the server answers; `kill` is kill -9 of all its processes.

    The product's own settings, but for what a test cannot wait for.
    """

    def __init__(
        self, database_url: str, log: Path, factory: str = "application", workers: int = 2
    ) -> None:
        self.factory = factory
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._workers = 1 if database_url.startswith("sqlite") else workers
        self._environment = os.environ | {
            "ANAGEN_DATABASE_URL": database_url,
            "ANAGEN_SECRET_KEY": "a-secret-for-tests-only",
            "ANAGEN_RATE_LIMIT": "off",
            "ANAGEN_DOCS_ENABLED": "false",
            "ANAGEN_OPERATION_LEASE_SECONDS": "2",
        }

    @property
    def pid(self) -> int:
        """Of the process that leads the others."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        command = [
            sys.executable, "-m", "uvicorn", "--factory", f"tests.races.served:{self.factory}",
            "--port", str(self.port), "--workers", str(self._workers), "--no-access-log",
            "--log-level", "warning", "--timeout-graceful-shutdown", "5",
        ]  # fmt: skip
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._answers():
            gone = self._process.poll() is not None or time.monotonic() > deadline
            assert not gone, self._log.read_text()[-2000:]
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/live", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End the processes of this server, and only those: they are a session of their own."""
        if self._process is not None:
            os.killpg(self._process.pid, how)
            self._process.wait(timeout=_PATIENCE_SECONDS)
            self._process = None


@pytest.fixture(scope="package")
def races_url(
    template: tuple[str, SeededClinic],
    postgres_server: str | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The database of those who share the server."""
    source, _ = template
    if postgres_server is None:
        file = tmp_path_factory.mktemp("races") / "anagen.sqlite3"
        shutil.copyfile(source.removeprefix("sqlite:///"), file)
        yield f"sqlite:///{file}"
        return
    name = f"races_{WORKER}"
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    clone = f"CREATE DATABASE {name} TEMPLATE template_{WORKER}"
    asyncio.run(execute(postgres_server, drop, clone))
    yield named(postgres_server, name)
    asyncio.run(execute(postgres_server, drop))


@pytest.fixture(scope="package")
def together(races_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One process on SQLite, four on PostgreSQL."""
    running = Server(races_url, tmp_path_factory.mktemp("races") / "server.log", workers=4)
    try:
        running.start()
        yield running
    finally:
        running.kill()


@pytest.fixture
def server(together: Server) -> Server:
    """The server that the test talks to."""
    return together


@pytest.fixture
def own_server(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> Iterator[Server]:
    """One for this test alone, on its own database, to do with as it likes; of another kind
    (`served`) where a test says so."""
    kind = getattr(request, "param", "application")
    running = Server(database_url, tmp_path / "server.log", kind)
    try:
        running.start()
        yield running
    finally:
        running.kill()


@pytest.fixture
def clinic(request: pytest.FixtureRequest, template: tuple[str, SeededClinic]) -> SeededClinic:
    """On the shared server a new one, where nobody else has booked anything."""
    if "together" not in request.fixturenames:
        return template[1]
    url = request.getfixturevalue("races_url")
    return asyncio.run(seed(settings_for(url), f"{uuid7()}.example.org"))


@pytest.fixture
def working_database(
    request: pytest.FixtureRequest, working_database: Database, clock: FakeClock
) -> Database:
    """The shared server's, where a test asks for both."""
    if "together" not in request.fixturenames:
        return working_database
    memory.database = None  # of another database
    return Database(settings_for(request.getfixturevalue("races_url")), clock)


@pytest.fixture
async def over_http(
    server: Server, clinic: SeededClinic
) -> AsyncIterator[Callable[[str], httpx.AsyncClient]]:
    """`as_role` over a real socket."""
    async with AsyncExitStack() as stack:
        clients: dict[str, httpx.AsyncClient] = {}

        def client(role: str) -> httpx.AsyncClient:
            return clients[role]

        for role, token in clinic.tokens.items():
            clients[role] = await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=server.url,
                    headers=bearer(token),
                    timeout=60,
                    limits=httpx.Limits(max_connections=40),
                )
            )
        yield client


@pytest.fixture
async def crowd(
    over_http: Callable[[str], httpx.AsyncClient], server: Server, clinic: SeededClinic
) -> AsyncIterator[Crowd]:
    """Four people, three rooms, and as many connections as there are clients."""
    room = await made(over_http("owner"), "/v1/rooms", {"name": "Room 3"})
    people = [str(clinic.staff[name]) for name in PEOPLE]
    async with httpx.AsyncClient(
        base_url=server.url, headers=bearer(clinic.tokens["receptionist"]), timeout=120,
        limits=httpx.Limits(max_connections=CLIENTS),
    ) as client:  # fmt: skip
        yield Crowd(client, people, [*(str(each) for each in clinic.room_ids), room["id"]])


@pytest.fixture
def run_operations(app: FastAPI) -> Callable[[], Awaitable[int]]:
    """Carry out what was asked for, in this process."""
    return Runner(app.state.database, HANDLERS).run_waiting
