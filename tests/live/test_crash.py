"""kill -9 of the server in the middle of writing, again and again; and the orderly stop.

Afterwards: every answered write is there as it was answered; every key sent again has one effect;
the audit chain has no gap; the database is sound.
"""

import asyncio
import random
import signal
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.clinic import bearer

pytestmark = pytest.mark.slow
KILLS = 3
WRITERS = 6
SEED = 20260302


@dataclass
class Journal:
    """What the clients know: what they sent, by key, and what they were answered."""

    sent: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    answered: dict[str, dict[str, Any]] = field(default_factory=dict)


def draft(key: str, number: int) -> tuple[str, dict[str, Any]]:
    """Patients and rooms in turn, each named by its key."""
    if number % 3 == 0:
        return "/v1/rooms", {"name": f"Room {key}"}
    person = {"given_name": "Ada", "family_name": f"Moreau {key}", "born_on": "1989-04-02"}
    return "/v1/patients?allow_duplicate=true", person


async def post(client: httpx.AsyncClient, journal: Journal, key: str) -> httpx.Response:
    path, body = journal.sent[key]
    return await client.post(path, json=body, headers={"Idempotency-Key": key})


async def write(client: httpx.AsyncClient, journal: Journal, name: str) -> None:
    """One write after the other until the server is gone; what was not answered is forgotten."""
    for number in range(100_000):
        key = f"{name}-{number}"
        journal.sent[key] = draft(key, number)
        try:
            answer = await post(client, journal, key)
        except httpx.HTTPError:
            return
        if answer.status_code == 503:  # it is about to stop: "try again", nothing was stored
            continue
        assert answer.status_code == 201, answer.text
        journal.answered[key] = answer.json()


async def everything(client: httpx.AsyncClient, path: str, name: str) -> list[str]:
    """The names of all rows of a list, page by page."""
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await client.get(f"{path}?limit=200{cursor and f'&cursor={cursor}'}")).json()
        found += [item[name] for item in page["items"]]
        cursor = page["next_cursor"]
    return found


async def check_answered(client: httpx.AsyncClient, journal: Journal) -> None:
    """Whatever was answered is there, as it was answered."""
    for key, body in journal.answered.items():
        path = journal.sent[key][0].partition("?")[0]
        read = await client.get(f"{path}/{body['id']}")
        assert read.status_code == 200, f"{key} was answered and is lost"
        assert read.json() == body


async def check_once(client: httpx.AsyncClient, journal: Journal) -> None:
    """Every key again: answered ones are replayed, the others have their one effect now or had
    it then."""
    for key in journal.sent:
        answer = await post(client, journal, key)
        assert answer.status_code == 201, answer.text
        if key in journal.answered:
            assert answer.headers["idempotency-replayed"] == "true"
            assert answer.json() == journal.answered[key]
    wanted = sorted(
        str(body.get("name") or body["family_name"]) for _, body in journal.sent.values()
    )
    names = await everything(client, "/v1/patients", "family_name")
    names += await everything(client, "/v1/rooms", "name")
    assert sorted(name for name in names if "round" in name) == wanted


def check_sound(product) -> None:
    code, chains = product.run("audit", "verify")
    assert code == 0, chains
    assert [chain["first_bad"] for chain in chains] == [None, None]
    code, report = product.run("db", "check")
    assert (code, report["ok"], report["missing"]) == (0, True, [])


async def test_what_was_answered_survives_being_killed(product, database_url, clinic):
    print(f"seed {SEED}")
    chance = random.Random(SEED)  # noqa: S311 - when to kill, nothing secret
    running = product(database_url)
    journal = Journal()
    headers = bearer(clinic.tokens["owner"])
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(
        base_url=running.url, headers=headers, timeout=30, limits=limits
    ) as client:
        for kill in range(KILLS):
            known = len(journal.answered)
            writers = [
                asyncio.create_task(write(client, journal, f"round{kill}-{writer}"))
                for writer in range(WRITERS)
            ]
            enough = known + chance.randint(5, 40)
            while len(journal.answered) < enough:
                await asyncio.sleep(0.005)
                assert not all(task.done() for task in writers)
            await asyncio.sleep(chance.uniform(0, 0.05))
            running.kill()
            await asyncio.gather(*writers)
            running.start()
            await check_answered(client, journal)
        await check_once(client, journal)
    check_sound(running)


async def test_an_orderly_stop_finishes_what_it_began(product, database_url, clinic):
    running = product(database_url)
    journal = Journal()
    headers = bearer(clinic.tokens["owner"])
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(
        base_url=running.url, headers=headers, timeout=30, limits=limits
    ) as client:
        writers = [
            asyncio.create_task(write(client, journal, f"round-{writer}"))
            for writer in range(WRITERS)
        ]
        while len(journal.answered) < 20:
            await asyncio.sleep(0.01)
            assert not all(task.done() for task in writers)
        code = await asyncio.to_thread(running.stop)
        await asyncio.gather(*writers)
        assert code in {0, -signal.SIGTERM}  # uvicorn ends by the signal once all is done
        assert not [line for line in running.lines() if line.get("status", 0) == 500]
        running.start()
        await check_answered(client, journal)
        await check_once(client, journal)
    check_sound(running)
