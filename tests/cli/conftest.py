"""`anagen` on an empty database: its commands, and its server as a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from api.cli.app import app
from tests.empty_database import empty_database

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Done:
    """A command that has ended: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Anagen:
    """The command line on one database; `running` is its server."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self._settings = {
            "ANAGEN_DATABASE_URL": url,
            "ANAGEN_ARGON2_TIME_COST": "1",
            "ANAGEN_ARGON2_MEMORY_KIB": "64",
        }
        self._server: subprocess.Popen[bytes] | None = None

    def __call__(self, *words: str, stdin: str = "", **changes: str) -> Done:
        """Run one command in this process, which spares it the start of another.

        It runs in an empty folder, so that no .env file of a developer counts.
        """
        strange = {n: None for n in os.environ if n.startswith("ANAGEN_")}
        with chdir(self.folder):
            done = CliRunner().invoke(
                app, words, prog_name="anagen", input=stdin,
                env=strange | self._settings | changes, catch_exceptions=False,
            )  # fmt: skip
        return Done(done.exit_code, done.stdout, done.stderr)

    def process(self, *words: str, stdin: str = "", **changes: str) -> Done:
        """Run one command as its users do."""
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", *words],
            cwd=self.folder, env=self._environment() | changes, input=stdin.encode(),
            capture_output=True, timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def _environment(self) -> dict[str, str]:
        others = {n: v for n, v in os.environ.items() if not n.startswith("ANAGEN_")}
        return others | self._settings | {"PYTHONPATH": str(ROOT)}

    def start(self, *options: str) -> str:
        """Serve on a free port; the address, once it is ready."""
        port = free_port()
        log = self.folder / "server.log"
        with log.open("wb") as output:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "serve", "--port", str(port), *options],
                cwd=self.folder, env=self._environment(), stdout=output, stderr=output,
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _ready(f"http://127.0.0.1:{port}"):
            gone = self._server.poll() is not None or time.monotonic() > deadline
            assert not gone, log.read_text()[-2000:]
            time.sleep(0.1)
        return f"http://127.0.0.1:{port}"

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """End the server, as a supervisor or a person at the keyboard does; its exit code."""
        if self._server is None:
            return None
        self._server.send_signal(how)
        code = self._server.wait(timeout=PATIENCE_SECONDS)
        self._server = None
        return code


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def empty(postgres_server: str | None, tmp_path: Path) -> Iterator[Anagen]:
    """`anagen` on a database with nothing in it, not even a schema."""
    with empty_database(postgres_server, "command_line", tmp_path) as url:
        work = tmp_path / "work"
        work.mkdir()
        command = Anagen(url, work)
        yield command
        command.stop(signal.SIGKILL)


@pytest.fixture
def anagen(empty: Anagen) -> Anagen:
    """`anagen` on a migrated database."""
    assert empty("db", "upgrade").code == 0
    return empty


@pytest.fixture
def founded(anagen: Anagen) -> Anagen:
    """`anagen` on a database with one clinic."""
    done = anagen(
        "clinic", "create", "Clinique du Parc", "--country=FR", "--time-zone=Europe/Paris"
    )
    assert done.code == 0, done.err
    return anagen


@pytest.fixture
def on_sqlite(postgres_server: str | None) -> None:
    """For what only the embedded database has."""
    if postgres_server is not None:
        pytest.skip("the embedded database only")
