"""Things made through the public API, with defaults; each returns the answer's JSON."""

from typing import Any

import httpx


async def made(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST that must succeed."""
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def make_patient(client: httpx.AsyncClient, **over: Any) -> dict[str, Any]:
    body = {"given_name": "Ada", "family_name": "Moreau", "born_on": "1989-04-02", "sex": "female"}
    return await made(client, "/v1/patients?allow_duplicate=true", body | over)
