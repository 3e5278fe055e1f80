"""How long a proposal takes for 300 affected sessions of 20 practitioners, and applying it.

    python -m benchmarks.repair [--sessions 300] [--rooms 8] [--url postgresql://…]
    python -m benchmarks.repair --core

Closes a clinic (`repair_clinic`) for as many days as there are sessions to move. `--core` only
solves problems made up by arithmetic.
"""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from collections import Counter
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx

from api.database import Database
from api.main import HANDLERS, create_app
from api.operations.runner import Runner
from api.solving.choosing import solve
from api.solving.greedy import greedy
from api.solving.placing import collisions, cost_of
from benchmarks.repair_clinic import calendar, originals, patients, people, store
from benchmarks.repair_instance import Size, instance
from models.migrate import upgrade
from tests.clinic import FakeClock, bearer, seed
from tests.conftest import settings_for
from tests.factories_sessions import make_active_plan

_TOLD = (
    "affected", "placed", "objective", "bound", "gap", "planner", "in_time", "seconds",
)  # fmt: skip


async def end_to_end(size: argparse.Namespace, url: str) -> None:
    settings = settings_for(url)
    clinic = await seed(settings)
    app = create_app(settings, FakeClock())
    database: Database = app.state.database

    def client(role: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://clinic", timeout=300,
            headers=bearer(clinic.tokens[role]),
        )  # fmt: skip

    plan = await make_active_plan(client, clinic)
    rows = await originals(database, clinic, UUID(plan["patient_id"]))
    staff, rooms = await people(database, clinic, size)
    made = await patients(database, rows, size.sessions + 200)
    sessions, until = calendar(clinic, staff, rooms, made, size)
    await store(database, "treatment_session", sessions)
    print(f"{len(sessions)} sessions, {len(staff)} practitioners, {len(rooms)} rooms")
    desk = client("receptionist")
    read = await propose(desk, database, until, size.seconds)
    await apply(desk, read)
    await desk.aclose()
    await database.dispose()


async def propose(
    desk: httpx.AsyncClient, database: Database, until: datetime, seconds: int
) -> httpx.Response:
    body = {
        "unavailable": {"clinic": True}, "from": "2026-03-09T00:00:00+01:00",
        "to": until.isoformat(), "reason": "Water damage.", "seconds": seconds,
    }  # fmt: skip
    asked = (await desk.post("/v1/repairs", json=body)).raise_for_status()
    begun, cpu = time.perf_counter(), time.process_time()
    await Runner(database, HANDLERS).run_waiting()
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    repair = asked.json()["args"]["repair_id"]
    read = (await desk.get(f"/v1/repairs/{repair}")).raise_for_status()
    told = read.json()
    codes = Counter(move["code"] for move in told.pop("moves"))
    print(json.dumps({name: told[name] for name in _TOLD} | codes))
    print(f"proposed in {wall:.2f} s (CPU of the server {cpu:.2f} s)")
    return read


async def apply(desk: httpx.AsyncClient, read: httpx.Response) -> None:
    begun, cpu = time.perf_counter(), time.process_time()
    path = f"/v1/repairs/{read.json()['id']}/apply"
    applied = await desk.post(path, json={}, headers={"If-Match": read.headers["etag"]})
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(f"applied with {applied.status_code} in {wall:.2f} s (CPU {cpu:.2f} s)")
    if applied.status_code != 200:
        print(applied.text[:2000])


def _since(begun: float) -> float:
    return time.perf_counter() - begun


def core() -> None:
    """Problems made up by arithmetic, solved in this process."""
    for size in (
        Size(full=70), Size(full=80), Size(full=80, own=8, others=12),
        Size(full=90, rooms=6, own=8, others=12), Size(full=70, rooms=10),
    ):  # fmt: skip
        sessions = instance(size)
        first = cost_of(sessions, greedy(sessions))
        begun, cpu = time.perf_counter(), time.process_time()
        found = solve(sessions, 10.0, partial(_since, begun))
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
        if collisions(sessions, found.choice):
            raise RuntimeError("two places overlap")
        print(
            f"{size.rooms} rooms {size.full} % full, {sum(len(s.places) for s in sessions)} places:"
            f" greedy {first}, found {found.objective}, bound {found.bound}, gap {found.gap},"
            f" {found.planner}, without a place {found.choice.count(None)};"
            f" {wall:.2f} s, CPU {cpu:.2f} s,"
            f" {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--core", action="store_true")
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--practitioners", type=int, default=20)
    parser.add_argument("--rooms", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--url", default=None)
    size = parser.parse_args()
    if size.core:
        core()
        return
    with tempfile.TemporaryDirectory() as folder:
        url = size.url or f"sqlite:///{Path(folder) / 'clinic.sqlite3'}"
        upgrade(url)
        asyncio.run(end_to_end(size, url))


if __name__ == "__main__":
    main()
