"""A second look rests on what the first was told only while nothing else is written."""

from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from sqlalchemy import update

from api.decisions import just_told
from api.decisions.matters import Scheduling
from models import Room, TreatmentSession
from tests.clinic import START
from tests.factories import made
from tests.factories_sessions import booking, make_active_plan
from tests.queries import counted_queries


class Undone(Exception):
    """Rolls back what was only tried."""


def session(number):
    return cast(TreatmentSession, SimpleNamespace(id=number))


def matter():
    return Scheduling(cast(Any, None), uuid4(), 1, START, START, uuid4())


async def test_a_booking_is_judged_twice_and_its_facts_are_asked_for_once(app, as_role, clinic):
    desk, plan = as_role("receptionist"), await make_active_plan(as_role, clinic)
    with counted_queries(app) as queries:
        # Not by the factory, which may remember the session of another test.
        await made(desk, "/v1/sessions", booking(plan, clinic, "2026-03-03T09:00:00Z"))
    assert sum("FROM consent" in each for each in queries) == 1
    assert len(queries) <= 51


@pytest.fixture
async def told(app, clinic):
    """A transaction in which the rules were told about one session, and that session."""
    asked = matter()
    with suppress(Undone):
        async with app.state.database.writing() as db:
            just_told.keep(db, asked, cast(Any, "facts"), cast(Any, "figures"))
            yield db, session(asked.session_id)
            raise Undone


async def add(db, clinic):
    db.add(Room(clinic_id=clinic.id, name="Another"))


async def change(db, clinic):
    room = await db.get_one(Room, (clinic.id, clinic.room_ids[0]))
    room.name = "Another"


async def remove(db, clinic):
    await db.delete(await db.get_one(Room, (clinic.id, clinic.room_ids[0])))


async def say(db, clinic):
    await db.exec(update(Room).values(active=False))


@pytest.mark.parametrize("write", [add, change, remove, say])
async def test_whatever_is_written_in_between_is_asked_for(told, clinic, write):
    db, mine = told
    await db.get_one(Room, (clinic.id, clinic.room_ids[0]))
    await db.flush()
    kept = just_told.kept(db, [mine])
    assert kept is not None
    assert cast(Any, (kept.facts, kept.figures)) == ("facts", "figures")
    await write(db, clinic)
    await db.flush()
    assert just_told.kept(db, [mine]) is None


async def test_nobody_else_is_meant(told):
    db, mine = told
    another = session(uuid4())
    assert just_told.kept(db, [another]) is None
    assert just_told.kept(db, [mine, another]) is None
    assert just_told.kept(db, []) is None
