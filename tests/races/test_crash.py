"""kill -9 in the middle of writing: what was answered is there, what was not happened once or not
at all, and the audit chain has no gap."""

import asyncio

import httpx
import pytest

from api import audit
from api.database import Database
from tests.conftest import settings_for

pytestmark = pytest.mark.slow
WRITERS = 6


def lot(number: str) -> dict[str, object]:
    return {
        "ingredient_code": "BIOTIN", "product_name": "Biotin", "manufacturer": "Acme",
        "lot_number": number, "expires_on": "2027-08", "container": "multi_dose",
        "received_volume_ml": "50", "excipient_classes": [],
    }  # fmt: skip


async def write(client: httpx.AsyncClient, number: str) -> httpx.Response:
    return await client.post("/v1/lots", json=lot(number), headers={"Idempotency-Key": number})


async def write_until_dead(
    client: httpx.AsyncClient, writer: int, answered: dict[str, str], sent: list[str]
) -> None:
    """Keep writing, one after the other, until the server is gone."""
    for count in range(100_000):
        number = f"w{writer}-{count}"
        sent.append(number)
        try:
            answer = await write(client, number)
        except httpx.HTTPError:
            return
        assert answer.status_code == 201, answer.text
        answered[number] = answer.json()["id"]


@pytest.fixture
def server(own_server):
    return own_server


async def chains(database_url, clinic):
    database = Database(settings_for(database_url))
    try:
        async with database.reading() as db:
            return [await audit.verify(db, each) for each in (clinic.id, clinic.other_id)]
    finally:
        await database.dispose()


async def lots_by_number(client):
    found: dict[str, list[str]] = {}
    path = "/v1/lots?limit=200"
    cursor = ""
    while True:
        page = (await client.get(path + cursor)).json()
        for each in page["items"]:
            found.setdefault(each["lot_number"], []).append(each["id"])
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


async def test_what_was_answered_survives_kill_9(server, over_http, clinic, database_url):
    nurse = over_http("nurse")
    answered: dict[str, str] = {}
    sent: list[str] = []
    for round_number in range(2):
        writers = [
            asyncio.create_task(write_until_dead(nurse, round_number * WRITERS + n, answered, sent))
            for n in range(WRITERS)
        ]
        before = len(answered)
        while len(answered) < before + 40:
            await asyncio.sleep(0.01)
            assert not all(task.done() for task in writers)
        server.kill()
        await asyncio.gather(*writers)
        server.start()

        found = await lots_by_number(nurse)
        for number, lot_id in answered.items():
            assert found[number] == [lot_id]
        assert all(len(ids) == 1 for ids in found.values())
        assert set(found) <= set(sent)
        for report in await chains(database_url, clinic):
            assert report.problem is None

    # Whoever got no answer sends again with the same key: one effect, whatever had happened.
    for number in sent:
        answer = await write(nurse, number)
        assert answer.status_code == 201, answer.text
        if number in answered:
            assert answer.headers["idempotency-replayed"] == "true"
            assert answer.json()["id"] == answered[number]
    found = await lots_by_number(nurse)
    assert set(found) == set(sent)
    assert all(len(ids) == 1 for ids in found.values())
    assert [report.problem for report in await chains(database_url, clinic)] == [None, None]
