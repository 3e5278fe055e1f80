"""How long trying a rule set on 10,000 sessions takes, and what requests notice of it.

    python -m benchmarks.backtest [--sessions 10000] [--url postgresql://…]

Fills an empty database with the demo clinic, which the product makes through its own API, and
repeats the kept decisions of its performed sessions (booking, check-in and administration of
each) under new ids until there are enough. Then a draft with some tighter figures is run over all
of them, while one client keeps asking for a rule and its answers are timed.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections import defaultdict
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import insert
from sqlmodel import col, func, select
from uuid_utils.compat import uuid7

from api.database import Database
from api.demo import fill
from api.main import HANDLERS, create_app
from api.operations.runner import Runner
from api.settings import Settings
from models import Decision
from models.migrate import upgrade

_CHUNK = 1000
_FIGURE = {"source": "benchmark", "evidence": "convention"}
_CHANGES = {
    "ingredients": {"BIOTIN": {"max_session": {"value": "4", "unit": "mg", **_FIGURE}}},
    "parameters": {"spacing.gap_factor": {"value": "1", "unit": "1", **_FIGURE}},
}


async def multiply(database: Database, clinic_id: UUID, sessions: int) -> tuple[int, int]:
    """Repeat what was decided about performed sessions; returns sessions and decisions added."""
    async with database.reading() as db:
        statement = select(Decision).where(
            Decision.clinic_id == clinic_id, Decision.subject_kind == "session"
        )
        decided: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
        for row in (await db.exec(statement)).all():
            decided[row.subject_id].append(row.model_dump())
    whole = [each for each in decided.values() if len({row["stage"] for row in each}) == 3]
    rows: list[dict[str, Any]] = []
    for session, _ in zip(cycle(whole), range(sessions), strict=False):
        subject = uuid7()
        rows += [row | {"id": uuid7(), "subject_id": subject} for row in session]
    for start in range(0, len(rows), _CHUNK):
        async with database.writing() as db:
            await db.execute(insert(Decision), rows[start : start + _CHUNK])
    return sessions, len(rows)


class Asking:
    """A client that sends one request after the other and times each, in milliseconds."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._going_on = True
        self.taken: list[float] = []

    async def __aenter__(self) -> "Asking":
        self._task = asyncio.create_task(self._ask())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._going_on = False
        await self._task

    async def _ask(self) -> None:
        while self._going_on:
            started = time.perf_counter()
            answer = await self._client.get("/v1/rules/DOSE-ABS-MAX")
            self.taken.append((time.perf_counter() - started) * 1000)
            answer.raise_for_status()
            await asyncio.sleep(0.02)


def told(taken: list[float]) -> str:
    ordered = sorted(taken)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    return f"p50 {statistics.median(ordered):.1f} ms, p99 {p99:.1f} ms of {len(ordered)} requests"


async def signed_in(client: httpx.AsyncClient, account: dict[str, Any]) -> None:
    form = {
        "grant_type": "password",
        "username": account["email"],
        "password": account["password"],
    }
    token = (await client.post("/v1/auth/token", data=form)).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"


async def watched(client: httpx.AsyncClient, operation: str) -> dict[str, Any]:
    """Progress, a line every two seconds, until it has ended."""
    while True:
        read = (await client.get(f"/v1/operations/{operation}")).json()
        if read["finished_at"] is not None:
            return dict(read)
        print(f"  {read['status']} {read['progress']['done']} of {read['progress']['total']}")
        await asyncio.sleep(2)


async def draft(client: httpx.AsyncClient) -> int:
    """A draft with some tighter figures; its number."""
    latest = (await client.get("/v1/rule-sets")).json()["items"][0]["valid_from"]
    body = {"label": "benchmark", "reason": "To measure.", "changes": _CHANGES}
    body["valid_from"] = max(latest, time.strftime("%Y-%m-%d"))
    answer = await client.post("/v1/rule-sets", json=body)
    answer.raise_for_status()
    return int(answer.json()["number"])


async def measure(url: str, sessions: int) -> None:
    settings = Settings(
        _env_file=None, database_url=url, rate_limit="off",
        argon2_time_cost=1, argon2_memory_kib=64, log_format="console",
    )  # fmt: skip
    app = create_app(settings)
    database: Database = app.state.database
    demo = await fill(database, settings, lambda _done, _total: None)
    made = await multiply(database, UUID(demo["clinic_id"]), sessions)
    director = next(a for a in demo["accounts"] if "medical_director" in a["roles"])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://benchmark") as client:
        await signed_in(client, director)
        number = await draft(client)
        async with Asking(client) as quiet:
            await asyncio.sleep(5)
        runner = Runner(database, HANDLERS)
        runner.start()
        async with Asking(client) as busy:
            operation = (await client.post(f"/v1/rule-sets/{number}/backtest", json={})).json()
            started = time.perf_counter()
            ended = await watched(client, operation["id"])
            seconds = time.perf_counter() - started
        await runner.stop()
    await report(database, ended, seconds, made)
    print(f"requests beside it: {told(busy.taken)}; without it: {told(quiet.taken)}")
    await database.dispose()


async def report(
    database: Database, ended: dict[str, Any], seconds: float, made: tuple[int, int]
) -> None:
    if ended["status"] != "succeeded":
        raise SystemExit(f"The operation {ended['status']}: {ended['problem']}")
    result = ended["result"]
    changed = [row for row in result["rules"] if row["stricter"] or row["looser"]]
    async with database.reading() as db:
        stored = (await db.exec(select(func.count()).select_from(Decision))).one()
        size = (await db.exec(select(func.avg(func.length(col(Decision.facts)))))).one()
    print(f"{made[0]} sessions added, {made[1]} decisions; {stored} in all, "
          f"{int(size)} characters of facts each on average")  # fmt: skip
    print(f"judged {result['decisions']} in {seconds:.1f} s: "
          f"{result['decisions'] / seconds:.0f} a second")  # fmt: skip
    print("changed:", json.dumps(changed))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sessions", type=int, default=10_000)
    arguments.add_argument("--url", help="an empty database; a new SQLite file without it")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{Path(folder) / 'benchmark.sqlite3'}"
        upgrade(url)
        asyncio.run(measure(url, given.sessions))


if __name__ == "__main__":
    main()
