"""The process that works on a proposal is killed: another one goes on, and nothing is half done."""

import asyncio
import sys

from api.main import HANDLERS
from api.operations.runner import Runner
from tests.factories_sessions import book, make_active_plan
from tests.repairs.conftest import ILL, apply

_PATIENCE_SECONDS = 60


async def _killed_while_solving(url: str) -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.repairs.killed_worker", url, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert worker.stdout is not None
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (line := await worker.stdout.readline()).strip() != b"solving":
                assert line, "the worker ended early"
    finally:
        worker.kill()
        await worker.wait()


async def test_another_process_makes_the_proposal(app, as_role, clinic, clock, database_url):
    desk = as_role("receptionist")
    plan = await make_active_plan(as_role, clinic)
    session = await book(desk, plan, clinic, "2026-03-10T09:00:00Z")
    asked = await desk.post("/v1/repairs", json={"unavailable": {"clinic": True}, **ILL})
    operation, path = asked.headers["location"], f"/v1/repairs/{asked.json()['args']['repair_id']}"
    await _killed_while_solving(database_url)
    left = (await desk.get(operation)).json()
    assert (left["status"], left["progress"]["done"], left["result"]) == ("running", 1, None)
    half = await desk.get(path)
    assert (half.json()["state"], half.json()["moves"]) == ("planning", [])
    refused = await apply(desk, half)
    assert (refused.status_code, refused.json()["state"]) == (409, "planning")

    runner = Runner(app.state.database, HANDLERS)
    assert await runner.run_waiting() == 0  # it is still the other's
    clock.advance(hours=1)
    assert await runner.run_waiting() == 1
    ended = (await desk.get(operation)).json()
    assert (ended["status"], ended["result"]["placed"]) == ("succeeded", 1)
    proposal = await desk.get(path)
    (move,) = proposal.json()["moves"]
    assert move["session_id"] == session["id"]
    assert (await apply(desk, proposal)).status_code == 200
    moved = (await desk.get(f"/v1/sessions/{session['id']}")).json()
    assert moved["starts_at"] == move["proposed"]["starts_at"]
