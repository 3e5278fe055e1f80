"""The checker of the crowds' history notices when what keeps bookings apart is taken away."""

import asyncio
import re
import time

import pytest
from sqlalchemy import text

from models.guards import guards
from tests.factories_crowds import make_plans
from tests.races.history import violations

pytestmark = pytest.mark.slow
PATIENTS = 8
KEEPS_SESSIONS_APART = re.compile(r"no_overlap_[a-z]+(_occupied)?(_insert|_update)?$")


@pytest.fixture
def server(own_server):
    return own_server


@pytest.fixture
async def unguarded(app):
    """The database without the guards that would have the last word."""
    async with app.state.database.writing() as db:
        dialect = db.get_bind().dialect.name
        drop = {
            "sqlite": "DROP TRIGGER {0.name}",
            "postgresql": "ALTER TABLE {0.table} DROP CONSTRAINT {0.name}",
        }[dialect]
        for guard in guards(dialect):
            if guard.table == "treatment_session" and KEEPS_SESSIONS_APART.match(guard.name):
                await db.execute(text(drop.format(guard)))


@pytest.mark.parametrize("own_server", ["unguarded"], indirect=True)
async def test_the_checker_notices_that_a_lock_is_gone(over_http, clinic, unguarded, crowd):
    plans = await make_plans(over_http, clinic, PATIENTS)
    crowd.people, crowd.rooms = crowd.people[:1], crowd.rooms[:1]
    end = time.monotonic() + 60
    await asyncio.gather(*(crowd.client(each, plans, 1, end) for each in range(PATIENTS)))
    found = violations(crowd.history, await crowd.final())
    assert any("stand with one practitioner_id" in each for each in found), found
    assert any("stand with one room_id" in each for each in found), found
