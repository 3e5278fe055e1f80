"""Repairs asked for, worked out and read, over HTTP."""

from typing import Any

import httpx
import pytest

from api.main import HANDLERS
from api.operations.runner import Runner

ILL = {"from": "2026-03-09T00:00:00+01:00", "to": "2026-03-16T00:00:00+01:00", "reason": "Ill."}


@pytest.fixture
def propose(app, as_role):
    """Ask for a repair, have it worked out, and read the proposal."""

    async def proposed(unavailable: dict[str, Any], **over: Any) -> httpx.Response:
        client = as_role("receptionist")
        body = {"unavailable": unavailable, **ILL} | over
        asked = await client.post("/v1/repairs", json=body)
        assert asked.status_code == 202, asked.text
        assert await Runner(app.state.database, HANDLERS).run_waiting() == 1
        operation = (await client.get(asked.headers["location"])).json()
        assert operation["status"] == "succeeded", operation
        read: httpx.Response = await client.get(f"/v1/repairs/{operation['args']['repair_id']}")
        assert read.status_code == 200
        assert operation["result"]["href"] == f"/v1/repairs/{read.json()['id']}"
        return read

    return proposed


async def apply(client: httpx.AsyncClient, proposal: httpx.Response, **body: Any) -> httpx.Response:
    return await client.post(
        f"/v1/repairs/{proposal.json()['id']}/apply",
        json=body,
        headers={"If-Match": proposal.headers["etag"]},
    )
