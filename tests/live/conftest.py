"""The product itself, started as its users start it: `anagen serve` in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 60


class Product:
    """`anagen` on one database: its server to start, stop and kill, its commands to run."""

    def __init__(self, database_url: str, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self._workers = 1 if database_url.startswith("sqlite") else 2
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = os.environ | {
            "ANAGEN_DATABASE_URL": database_url,
            "ANAGEN_SECRET_KEY": "a-secret-for-tests-only",
            "ANAGEN_RATE_LIMIT": "off",
            "ANAGEN_ARGON2_TIME_COST": "1",
            "ANAGEN_ARGON2_MEMORY_KIB": "64",
        }

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "api.cli", *words]

    def start(self) -> None:
        """Returns when the server is ready to work."""
        command = self._command("serve", "--port", str(self.port), "--workers", str(self._workers))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._ready():
            gone = self._process.poll() is not None or time.monotonic() > deadline
            assert not gone, self.log.read_text()[-2000:]
            time.sleep(0.05)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """kill -9 of all processes of this server, and of no others."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=_PATIENCE_SECONDS)
            self._process = None

    def stop(self) -> int:
        """SIGTERM, as a supervisor does; the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(timeout=_PATIENCE_SECONDS)
        self._process = None
        return code

    def run(self, *words: str) -> tuple[int, Any]:
        """One command with --json: its exit code and what it printed."""
        done = subprocess.run(
            self._command(*words, "--json"), cwd=ROOT, env=self._environment,
            capture_output=True, timeout=_PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        assert done.stdout, done.stderr.decode()
        return done.returncode, json.loads(done.stdout)

    def lines(self) -> list[dict[str, Any]]:
        """The log lines so far; what is printed for people is left out."""
        text = self.log.read_text()
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Callable[[str], Product]]:
    """`product(database_url)` is a running server; it is ended with the test."""
    started: list[Product] = []

    def start(database_url: str) -> Product:
        running = Product(database_url, tmp_path / f"server-{len(started)}.log")
        started.append(running)
        running.start()
        return running

    yield start
    for each in started:
        each.kill()
