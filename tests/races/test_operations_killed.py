"""Long work in server processes that are killed: another goes on, and nothing is done twice."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert
from sqlmodel import select
from uuid_utils.compat import uuid7

from models import Decision
from tests.clinic import bearer
from tests.factories_sessions import book, make_active_plan
from tests.races.conftest import Server

_COPIES = 4000
_PATIENCE = 240  # looks, four a second


@pytest.fixture
def ticking(database_url: str, tmp_path: Path) -> Iterator[Server]:
    """A server that lives by the machine's clock: leases run out after two seconds."""
    running = Server(database_url, tmp_path / "server.log", "ticking")
    yield running
    running.kill()


async def _long_history(as_role, clinic, app) -> int:
    """A booking whose decision is kept many times over; returns how many decisions there are."""
    plan = await make_active_plan(as_role, clinic)
    session = await book(as_role("receptionist"), plan, clinic, "2026-03-03T09:00:00Z")
    async with app.state.database.writing() as db:
        kept = (await db.exec(select(Decision).where(Decision.clinic_id == clinic.id))).all()
        row = next(each for each in kept if str(each.id) == session["decision_id"]).model_dump()
        await db.execute(insert(Decision), [row | {"id": uuid7()} for _ in range(_COPIES)])
    return len(kept) + _COPIES


async def _watch(client: httpx.AsyncClient, operation: str, until) -> dict:
    for _ in range(_PATIENCE):
        read: dict = (await client.get(f"/v1/operations/{operation}")).json()
        if until(read):
            return read
        await asyncio.sleep(0.25)
    raise AssertionError(read)


@pytest.mark.slow
async def test_a_backtest_outlives_the_process_that_ran_it(as_role, clinic, app, ticking):
    total = await _long_history(as_role, clinic, app)
    await app.state.database.dispose()
    ticking.start()
    headers = bearer(clinic.tokens["medical_director"])
    async with httpx.AsyncClient(base_url=ticking.url, headers=headers, timeout=30) as client:
        asked = await client.post("/v1/rule-sets/1/backtest", json={})
        operation = asked.json()["id"]
        half = await _watch(client, operation, lambda read: read["progress"]["done"] > 0)
        ticking.kill()
    assert half["status"] == "running", half
    ticking.start()
    async with httpx.AsyncClient(base_url=ticking.url, headers=headers, timeout=30) as client:
        seen = [half["progress"]["done"]]

        def ended(read: dict) -> bool:
            seen.append(read["progress"]["done"])
            return read["finished_at"] is not None

        whole = await _watch(client, operation, ended)
        assert (whole["status"], whole["result"]["decisions"]) == ("succeeded", total)
        assert seen == sorted(seen)
        for row in whole["result"]["rules"]:
            assert sum(row["before"].values()) == sum(row["after"].values()) <= total
        assert sum(whole["result"]["verdicts"]["after"].values()) == total
