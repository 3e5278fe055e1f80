"""The feed under concurrent writers: a reader who has seen an event has seen all before it."""

import asyncio
import signal
import threading
import time

import httpx
import pytest

from tests.clinic import bearer

pytestmark = pytest.mark.slow
_WRITERS, _EACH = 12, 12


async def follow(client, done):
    """Read from the beginning, page after page, until the writers are done and nothing is left."""
    cursor, seen = None, []
    while True:
        ended = done.is_set()
        query = {"limit": 7} | ({"after": cursor} if cursor else {})
        answer = await client.get("/v1/events", params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        seen.extend(page["items"])
        cursor = page["resume_after"]
        if ended and not page["items"]:
            return seen


async def test_no_gap_is_ever_seen_and_nothing_comes_twice(over_http):
    """Some writers are refused: what is rolled back leaves neither an event nor a gap."""
    owner = over_http("owner")
    done = asyncio.Event()
    readers = [asyncio.create_task(follow(owner, done)) for _ in range(3)]
    made, refused = [], 0

    async def write(writer):
        nonlocal refused
        for number in range(_EACH):
            answer = await owner.post("/v1/rooms", json={"name": f"Room {writer}.{number}"})
            assert answer.status_code == 201, answer.text
            made.append(answer.json()["id"])
            taken = await owner.post("/v1/rooms", json={"name": f"Room {writer}.{number}"})
            refused += taken.status_code == 409

    await asyncio.gather(*(write(writer) for writer in range(_WRITERS)))
    done.set()
    for seen in await asyncio.gather(*readers):
        # In the order in which they came: exactly 1, 2, 3 … — a number that was filled in later
        # would be missing here, because the reader had gone past it.
        assert [each["number"] for each in seen] == list(range(1, len(seen) + 1))
        rooms = [each["resource_id"] for each in seen if each["type"] == "room.added"]
        assert set(made) <= set(rooms)
        assert len(rooms) == len(set(rooms))
    assert refused == _WRITERS * _EACH


def test_a_server_with_open_streams_stops_at_once(own_server, clinic):
    """Three listeners; SIGTERM; each is told, none is cut off, and the process ends."""
    opened = threading.Barrier(4)
    heard: list[str] = []

    def hear():
        with httpx.stream(
            "GET", f"{own_server.url}/v1/events/stream", headers=bearer(clinic.tokens["owner"]),
            timeout=20,
        ) as answer:  # fmt: skip
            assert answer.status_code == 200
            opened.wait(timeout=20)
            heard.append("".join(answer.iter_text()))

    listeners = [threading.Thread(target=hear) for _ in range(3)]
    for each in listeners:
        each.start()
    opened.wait(timeout=20)
    time.sleep(1)
    begun = time.monotonic()
    own_server.kill(signal.SIGTERM)
    assert time.monotonic() - begun < 4.5  # it would wait five seconds for open answers
    for each in listeners:
        each.join(timeout=20)
    assert len(heard) == 3
    assert all('"shutdown"' in text for text in heard)
