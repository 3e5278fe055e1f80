"""Rule sets drafted and published through the public API."""

from typing import Any

import httpx

Answer = dict[str, Any]
DUTASTERIDE = "ingredients/DUTASTERIDE/max_session"


def figure(value: str, unit: str) -> Answer:
    return {
        "value": value, "unit": unit, "source": "Decision of the director", "evidence": "convention"
    }  # fmt: skip


def draft_body(**over: Any) -> Answer:
    """The body of a draft in which dutasteride is halved from 1 April on."""
    body = {
        "label": "own-1",
        "valid_from": "2026-04-01",
        "reason": "Half the dose until the results of spring are in.",
        "changes": {"ingredients": {"DUTASTERIDE": {"max_session": figure("0.5", "mg")}}},
    } | over
    return {name: value for name, value in body.items() if value is not None}


def loosened_gap() -> tuple[str, Answer]:
    """A figure that the reference lets a clinic loosen, and the change that does."""
    change = {"parameters": {"spacing.gap_factor": figure("3", "1")}}
    return "parameters/spacing.gap_factor", change


async def draft(client: httpx.AsyncClient, **over: Any) -> httpx.Response:
    """A draft; it must be accepted."""
    answer = await client.post("/v1/rule-sets", json=draft_body(**over))
    assert answer.status_code == 201, answer.text
    return answer


async def fresh_publish(client: httpx.AsyncClient, number: int, **body: Any) -> httpx.Response:
    """Publish with the present ETag, whatever comes of it."""
    path = f"/v1/rule-sets/{number}"
    match = {"If-Match": (await client.get(path)).headers["etag"]}
    return await client.post(f"{path}/publish", json=body, headers=match)


async def publish(client: httpx.AsyncClient, number: int, **body: Any) -> httpx.Response:
    """Publish; it must succeed."""
    answer = await fresh_publish(client, number, **body)
    assert answer.status_code == 200, answer.text
    return answer


async def published(as_role: Any, number: int = 2, **over: Any) -> Answer:
    """Drafted by one director and published by the other."""
    await draft(as_role("medical_director"), **over)
    result: Answer = (await publish(as_role("second:medical_director"), number)).json()
    return result
