"""A reservation takes its practitioner, room and patient from everybody else."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from models import SlotReservation, TreatmentSession
from tests.models.rows import NOON, make_session, new_world, refused, stored
from tests.models.test_no_overlap import OCCUPYING, all_but, buffered, others

RESOURCES = ["practitioner", "room", "patient"]
_MINUTE = timedelta(minutes=1)


def make_reservation(world, start=0, end=30, buffer=0, **fields: Any):
    fields.pop("plan_id", None)
    known: dict[str, Any] = {
        "practitioner_id": world.author, "room_id": world.room, "patient_id": world.patient,
        "starts_at": NOON + start * _MINUTE, "ends_at": NOON + end * _MINUTE,
        "occupied_from": NOON + (start - buffer) * _MINUTE,
        "occupied_until": NOON + (end + buffer) * _MINUTE,
        "expires_at": NOON, "recorded_by": world.author, "recorded_at": NOON,
    }  # fmt: skip
    return SlotReservation(clinic_id=world.clinic, **(known | fields))


@pytest.mark.parametrize("resource", RESOURCES)
async def test_a_reservation_refuses_sessions_and_reservations(engine, resource):
    world = await new_world(engine)
    shared = all_but(await others(engine, world), resource)
    await stored(engine, make_reservation(world))
    for start, end in [(0, 30), (29, 59), (-29, 1), (10, 20), (-10, 40)]:
        async with refused(engine, f"no_overlap_{resource}_reserved") as db:
            db.add(make_session(world, start, end, **shared))
        async with refused(engine, f"no_overlap_{resource}_twice") as db:
            db.add(make_reservation(world, start, end, **shared))
    await stored(engine, make_session(world, 30, 60, **shared))
    await stored(engine, make_reservation(world, -30, 0, **shared))


@pytest.mark.parametrize("resource", RESOURCES)
async def test_a_session_refuses_reservations(engine, resource):
    world = await new_world(engine)
    shared = all_but(await others(engine, world), resource)
    await stored(engine, make_session(world))
    for start, end in [(0, 30), (29, 59), (-29, 1)]:
        async with refused(engine, f"no_overlap_{resource}_booked") as db:
            db.add(make_reservation(world, start, end, **shared))
    later = make_reservation(world, 30, 60, **shared)
    await stored(engine, later)
    async with refused(engine, f"no_overlap_{resource}_booked") as db:
        row = await db.get_one(SlotReservation, (world.clinic, later.id))
        row.starts_at = row.occupied_from = NOON


@pytest.mark.parametrize("state", OCCUPYING)
async def test_only_a_session_that_takes_time_is_in_the_way(engine, state):
    world = await new_world(engine)
    session = make_session(world, state="cancelled")
    await stored(engine, session, make_reservation(world))
    async with refused(engine, "_reserved") as db:  # nor can it come back
        await db.exec(
            update(TreatmentSession)
            .where(col(TreatmentSession.id) == session.id)
            .values(state=state)
        )


async def test_a_move_into_reserved_time_is_refused(engine):
    world = await new_world(engine)
    session = make_session(world, 30, 60)
    await stored(engine, make_reservation(world), session)
    async with refused(engine, "_reserved") as db:
        row = await db.get_one(TreatmentSession, (world.clinic, session.id))
        row.starts_at -= _MINUTE
    async with AsyncSession(engine) as db, db.begin():  # a state alone takes nothing more
        await db.exec(update(TreatmentSession).values(state="confirmed"))


async def test_buffers_take_practitioner_and_room_but_not_the_patient(engine):
    world = await new_world(engine)
    different = await others(engine, world)
    await stored(engine, make_reservation(world, 0, 30, buffer=10))
    for resource in ("practitioner", "room"):
        async with refused(engine, f"no_overlap_{resource}_twice") as db:
            db.add(make_reservation(world, 35, 60, **all_but(different, resource)))
    await stored(engine, make_reservation(world, 35, 60, **all_but(different, "patient")))


@pytest.mark.parametrize("resource", ["practitioner", "room"])
async def test_no_buffer_of_a_session_lies_in_one_of_a_reservation(engine, resource):
    """Two sessions and two reservations are kept apart so; this is between the two."""
    world = await new_world(engine)
    shared = all_but(await others(engine, world), resource)
    await stored(engine, make_reservation(world, 0, 30, buffer=10))
    for taken in (
        make_session(world, 39, 60, **shared),
        make_session(world, -60, -9, **shared),
        buffered(world, 45, 60, 6, 0, **shared),
        buffered(world, -60, -15, 0, 6, **shared),
    ):
        async with refused(engine, f"no_overlap_{resource}_reserved_occupied") as db:
            db.add(taken)
    after = buffered(world, 45, 60, 5, 7, **shared)
    await stored(engine, after, buffered(world, -60, -15, 7, 5, **shared))
    async with refused(engine, f"no_overlap_{resource}_reserved_occupied") as db:
        row = await db.get_one(TreatmentSession, (world.clinic, after.id))
        row.occupied_from = NOON + 39 * _MINUTE  # nor may a buffer grow into it
    for start, end, buffer in [(66, 90, 0), (70, 90, 4), (-90, -66, 0), (-90, -70, 4)]:
        async with refused(engine, f"no_overlap_{resource}_booked_occupied") as db:
            db.add(make_reservation(world, start, end, buffer=buffer))
    await stored(engine, make_reservation(world, 67, 90))
    await stored(engine, make_reservation(world, -90, -70, buffer=3))


async def test_no_buffer_is_too_far_away_to_be_found(engine):
    """A day's session with four hours on either side, and reservations that just touch it."""
    world = await new_world(engine)
    await stored(engine, buffered(world, 0, 24 * 60, 240, 240))
    for start, end in [(28 * 60 - 1, 28 * 60), (-240, -239)]:
        async with refused(engine, "_booked_occupied") as db:
            db.add(make_reservation(world, start, end))
    await stored(engine, make_reservation(world, 28 * 60, 29 * 60))
    await stored(engine, make_reservation(world, -300, -240))


