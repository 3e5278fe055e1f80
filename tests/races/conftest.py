"""A server process on this test's database, to be talked to, killed and started again."""

import os
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

from api.main import HANDLERS
from api.operations.runner import Runner
from tests.clinic import SeededClinic, bearer

ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 120


class Server:
    """`start` returns when the server answers; `kill` is kill -9 of all its processes."""

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
            "ANAGEN_DATABASE_POOL_SIZE": "5",
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


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    """One worker on SQLite, two on PostgreSQL."""
    running = Server(database_url, tmp_path / "server.log")
    running.start()
    yield running
    running.kill()


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
def run_operations(app: FastAPI) -> Callable[[], Awaitable[int]]:
    """Carry out what was asked for, in this process."""
    return Runner(app.state.database, HANDLERS).run_waiting
