"""The README's tour, run as a newcomer runs it: in bash, against a server with the demo clinic."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from models.migrate import upgrade
from tests.empty_database import empty_database
from tests.tour import Comparison, Step, shortened, steps

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = steps(PAGE, "A tour of the main job")
ADDRESS = "http://127.0.0.1:8000"
END = "\x1e"  # between the outputs of two blocks; nothing prints it
PATIENCE_SECONDS = 600  # the demo is made first

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def database_url(
    postgres_server: str | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An empty database: a file that the server will make, or one of the PostgreSQL of the run."""
    folder = tmp_path_factory.mktemp("readme")
    with empty_database(postgres_server, "readme", folder) as url:
        if postgres_server is not None:
            upgrade(url)
        yield url


@pytest.fixture(scope="module")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the demo in it, on a free port of this machine only."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = os.environ | {"ANAGEN_DATABASE_URL": database_url}
    command = [sys.executable, "-m", "api.cli", "serve", "--demo", "--port", port]
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        _wait(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if httpx.get(f"{url}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass  # not listening yet
        gone = process.poll() is not None or time.monotonic() > deadline
        assert not gone, log.read_text()[-2000:]
        time.sleep(0.2)


@pytest.fixture(scope="module")
def outputs(server: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each block of the tour printed, all in one shell."""
    folder = tmp_path_factory.mktemp("tour")
    path = f"{_stand_in(folder)}{os.pathsep}" if shutil.which("curl") is None else ""
    script = f"\nprintf '{END}'\n".join(step.shell for step in TOUR).replace(ADDRESS, server)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder, env=os.environ | {"TMPDIR": str(folder), "PATH": path + os.environ["PATH"]},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stderr == ""
    return done.stdout.split(END)


def _stand_in(folder: Path) -> Path:
    """A folder with a `curl` in it."""
    file = folder / "bin" / "curl"
    file.parent.mkdir()
    file.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "tests" / "curl.py"}" "$@"\n')
    file.chmod(0o755)
    return file.parent


def test_the_stand_in_for_curl_asks_as_curl_does(server: str, tmp_path: Path):
    """Signing in with a form, reading with a header, and what -o, -w and -D leave and print."""
    curl = str(_stand_in(tmp_path) / "curl")
    form = ["-d", "grant_type=password", "-d", "username=desk@example.org"]
    address = f"{server}/v1/auth/token"
    command = [curl, "-s", address, *form, "-d", "password=demo-desk-2026"]
    token = json.loads(_printed(command, tmp_path))["access_token"]
    bearer = ["-H", f"Authorization: Bearer {token}"]
    command = [
        curl,
        "-s",
        f"{server}/v1/auth/me",
        "-o",
        "me.json",
        "-w",
        r"%{http_code}\n",
        *bearer,
    ]
    assert _printed(command, tmp_path) == "200\n"
    assert json.loads((tmp_path / "me.json").read_text())["roles"] == ["receptionist"]
    command = [curl, "-s", "-D", "-", f"{server}/v1/clinic", "-o", "clinic.json", *bearer]
    assert "\r\netag: " in _printed(command, tmp_path)


def _printed(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=True)
    return done.stdout.decode()


def test_the_tour_is_all_there():
    assert len(TOUR) > 15
    assert sum(step.shell.count("curl ") for step in TOUR) > 20
    assert ADDRESS in TOUR[0].shell


@pytest.mark.skipif(shutil.which("bash") is None, reason="the tour is written for bash")
def test_every_answer_of_the_tour_is_the_one_shown(outputs: list[str]):
    assert len(outputs) == len(TOUR)
    comparison = Comparison()
    for number, (step, output) in enumerate(zip(TOUR, outputs, strict=True), 1):
        _compare(comparison, step, output, f"block {number}")
    assert comparison.faults == []


def _compare(comparison: Comparison, step: Step, output: str, at: str) -> None:
    if step.kind == "json":
        comparison.compare(shortened(step.shown), json.loads(output), at)
    else:
        comparison.compare(step.shown, output, at)


@pytest.mark.parametrize(
    ("shown", "real", "same"),
    [
        ('{"a": 1, …}', '{"a": 1, "b": 2}', True),
        ('{"a": 1}', '{"a": 1, "b": 2}', False),
        ('{"a": "1"}', '{"a": 1}', False),
        ('[{"a": 1}, …]', '[{"a": 1}, {"a": 2}]', True),
        ('[{"a": 1}]', '[{"a": 1}, {"a": 2}]', False),
        ('["from 2026-03-02 to 2026-03-03"]', '["from 2027-01-31 to 2027-02-01"]', True),
        ('["from 2026-03-02 to 2026-03-03"]', '["from 2027-01-31 to 2027-02-02"]', False),
        ('["Source: …."]', '["Source: label [LID-LBL]."]', True),
        ('["5 mg"]', '["50 mg"]', False),
    ],
)
def test_the_comparison_sees_what_differs(shown, real, same):
    comparison = Comparison()
    comparison.compare(shortened(shown), json.loads(real), "")
    assert (comparison.faults == []) is same