async def test_the_patient_is_taken_without_buffers(engine):
    world = await new_world(engine)
    different = await others(engine, world)
    apart = {**different["practitioner"], **different["room"]}
    await stored(engine, make_reservation(world, 0, 30, buffer=10))
    await stored(engine, buffered(world, 30, 60, 10, 10, **apart))
    async with refused(engine, "no_overlap_patient_reserved") as db:
        db.add(make_session(world, -30, 1, **apart))


async def test_without_room_and_patient_only_the_practitioner_is_taken(engine):
    world = await new_world(engine)
    different = await others(engine, world)
    await stored(engine, make_reservation(world, room_id=None, patient_id=None))
    apart = all_but(different, "practitioner")
    async with refused(engine, "no_overlap_practitioner_reserved") as db:
        db.add(make_session(world, **apart))
    await stored(engine, make_session(world, **different["practitioner"]))


async def test_a_resource_overbooked_on_purpose_is_not_asked(engine):
    world = await new_world(engine)
    different = await others(engine, world)
    await stored(engine, make_reservation(world))
    on_purpose: dict[str, Any] = {
        "overbooks": "practitioner", "overbook_reason": "assisted",
        "overbook_comment": "A colleague watches the first.",
    }  # fmt: skip
    async with refused(engine, "no_overlap_room_reserved") as db:
        db.add(make_session(world, **on_purpose, **different["patient"]))
    await stored(engine, make_session(world, **on_purpose, **all_but(different, "practitioner")))


async def test_consumed_in_the_transaction_of_the_booking(engine):
    world, other = await new_world(engine), await new_world(engine)
    await stored(engine, make_reservation(world), make_reservation(other))
    async with AsyncSession(engine) as db, db.begin():
        await db.exec(delete(SlotReservation).where(col(SlotReservation.clinic_id) == world.clinic))
        db.add(make_session(world))
    async with refused(engine, "_reserved") as db:
        db.add(make_session(other))
