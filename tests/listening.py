"""A client of server-sent events: httpx's own transport for ASGI waits for the end of an answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI

_PATIENCE_SECONDS = 10


@dataclass
class Listener:
    """What has come so far; `events` leaves out comments."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    ended: bool = False
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def receive(self, message: Any) -> None:
        async with self._news:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            else:
                self.text += message.get("body", b"").decode()
                self.ended = not message.get("more_body", False)
            self._news.notify_all()

    @property
    def events(self) -> list[dict[str, Any]]:
        found = []
        for block in self.text.split("\n\n")[:-1]:
            parts = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
            if "event" in parts:
                found.append(parts | {"data": json.loads(parts["data"])})
        return found

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(_PATIENCE_SECONDS), self._news:
            await self._news.wait_for(lambda: condition(self))


@asynccontextmanager
async def listening(
    app: FastAPI, token: str, query: str = "", headers: dict[str, str] | None = None
) -> AsyncIterator[Listener]:
    """An open stream; leaving the block disconnects."""
    gone = asyncio.Event()
    listener = Listener()
    sent = {"authorization": f"Bearer {token}"} | (headers or {})
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "path": "/v1/events/stream", "raw_path": b"/v1/events/stream", "root_path": "",
        "query_string": query.encode(), "scheme": "http", "server": ("anagen.test", 80),
        "client": ("127.0.0.1", 1), "headers": [(k.encode(), v.encode()) for k, v in sent.items()],
    }  # fmt: skip
    asked = False

    async def receive() -> Any:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    answering = asyncio.create_task(app(scope, receive, listener.receive))
    try:
        await listener.until(lambda it: it.status)
        yield listener
    finally:
        gone.set()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await answering
