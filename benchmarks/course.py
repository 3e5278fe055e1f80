"""CPU, queries and elapsed time of booking a course of eleven sessions over HTTP, on SQLite.

    python -m benchmarks.course

The demo of the tests: one clinic with two rooms and four bookable people; no network, the whole
application in this process. And what it costs to say that a course is impossible: the clinic closes
for eleven weeks late in it.
"""

import asyncio
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from api.main import create_app
from models import Closure
from models.migrate import upgrade
from tests.clinic import FakeClock, bearer, seed
from tests.conftest import settings_for
from tests.factories_sessions import make_active_plan, make_treatable_patient
from tests.queries import counted_queries
from tests.stored_rows import write

ROUNDS = 7
_LATER = {"acknowledged": ["PLAN-REASSESS-DUE"]}
_Measured = tuple[float, float, int]


async def _measured(app: Any, sent: Any) -> _Measured:
    with counted_queries(app) as queries:
        elapsed, spent = time.perf_counter(), time.process_time()
        answer = await sent()
        spent = time.process_time() - spent
        elapsed = time.perf_counter() - elapsed
    if answer.status_code not in {200, 201}:
        raise RuntimeError(answer.text)
    return spent * 1000, elapsed * 1000, len(queries)


async def _run(folder: Path) -> dict[str, list[_Measured]]:
    url = f"sqlite:///{folder / 'course.sqlite3'}"
    await asyncio.to_thread(upgrade, url)
    settings = settings_for(url)
    clinic = await seed(settings)
    app = create_app(settings, FakeClock())
    found: dict[str, list[_Measured]] = {"dry run": [], "booked": []}
    transport = httpx.ASGITransport(app=app)
    clients = {
        role: httpx.AsyncClient(
            transport=transport, base_url="http://anagen.test", headers=bearer(token)
        )
        for role, token in clinic.tokens.items()
    }
    formula = None
    for _ in range(ROUNDS):
        patient = await make_treatable_patient(clients["practitioner"])
        plan = await make_active_plan(clients.__getitem__, clinic, patient=patient, formula=formula)
        formula = {"id": plan["formula_id"]}
        path, desk = f"/v1/plans/{plan['id']}/course", clients["receptionist"]

        async def dry(path: str = path, desk: httpx.AsyncClient = desk) -> httpx.Response:
            return await desk.post(f"{path}?dry_run=true", json=_LATER)

        async def book(path: str = path, desk: httpx.AsyncClient = desk) -> httpx.Response:
            return await desk.post(path, json=_LATER)

        found["dry run"].append(await _measured(app, dry))
        found["booked"].append(await _measured(app, book))
    found["impossible"] = await _impossible(app, clinic, clients, formula)
    for client in clients.values():
        await client.aclose()
    await app.state.database.dispose()
    return found


async def _impossible(
    app: Any, clinic: Any, clients: dict[str, httpx.AsyncClient], formula: Any
) -> list[_Measured]:
    closed = {"starts_on": date(2026, 7, 1), "ends_on": date(2026, 9, 15), "name": "Works"}
    await write(app, clinic, Closure, closed)
    patient = await make_treatable_patient(clients["practitioner"])
    plan = await make_active_plan(clients.__getitem__, clinic, patient=patient, formula=formula)
    path, desk = f"/v1/plans/{plan['id']}/course?dry_run=true", clients["receptionist"]
    return [await _measured(app, lambda: desk.post(path, json=_LATER)) for _ in range(ROUNDS)]


def main() -> None:
    """Print the median of CPU, elapsed time and queries."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(_run(Path(folder)))
    for name, rounds in found.items():
        cpu, elapsed, queries = (statistics.median(each) for each in zip(*rounds, strict=True))
        print(f"{name:10} CPU {cpu:6.0f} ms  elapsed {elapsed:6.0f} ms  {queries:5.0f} queries")


if __name__ == "__main__":
    main()
