"""Nothing that was sent comes back in a refusal, or goes into a log line.

A canary is put into every text of every request: each field of the body, each parameter, each
header, the path, and bodies that are not even read as such.
"""

import asyncio
import json
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from tests.contracts.operations import Operation, ids_of, operations
from tests.contracts.requests import Asked, current_version, leaves, replaced, send
from tests.contracts.world import Walk

CANARY = "canaryZ7qK"
# A word, a text with a control character, one that is too long, one that looks like an id.
SHAPES = (CANARY, f"{CANARY}\x07", CANARY * 2000, f"{CANARY}-0000-7000-8000-000000000000")
# Sent one at a time, because each is judged; the others are sent together.
HEADERS: tuple[dict[str, str], ...] = (
    {"Idempotency-Key": f"{CANARY} é"},
    {"If-Match": f'"{CANARY}"'},
    {"Authorization": f"Bearer {CANARY}"},
    {
        "If-None-Match": f'"{CANARY}"', "X-Request-Id": f"{CANARY} {CANARY}",
        "Accept": f"text/{CANARY}", "Accept-Language": CANARY, "Cookie": f"session={CANARY}",
        "User-Agent": CANARY, "X-Forwarded-For": CANARY, "Origin": f"https://{CANARY}.example",
        "Prefer": CANARY,
    },
)  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """A request, with headers or raw bytes in place of what it would send."""

    asked: Asked
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


def attempts(asked: Asked) -> Iterator[Attempt]:
    for name in asked.operation.named("path"):
        yield Attempt(asked.with_path(name, CANARY))
    for name in (*asked.operation.named("query"), "unheard_of", CANARY):
        yield Attempt(asked.with_query(name, CANARY))
    for headers in HEADERS:
        yield Attempt(asked, headers)
    if asked.operation.body_types:
        yield from _spoiled_bodies(asked)


def _spoiled_bodies(asked: Asked) -> Iterator[Attempt]:
    for body in (asked.body, _example(asked.operation)):
        pointers = [pointer for pointer, _ in leaves(body)]
        for shape in SHAPES:
            everywhere = body
            for pointer in pointers:
                everywhere = replaced(everywhere, pointer, shape)
            yield Attempt(asked.with_body("", everywhere))
        for pointer in pointers:
            yield Attempt(asked.with_body("", replaced(body, pointer, CANARY)))
    yield Attempt(asked.with_body("", {"unheard_of": CANARY}))
    for raw in (f'"{CANARY}"', f'["{CANARY}"]', f'{{"a": {CANARY}', f'{{"a": "{CANARY}\x00"}}'):
        yield Attempt(asked, {"Content-Type": "application/json"}, raw.encode())
    twice = f'{{"a": "{CANARY}", "a": "{CANARY}"}}'.encode()
    yield Attempt(asked, {"Content-Type": "application/json"}, twice)
    yield Attempt(asked, {"Content-Type": f"text/{CANARY}"}, CANARY.encode())
    yield Attempt(asked, {"Content-Type": "application/json"}, CANARY.encode("utf-16"))


def _example(operation: Operation) -> Any:
    """The document's own example of the body: every field that there is."""
    content = operation.document["requestBody"]["content"]
    return next(iter(content.values())).get("example", {})


def client_for(walk: Walk, asked: Asked):
    """Anonymous where the story was; who changes a password may be anybody."""
    role = "nurse" if asked.role == "newcomer" else asked.role
    return walk.client(walk.tokens.get(role))


async def _answer(walk: Walk, attempt: Attempt, version: dict[str, str]):
    asked = attempt.asked
    client = client_for(walk, asked)
    headers = [
        (name.encode(), value.encode()) for name, value in (version | attempt.headers).items()
    ]
    if asked.operation.endless:
        return await _ended(walk, send(client, asked, headers))
    if attempt.raw is None:
        return await send(client, asked, headers)
    return await client.request(
        asked.operation.method,
        asked.operation.address(asked.path),
        content=attempt.raw,
        headers=headers,
    )


async def _ended(walk: Walk, sending: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
    """A refusal comes at once; a stream that begins is told that the server stops."""
    answering = asyncio.create_task(sending)
    begun, _ = await asyncio.wait({answering}, timeout=0.5)
    streams = walk.app.state.streams
    if not begun:
        streams.close()
    try:
        return await answering
    finally:
        streams.closed = False


@pytest.mark.parametrize("operation", ids_of())
async def test_nothing_that_was_sent_comes_back_or_is_logged(walk, operation):
    stated = operations()[operation]
    asked = walk.story.request(stated)
    client = client_for(walk, asked)
    refusals, version = 0, await current_version(client, asked)
    for attempt in attempts(asked):
        with capture_logs() as lines:
            answer = await _answer(walk, attempt, version)
        assert answer.status_code < 500, f"{attempt}: {answer.text}"
        assert CANARY.lower() not in json.dumps(lines, default=str).lower(), lines
        if answer.is_success:
            version = await current_version(client, asked)
        elif answer.status_code >= 400:
            refusals += 1
            said = answer.text + repr(answer.headers.raw)
            assert CANARY.lower() not in said.lower(), f"{attempt.headers}: {answer.text}"
    assert refusals > 0
