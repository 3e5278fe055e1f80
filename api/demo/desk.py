"""How the demo works: one application in this process, a clock that jumps, a diary.

Everything goes through the API, in the order of its days, as each colleague would do it; so the
demo obeys every rule, and its audit log reads like a clinic's.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from api.database import Database
from api.demo.workbench import hasten
from api.main import create_app
from api.settings import Settings

Answer = dict[str, Any]
ZONE = ZoneInfo("Europe/Paris")
_CONFLICT, _STALE, _NEVER_SEEN = 409, 412, '"0"'
# Forty minutes each, so that the buffers behind the sessions fit; nobody is treated at lunch.
_SLOTS = (
    time(9, 0), time(9, 40), time(10, 20), time(11, 0), time(11, 40),
    time(13, 40), time(14, 20), time(15, 0), time(15, 40), time(16, 20),
)  # fmt: skip


class DemoFailed(RuntimeError):
    """The product refused something that the demo takes for granted: a defect of the demo."""


class JumpingClock:
    """Stands where the story is."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Diary:
    """Which slots are taken, so that the demo never asks for one twice; `closed` days have none."""

    taken: dict[tuple[date, str], int] = field(default_factory=dict)
    closed: set[date] = field(default_factory=set)

    def next_slot(self, day: date, who: str) -> datetime | None:
        """The next free slot of that colleague on that day, or None when it is full or closed."""
        place = self.taken.get((day, who), 0)
        if place >= len(_SLOTS) or day in self.closed:
            return None
        self.taken[(day, who)] = place + 1
        return datetime.combine(day, _SLOTS[place], ZONE).astimezone(UTC)


@dataclass(slots=True)
class Desk:
    """The clinic at work: clients by login, ids of staff and rooms, the clock and the diary."""

    clients: dict[str, httpx.AsyncClient]
    staff: dict[str, str]
    rooms: tuple[str, ...]
    clock: JumpingClock
    today: date
    diary: Diary = field(default_factory=Diary)
    known: dict[str, Any] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)

    async def post(self, who: str, path: str, body: Answer | None = None) -> Answer:
        """POST that must succeed; warnings are read and acknowledged, as a colleague would."""
        answer = await self.clients[who].post(path, json=body or {})
        if warned := _warnings(answer):
            acknowledging = (body or {}) | {"acknowledged": warned}
            answer = await self.clients[who].post(path, json=acknowledging)
        if "location" in answer.headers and "etag" in answer.headers:
            self.etags[answer.headers["location"]] = answer.headers["etag"]
        return _answered(answer, path)

    async def get(self, who: str, path: str) -> Answer:
        return _answered(await self.clients[who].get(path), path)

    async def change(self, who: str, path: str, move: str, body: Answer | None = None) -> Answer:
        """A move of something that exists, with the ETag last seen; read anew where it is stale."""
        answer = await self._moved(who, path, move, body)
        if answer.status_code == _STALE:
            self.etags[path] = (await self.clients[who].get(path)).headers["etag"]
            answer = await self._moved(who, path, move, body)
        if warned := _warnings(answer):
            answer = await self._moved(who, path, move, (body or {}) | {"acknowledged": warned})
        return _answered(answer, f"{path}/{move}")

    async def _moved(self, who: str, path: str, move: str, body: Answer | None) -> httpx.Response:
        headers = {"If-Match": self.etags.get(path, _NEVER_SEEN)}
        answer = await self.clients[who].post(f"{path}/{move}", json=body or {}, headers=headers)
        if "etag" in answer.headers and "location" not in answer.headers:
            self.etags[path] = answer.headers["etag"]
        return answer

    def at(self, day: date, hour: int = 12, minute: int = 0) -> None:
        """Move the story to that local time."""
        local = datetime.combine(day, time(hour, minute), ZONE)
        self.clock.now = local.astimezone(UTC)


def _warnings(answer: httpx.Response) -> list[str]:
    """Codes of the warnings that alone stand in the way, or none."""
    refusal = answer.json() if answer.status_code == _CONFLICT else {}
    if refusal.get("outcome") != "needs_acknowledgement":
        return []
    return sorted({found["code"] for found in refusal["findings"] if found["severity"] == "warn"})


def _answered(answer: httpx.Response, path: str) -> Answer:
    if answer.status_code >= 400:
        raise DemoFailed(f"{answer.request.method} {path}: {answer.text}")
    result: Answer = answer.json() if answer.content else {}
    return result


@asynccontextmanager
async def open_desk(
    settings: Settings, clock: JumpingClock, tokens: dict[str, str]
) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """The application on the demo's clock, and a client for each signed-in colleague."""
    app = create_app(settings.model_copy(update={"rate_limit": "off"}), clock)
    database: Database = app.state.database
    if settings.embedded:
        hasten(database)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.dispose)
        clients = {}
        for login, token in tokens.items():
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app),
                base_url="http://demo.invalid",
                headers={"Authorization": f"Bearer {token}"},
            )
            clients[login] = await stack.enter_async_context(client)
        yield clients
