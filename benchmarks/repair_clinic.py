"""A clinic of any size to be repaired: people, rooms, patients, and a calendar full of sessions.

One treatable patient with an active plan is made over HTTP and repeated under new ids; the rooms of
ten weeks are filled to a good half with other patients.
"""

import random
from argparse import Namespace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from api.database import Database
from models import OpeningHours, Room, SessionState, StaffMember, TreatmentSession
from tests.clinic import START, SeededClinic

_COPIED = (
    "patient", "allergy", "condition", "medication", "therapy", "measurement", "consent",
    "assessment", "assessment_diagnosis", "treatment_plan",
)  # fmt: skip
_TILES, _DAYS, _FULL = 16, 70, 55
_CHANCE = random.Random(5)  # noqa: S311 - repeatable, nothing secret
Rows = dict[str, list[dict[str, Any]]]


def _table(name: str) -> Any:
    return SQLModel.metadata.tables[name]


async def originals(database: Database, clinic: SeededClinic, patient_id: UUID) -> Rows:
    rows: Rows = {}
    async with database.reading() as db:
        for name in _COPIED:
            table = _table(name)
            key = table.c.id if name == "patient" else table.c.patient_id
            statement = select(table).where(table.c.clinic_id == clinic.id, key == patient_id)
            rows[name] = [dict(row) for row in (await db.execute(statement)).mappings()]
    return rows


async def store(database: Database, name: str, rows: list[dict[str, Any]]) -> None:
    async with database.writing() as db:
        for start in range(0, len(rows), 500):
            await db.execute(insert(_table(name)), rows[start : start + 500])


async def people(database: Database, clinic: SeededClinic, size: Namespace) -> Any:
    """Practitioners, rooms and the hours of the clinic."""
    async with database.reading() as db:
        person = await db.get_one(StaffMember, (clinic.id, clinic.staff["practitioner"]))
        room = await db.get_one(Room, (clinic.id, clinic.room_ids[0]))
        person_row, room_row = person.model_dump(), room.model_dump()
        account = dict(
            (
                await db.execute(
                    select(_table("account")).where(_table("account").c.id == person.account_id)
                )
            ).mappings().one()
        )  # fmt: skip
    ids = [clinic.staff["practitioner"]]
    for number in range(1, size.practitioners):
        ids.append(uuid7())
        own = {"id": uuid7(), "email": f"p{number}@example.org"}
        await store(database, "account", [account | own])
        copy = {**person_row, "id": ids[-1], "account_id": own["id"]}
        await store(database, "staff_member", [copy | {"display_name": f"P {number:02}"}])
    rooms: list[UUID] = list(clinic.room_ids)
    while len(rooms) < size.rooms:
        rooms.append(uuid7())
        name = f"Room {len(rooms)}"
        await store(database, "room", [room_row | {"id": rooms[-1], "name": name}])
    hours = [
        OpeningHours(
            clinic_id=clinic.id, weekday=day, opens_minute=540, closes_minute=1020,
            created_at=START, updated_at=START,
        ).model_dump()
        for day in range(1, 6)
    ]  # fmt: skip
    await store(database, "opening_hours", hours)
    return ids, rooms


async def patients(database: Database, rows: Rows, count: int) -> list[tuple[UUID, UUID]]:
    """Copies of the one patient; returns patient and plan of each."""
    copies: Rows = {name: [] for name in _COPIED}
    made = []
    for number in range(count):
        renamed: dict[Any, UUID] = {
            row["id"]: uuid7() for name in _COPIED for row in rows[name]
        }  # fmt: skip
        for name in _COPIED:
            for row in rows[name]:
                copy: dict[str, Any] = {
                    key: renamed.get(value, value) for key, value in row.items()
                }
                if name == "patient":
                    copy["record_number"] = f"R{number:06}"
                copies[name].append(copy)
        made.append((renamed[rows["patient"][0]["id"]], renamed[rows["treatment_plan"][0]["id"]]))
    for name in _COPIED:
        await store(database, name, copies[name])
    return made


def _session(clinic: SeededClinic, who: tuple[UUID, UUID], at: datetime, place: Any) -> Any:
    practitioner, room = place
    return TreatmentSession(
        clinic_id=clinic.id, plan_id=who[1], patient_id=who[0], practitioner_id=practitioner,
        room_id=room, session_number=1, phase="A", starts_at=at,
        ends_at=at + timedelta(minutes=30), scheduled_on=at.date(), time_zone="Europe/Paris",
        state=SessionState.SCHEDULED, recorded_by=practitioner, recorded_at=START,
        created_at=START, updated_at=START,
    ).model_dump()  # fmt: skip


def calendar(
    clinic: SeededClinic, staff: list[UUID], rooms: list[UUID], made: Any, size: Namespace
) -> tuple[list[Any], datetime]:
    """Sessions from the second week on; the first so many are those to be moved."""
    first = datetime(2026, 3, 9, 8, tzinfo=UTC)  # nine in Paris
    rows, closed_until, number = [], first, 0
    background = 0
    for day in range(_DAYS):
        morning = first + timedelta(days=day)
        if morning.weekday() >= 5:
            continue
        closed = number < size.sessions
        for tile in range(_TILES):
            free = _CHANCE.sample(staff, len(rooms))
            at = morning + timedelta(minutes=30 * tile)
            for room, person in zip(rooms, free, strict=True):
                if closed and number < size.sessions and _CHANCE.randrange(100) < 90:
                    rows.append(_session(clinic, made[number], at, (person, room)))
                    number += 1
                    closed_until = morning + timedelta(hours=15)
                elif not closed and _CHANCE.randrange(100) < _FULL:
                    # Each of the others is seen once a day at most: nobody is in two rooms.
                    other = made[size.sessions + background % (len(made) - size.sessions)]
                    background += 1
                    rows.append(_session(clinic, other, at, (person, room)))
    return rows, closed_until
