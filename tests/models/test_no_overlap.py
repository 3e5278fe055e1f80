"""Practitioner, room and patient are each in one session at a time."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from models import Account, Room, StaffMember, TreatmentPlan, TreatmentSession
from tests.models.rows import (
    NOON,
    make_patient,
    make_session,
    new_world,
    refused,
    stored,
)

OCCUPYING = ["scheduled", "confirmed", "checked_in", "completed"]


async def others(engine, world):
    """A second practitioner, room, and patient with a plan: what differs between two sessions."""
    account = Account(email=f"{uuid7()}@example.org", password_hash="-")
    staff = StaffMember(clinic_id=world.clinic, account_id=account.id, display_name="Other")
    room = Room(clinic_id=world.clinic, name="Room 2")
    patient = make_patient(world.clinic, "P-2")
    async with AsyncSession(engine) as db:
        known = (await db.get_one(TreatmentPlan, (world.clinic, world.plan))).model_dump()
    plan = TreatmentPlan(**{**known, "id": uuid7(), "patient_id": patient.id})
    await stored(engine, plan, patient, room, staff, account)
    return {
        "practitioner": {"practitioner_id": staff.id},
        "room": {"room_id": room.id},
        "patient": {"patient_id": patient.id, "plan_id": plan.id},
    }


def all_but(different, resource):
    """The fields of a session that shares only `resource` with the first one."""
    return {
        name: value
        for other, fields in different.items()
        if other != resource
        for name, value in fields.items()
    }


@pytest.mark.parametrize("resource", ["practitioner", "room", "patient"])
async def test_a_resource_is_in_one_session_at_a_time(engine, resource):
    world = await new_world(engine)
    shared = all_but(await others(engine, world), resource)
    await stored(engine, make_session(world, 0, 30))
    for start, end in [(0, 30), (29, 59), (-29, 1), (10, 20), (-10, 40)]:
        async with refused(engine, f"no_overlap_{resource}") as db:
            db.add(make_session(world, start, end, **shared))
    touching = [make_session(world, 30, 60, **shared), make_session(world, -30, 0, **shared)]
    await stored(engine, *touching)


@pytest.mark.parametrize("state", OCCUPYING)
async def test_every_occupying_state_takes_up_its_time(engine, state):
    world = await new_world(engine)
    await stored(engine, make_session(world, state=state))
    async with refused(engine, "no_overlap_") as db:
        db.add(make_session(world))


@pytest.mark.parametrize("state", ["cancelled", "no_show"])
async def test_a_session_that_does_not_take_place_takes_up_nothing(engine, state):
    world = await new_world(engine)
    gone = make_session(world, state=state)
    await stored(engine, gone)
    await stored(engine, make_session(world))
    async with refused(engine, "no_overlap_") as db:  # nor can it come back
        await db.exec(
            update(TreatmentSession)
            .where(col(TreatmentSession.id) == gone.id)
            .values(state="scheduled")
        )


async def test_a_move_is_refused_like_a_booking(engine):
    world = await new_world(engine)
    first, second = make_session(world, 0, 30), make_session(world, 30, 60)
    await stored(engine, first, second)
    async with refused(engine, "no_overlap_") as db:
        row = await db.get_one(TreatmentSession, (world.clinic, second.id))
        row.starts_at -= timedelta(minutes=1)
    async with AsyncSession(engine) as db, db.begin():  # over its own old time it may move
        row = await db.get_one(TreatmentSession, (world.clinic, second.id))
        row.starts_at, row.ends_at = NOON + timedelta(minutes=45), NOON + timedelta(minutes=75)


async def test_another_clinic_is_unaffected(engine):
    world, other = await new_world(engine), await new_world(engine)
    await stored(engine, make_session(world), make_session(other))


async def test_sessions_without_a_room_share_none(engine):
    world = await new_world(engine)
    different = await others(engine, world)
    apart = {**different["practitioner"], **different["patient"]}
    await stored(engine, make_session(world, room_id=None))
    await stored(engine, make_session(world, room_id=None, **apart))


async def test_overbooking_on_purpose_frees_one_resource_only(engine):
    world = await new_world(engine)
    different = await others(engine, world)
    await stored(engine, make_session(world))
    on_purpose: dict[str, Any] = {
        "overbooks": "practitioner", "overbook_reason": "assisted",
        "overbook_comment": "A colleague watches the first.",
    }  # fmt: skip
    async with refused(engine, "no_overlap_room") as db:
        db.add(make_session(world, **on_purpose, **different["patient"]))
    await stored(engine, make_session(world, **on_purpose, **all_but(different, "practitioner")))


async def test_a_session_ends_after_it_starts_and_within_a_day(engine):
    world = await new_world(engine)
    async with refused(engine, "ck_treatment_session_ends_after_start") as db:
        db.add(make_session(world, 0, 0))
    async with refused(engine, "session_length") as db:
        db.add(make_session(world, 0, 24 * 60 + 1))
    await stored(engine, make_session(world, 0, 24 * 60))
    async with refused(engine, "no_overlap_") as db:  # found although it began a day before
        db.add(make_session(world, 24 * 60 - 1, 24 * 60 + 30))


async def test_the_search_for_an_overlap_reads_a_short_stretch_of_an_index(engine):
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL searches the index of its exclusion constraint")
    await new_world(engine)
    async with engine.connect() as connection:
        plan = await connection.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT 1 FROM treatment_session WHERE clinic_id = 'a'"
                " AND practitioner_id = 'b' AND id <> 'c' AND state IN ('scheduled', 'confirmed')"
                " AND overbooks IS NOT 'practitioner'"
                " AND starts_at > '2026' AND starts_at < '2027' AND ends_at > '2026'"
            )
        )
        steps = [row[3] for row in plan]
    assert steps == [
        "SEARCH treatment_session USING INDEX ix_treatment_session_practitioner_id_starts_at"
        " (clinic_id=? AND practitioner_id=? AND starts_at>? AND starts_at<?)"
    ]


def buffered(world, start, end, before, after, **fields):
    return make_session(
        world, start, end, occupied_from=NOON + timedelta(minutes=start - before),
        occupied_until=NOON + timedelta(minutes=end + after), **fields,
    )  # fmt: skip


@pytest.mark.parametrize("resource", ["practitioner", "room"])
async def test_buffers_take_up_practitioner_and_room(engine, resource):
    world = await new_world(engine)
    shared = all_but(await others(engine, world), resource)
    await stored(engine, buffered(world, 0, 30, 5, 10))
    for taken in (
        make_session(world, 39, 60, **shared),
        make_session(world, -30, -4, **shared),
        buffered(world, 45, 60, 6, 0, **shared),
        buffered(world, -30, -10, 0, 6, **shared),
    ):
        async with refused(engine, f"no_overlap_{resource}") as db:
            db.add(taken)
    await stored(engine, buffered(world, 45, 60, 5, 0, **shared), make_session(world, -30, -5))
    async with refused(engine, f"no_overlap_{resource}") as db:  # nor may a buffer grow into it
        await db.exec(
            update(TreatmentSession)
            .where(col(TreatmentSession.starts_at) == NOON)
            .values(occupied_until=NOON + timedelta(minutes=41))
        )


async def test_buffers_do_not_take_up_the_patient(engine):
    world = await new_world(engine)
    different = await others(engine, world)
    apart = {**different["practitioner"], **different["room"]}
    await stored(engine, buffered(world, 0, 30, 5, 10), make_session(world, 30, 60, **apart))
    async with refused(engine, "no_overlap_patient") as db:
        db.add(make_session(world, 29, 30, **apart))


async def test_a_buffer_surrounds_its_session_and_lasts_four_hours_at_most(engine):
    world = await new_world(engine)
    for before, after in [(-1, 0), (0, -1), (241, 0), (0, 241)]:
        async with refused(engine, "session_buffers") as db:
            db.add(buffered(world, 0, 30, before, after))
    await stored(engine, buffered(world, 0, 24 * 60, 240, 240))
    async with refused(engine, "no_overlap_") as db:  # the longest reach there is
        db.add(buffered(world, 32 * 60 - 1, 32 * 60, 240, 0))
    await stored(engine, buffered(world, 32 * 60, 32 * 60 + 5, 240, 0))


@pytest.mark.parametrize(
    "why",
    [
        {},
        {"overbook_reason": "assisted"},
        {"overbook_comment": "A colleague watches the first."},
        {"overbook_reason": "assisted", "overbook_comment": "x" * 19},
    ],
)
async def test_who_overbooks_on_purpose_says_why(engine, why):
    world = await new_world(engine)
    async with refused(engine, "overbooking_explained") as db:
        db.add(make_session(world, overbooks="practitioner", **why))
    session = make_session(world)
    await stored(engine, session)
    async with refused(engine, "overbooking_explained") as db:
        await db.exec(
            update(TreatmentSession)
            .where(col(TreatmentSession.id) == session.id)
            .values(overbooks="room", **why)
        )
