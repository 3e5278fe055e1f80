"""The waitlist as a test uses it: joining, giving time up, answering."""

from typing import Any

import httpx

from tests.clinic import SeededClinic
from tests.factories import made
from tests.factories_sessions import Answer, book, moved

WISHES: Answer = {"duration_minutes": 30, "until_on": "2026-03-31"}


async def join(client: httpx.AsyncClient, plan: Answer, **over: Any) -> Answer:
    return await made(client, "/v1/waitlist", WISHES | {"plan_id": plan["id"]} | over)


async def cancel(client: httpx.AsyncClient, session: Answer) -> None:
    await moved(client, f"/v1/sessions/{session['id']}", "cancel", {"reason": "Ill."})


async def free(client: httpx.AsyncClient, clinic: SeededClinic, plan: Answer, start: str) -> None:
    """The plan's patient books that time and gives it up at once."""
    await cancel(client, await book(client, plan, clinic, start))


async def offers(client: httpx.AsyncClient, **query: Any) -> list[Answer]:
    answer = await client.get("/v1/waitlist/offers", params=query)
    assert answer.status_code == 200, answer.text
    items: list[Answer] = answer.json()["items"]
    return items


async def answer_offer(
    client: httpx.AsyncClient, offer: Answer, move: str, body: Answer | None = None, **options: Any
) -> httpx.Response:
    path = f"/v1/waitlist/offers/{offer['id']}"
    tag = {"If-Match": (await client.get(path)).headers["etag"]}
    return await client.post(f"{path}/{move}", json=body or {}, headers=tag, **options)
