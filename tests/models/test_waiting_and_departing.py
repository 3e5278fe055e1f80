"""The database refuses a departure from nowhere, and a wish for a session that there is not."""

from datetime import timedelta
from typing import Any

import pytest

from models import CalendarDeparture, WaitlistEntry
from tests.models.rows import (
    DAY,
    NOON,
    make_patient,
    make_session,
    new_world,
    refused,
    stored,
)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"practitioner_id": None}, "left_one"),
        ({"ends_at": NOON}, "ends_after_start"),
        ({"sequence": 0}, "sequence_range"),
    ],
)
async def test_a_departure_that_contradicts_itself(engine, fields, name):
    world = await new_world(engine)
    session = make_session(world)
    await stored(engine, session)
    known: dict[str, Any] = {
        "session_id": session.id, "practitioner_id": world.author, "starts_at": NOON,
        "ends_at": NOON + timedelta(minutes=30), "sequence": 1, "left_at": NOON,
    }  # fmt: skip
    await stored(engine, CalendarDeparture(clinic_id=world.clinic, **known))
    async with refused(engine, f"ck_calendar_departure_{name}") as db:
        db.add(CalendarDeparture(clinic_id=world.clinic, **(known | fields)))


async def test_who_would_come_earlier_names_a_session_that_there_is(engine):
    world = await new_world(engine)
    session, other = make_session(world), make_patient(world.clinic, "P-2")
    await stored(engine, session, other)
    entry = WaitlistEntry(
        clinic_id=world.clinic, plan_id=world.plan, patient_id=world.patient, until_on=DAY,
        duration_minutes=30, session_id=session.id, recorded_by=world.author, recorded_at=NOON,
    )  # fmt: skip
    await stored(engine, entry)
    async with refused(engine, "constraint") as db:
        kept = await db.get_one(WaitlistEntry, (world.clinic, entry.id))
        kept.session_id = other.id
