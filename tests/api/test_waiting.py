"""Writers queue, in order, and readers do not wait for them; who waits too long is told so."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

ROOMS = "/v1/rooms"


@pytest.fixture
def database(app, clinic):
    return app.state.database


@asynccontextmanager
async def no_place_left(database):
    """As many writers at work as this process lets in at once."""
    async with AsyncExitStack() as at_work:
        for _ in range(database._places._value):
            await at_work.enter_async_context(database.writing())
        yield


async def test_readers_go_on_and_a_writer_who_waited_too_long_is_told(
    as_role, database, monkeypatch
):
    owner = as_role("owner")
    monkeypatch.setattr("api.database.PATIENCE_SECONDS", 0.05)
    async with no_place_left(database):
        assert (await owner.get(ROOMS)).status_code == 200
        refused = await owner.post(ROOMS, json={"name": "Room 9"})
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/busy")
    assert refused.headers["retry-after"] == "1"
    added = await owner.post(ROOMS, json={"name": "Room 9"})  # its place was not lost
    assert added.status_code == 201


async def test_writers_come_in_the_order_in_which_they_asked(database):
    came: list[int] = []

    async def write(number):
        async with database.writing():
            came.append(number)

    async with no_place_left(database):
        waiting = [asyncio.create_task(write(number)) for number in range(12)]
        await asyncio.sleep(0.01)
        waiting[5].cancel()  # its client is gone
        assert came == []
    await asyncio.gather(*waiting, return_exceptions=True)
    assert came == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    async with no_place_left(database):
        pass  # nobody took a place away
