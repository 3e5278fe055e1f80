"""Talking to the server with patience: what may be sent again is sent again, never faster than the
server says.

Reading is safe to repeat; so is writing, because every write carries an Idempotency-Key.
"""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

Sleep = Callable[[float], Awaitable[None]]
_LEFT = re.compile(r";r=(\d+);t=(\d+)")
_SECONDS = re.compile(r"\d{1,5}")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try, and how long to wait: seconds, doubled each time up to the longest.

    most: a server that asks for a longer wait than this is not waited for.
    """

    tries: int = 7
    first: float = 0.5
    longest: float = 20
    most: float = 300


class GaveUp(Exception):
    """The server did not answer, or only that it cannot, however often it was asked."""


class NotAllowed(Exception):
    """The key is not accepted, or lacks a scope."""


class Unexpected(Exception):
    """An answer that this script cannot have caused by a state of the clinic: ours to repair."""


class Api:
    """The server, as seen by this script; counts what it took to be answered."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        patience: Patience | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._http, self._patience, self._sleep = http, patience or Patience(), sleep
        self._pause = 0.0
        self.requests = self.retries = 0
        self.waited = 0.0

    async def get(self, path: str, query: Mapping[str, Any] | None = None) -> httpx.Response:
        return await self._ask("GET", path, params=dict(query or {}))

    async def post(
        self, path: str, body: Mapping[str, Any], *, key: str | None = None, dry_run: bool = False
    ) -> httpx.Response:
        """key: of this one effect. Without it nothing may be written: a dry run."""
        if key is None and not dry_run:
            raise ValueError("a write without an Idempotency-Key cannot be sent again")
        return await self._ask(
            "POST",
            path,
            json=dict(body),
            params={"dry_run": "true"} if dry_run else {},
            headers={} if key is None else {"Idempotency-Key": key},
        )

    async def pages(self, path: str, query: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """Every page of a list, to its end."""
        asked = dict(query)
        while True:
            page = expect(await self.get(path, asked), 200)
            yield page
            if page["next_cursor"] is None:
                return
            asked["cursor"] = page["next_cursor"]

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        reason = ""
        for attempt in range(self._patience.tries):
            await self._wait(self._pause)
            self._pause = 0.0
            self.requests += 1
            self.retries += attempt > 0
            try:
                answer = await self._http.request(method, path, **options)
            except httpx.TransportError as error:
                reason = f"no answer ({type(error).__name__})"
                self._pause = self._backoff(attempt)
                continue
            if not _later(answer):
                self._note_limit(answer)
                return _allowed(answer)
            reason = f"status {answer.status_code}"
            self._pause = max(_retry_after(answer), self._backoff(attempt))
            if self._pause > self._patience.most:
                raise GaveUp(f"{reason}, and asked to wait for {self._pause:.0f} seconds")
        raise GaveUp(f"{reason}, {self._patience.tries} times")

    def _backoff(self, attempt: int) -> float:
        """Longer each time, and not at the same moment as other scripts that were cut off."""
        longest: float = min(self._patience.longest, self._patience.first * 2**attempt)
        return longest * random.uniform(0.5, 1)  # noqa: S311 - nothing to guess

    def _note_limit(self, answer: httpx.Response) -> None:
        """Used up: wait for the next window rather than be refused."""
        left = _LEFT.search(answer.headers.get("ratelimit", ""))
        if left is not None and int(left.group(1)) == 0:
            self._pause = min(float(left.group(2)), self._patience.most)

    async def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self.waited += seconds
            await self._sleep(seconds)


def _later(answer: httpx.Response) -> bool:
    """Whether the same request, sent again, may be answered otherwise."""
    if answer.status_code == 429 or answer.status_code >= 500:
        return True
    return answer.status_code == 409 and problem(answer) == "idempotency-in-progress"


def _retry_after(answer: httpx.Response) -> float:
    """Seconds, where the server says so; it never sends a date."""
    said = answer.headers.get("retry-after", "").strip()
    return float(said) if _SECONDS.fullmatch(said) else 0.0


def _allowed(answer: httpx.Response) -> httpx.Response:
    if answer.status_code == 401:
        raise NotAllowed("The server does not accept this API key.")
    if answer.status_code == 403:
        scope = document(answer).get("missing_scope", "a scope")
        raise NotAllowed(f"The API key lacks {scope}.")
    return answer


def document(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; empty where it is none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def problem(answer: httpx.Response) -> str:
    """The name of the problem that an answer is, such as `schedule-conflict`."""
    return str(document(answer).get("type", "")).rpartition("/")[2]


def expect(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    """The answer's document. Raises Unexpected for any other status."""
    if answer.status_code in statuses:
        return document(answer)
    told = document(answer)
    text = told.get("detail") or told.get("title") or "no explanation"
    address = answer.request.url.path
    raise Unexpected(f"{address} answered {answer.status_code}: {text}")
