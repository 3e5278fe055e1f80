"""What the tests stand on: each finds the same beginning, whatever the others stored."""

from typing import Any

from sqlalchemy import text

from tests.databases import BEGINNING, SharedDatabase
from tests.factories_sessions import book, make_active_plan, make_lot
from tests.remembering import memory
from tests.stores import TABLES


async def stored(database: SharedDatabase) -> dict[str, list[str]]:
    """Every row of every table."""
    async with database.reading() as db:
        return {
            table: sorted(map(str, (await db.execute(text(f"SELECT * FROM {table}"))).all()))
            for table in TABLES
        }


async def filled(as_role: Any, clinic: Any) -> None:
    plan = await make_active_plan(as_role, clinic)
    await book(as_role("receptionist"), plan, clinic, "2026-03-03T09:00:00Z")
    stranger = {"given_name": "Nobody", "family_name": "Remembers", "born_on": "1990-01-01"}
    answer = await as_role("receptionist").post("/v1/patients", json=stranger | {"sex": "female"})
    assert answer.status_code == 201


async def test_what_a_test_stored_is_gone_in_the_next(shared_database, as_role, clinic, clock):
    beginning = await stored(shared_database)
    await filled(as_role, clinic)
    assert await stored(shared_database) != beginning
    shared_database.begin(clock)
    assert await stored(shared_database) == beginning


async def test_a_kept_state_is_found_again_and_is_nobodys_to_change(
    shared_database, as_role, clinic, clock
):
    assert shared_database.state == BEGINNING
    await filled(as_role, clinic)
    first = await stored(shared_database)
    assert shared_database.state is None
    kept = await shared_database.keep(BEGINNING)
    await make_lot(as_role("nurse"), "LIDOCAINE")
    second = await stored(shared_database)
    later = await shared_database.keep(kept)
    shared_database.begin(clock)
    for state, wanted in ((kept, first), (later, second), (kept, first)):
        shared_database.go_to(state)
        assert await stored(shared_database) == wanted
        assert shared_database.state == state


async def test_what_a_factory_made_is_remembered_with_its_instant(
    shared_database, as_role, clinic, clock
):
    """Its third caller asks nothing, and finds the same answer, the same rows, the same time."""
    found = []
    for _ in range(3):
        shared_database.begin(clock)
        plan = await make_active_plan(as_role, clinic, goals="To be remembered.")
        found.append((plan, await stored(shared_database), clock.now))
    assert found[1] == found[2]
    assert found[0][2] == found[2][2]
    read = await as_role("nurse").get(f"/v1/plans/{found[2][0]['id']}")
    assert read.json()["goals"] == "To be remembered."
    shared_database.begin(clock)
    with memory.set_aside():  # as whoever counts requests does
        made = await make_active_plan(as_role, clinic, goals="To be remembered.")
    assert made["id"] != found[2][0]["id"]
