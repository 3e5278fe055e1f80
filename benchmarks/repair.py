"""How long a proposal takes for 300 affected sessions of 20 practitioners, and applying it.

    python -m benchmarks.repair [--sessions 300] [--rooms 8] [--url postgresql://…]
    python -m benchmarks.repair --core

Makes one treatable patient with an active plan over HTTP, repeats them under new ids, fills the
rooms of ten weeks to a good half with other patients, and closes the clinic for as many days as
there are sessions to move. `--core` only solves problems made up by arithmetic.
"""

import argparse
import asyncio
import json
import random
import resource
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import insert, select
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from api.database import Database
from api.main import HANDLERS, create_app
from api.operations.runner import Runner
from api.repairs.greedy import greedy
from api.repairs.placing import collisions, cost_of
from api.repairs.solving import solve
from benchmarks.repair_instance import Size, instance
from models import OpeningHours, Room, SessionState, StaffMember, TreatmentSession
from models.migrate import upgrade
from tests.clinic import START, FakeClock, SeededClinic, bearer, seed
from tests.conftest import settings_for
from tests.factories_sessions import make_active_plan

_COPIED = (
    "patient", "allergy", "condition", "medication", "therapy", "measurement", "consent",
    "assessment", "assessment_diagnosis", "treatment_plan",
)  # fmt: skip
_TOLD = (
    "affected", "placed", "objective", "bound", "gap", "planner", "in_time", "seconds",
)  # fmt: skip
_TILES, _DAYS, _FULL = 16, 70, 55
_CHANCE = random.Random(5)  # noqa: S311 - repeatable, nothing secret
Rows = dict[str, list[dict[str, Any]]]


def _table(name: str) -> Any:
    return SQLModel.metadata.tables[name]


async def _originals(database: Database, clinic: SeededClinic, patient_id: UUID) -> Rows:
    rows: Rows = {}
    async with database.reading() as db:
        for name in _COPIED:
            table = _table(name)
            key = table.c.id if name == "patient" else table.c.patient_id
            statement = select(table).where(table.c.clinic_id == clinic.id, key == patient_id)
            rows[name] = [dict(row) for row in (await db.execute(statement)).mappings()]
    return rows


async def _insert(database: Database, name: str, rows: list[dict[str, Any]]) -> None:
    async with database.writing() as db:
        for start in range(0, len(rows), 500):
            await db.execute(insert(_table(name)), rows[start : start + 500])


async def people(database: Database, clinic: SeededClinic, size: argparse.Namespace) -> Any:
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
        await _insert(database, "account", [account | own])
        copy = {**person_row, "id": ids[-1], "account_id": own["id"]}
        await _insert(database, "staff_member", [copy | {"display_name": f"P {number:02}"}])
    rooms: list[UUID] = list(clinic.room_ids)
    while len(rooms) < size.rooms:
        rooms.append(uuid7())
        name = f"Room {len(rooms)}"
        await _insert(database, "room", [room_row | {"id": rooms[-1], "name": name}])
    hours = [
        OpeningHours(
            clinic_id=clinic.id, weekday=day, opens_minute=540, closes_minute=1020,
            created_at=START, updated_at=START,
        ).model_dump()
        for day in range(1, 6)
    ]  # fmt: skip
    await _insert(database, "opening_hours", hours)
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
        await _insert(database, name, copies[name])
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
    clinic: SeededClinic, staff: list[UUID], rooms: list[UUID], made: Any, size: argparse.Namespace
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


async def end_to_end(size: argparse.Namespace, url: str) -> None:
    settings = settings_for(url)
    clinic = await seed(settings)
    app = create_app(settings, FakeClock())
    database: Database = app.state.database

    def client(role: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://clinic", timeout=300,
            headers=bearer(clinic.tokens[role]),
        )  # fmt: skip

    plan = await make_active_plan(client, clinic)
    rows = await _originals(database, clinic, UUID(plan["patient_id"]))
    staff, rooms = await people(database, clinic, size)
    made = await patients(database, rows, size.sessions + 200)
    sessions, until = calendar(clinic, staff, rooms, made, size)
    await _insert(database, "treatment_session", sessions)
    print(f"{len(sessions)} sessions, {len(staff)} practitioners, {len(rooms)} rooms")
    desk = client("receptionist")
    read = await propose(desk, database, until, size.seconds)
    await apply(desk, read)
    await desk.aclose()
    await database.dispose()


async def propose(
    desk: httpx.AsyncClient, database: Database, until: datetime, seconds: int
) -> httpx.Response:
    body = {
        "unavailable": {"clinic": True}, "from": "2026-03-09T00:00:00+01:00",
        "to": until.isoformat(), "reason": "Water damage.", "seconds": seconds,
    }  # fmt: skip
    asked = (await desk.post("/v1/repairs", json=body)).raise_for_status()
    begun, cpu = time.perf_counter(), time.process_time()
    await Runner(database, HANDLERS).run_waiting()
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    repair = asked.json()["args"]["repair_id"]
    read = (await desk.get(f"/v1/repairs/{repair}")).raise_for_status()
    told = read.json()
    codes = Counter(move["code"] for move in told.pop("moves"))
    print(json.dumps({name: told[name] for name in _TOLD} | codes))
    print(f"proposed in {wall:.2f} s (CPU of the server {cpu:.2f} s)")
    return read


async def apply(desk: httpx.AsyncClient, read: httpx.Response) -> None:
    begun, cpu = time.perf_counter(), time.process_time()
    path = f"/v1/repairs/{read.json()['id']}/apply"
    applied = await desk.post(path, json={}, headers={"If-Match": read.headers["etag"]})
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(f"applied with {applied.status_code} in {wall:.2f} s (CPU {cpu:.2f} s)")
    if applied.status_code != 200:
        print(applied.text[:2000])


def _since(begun: float) -> float:
    return time.perf_counter() - begun


def core() -> None:
    """Problems made up by arithmetic, solved in this process."""
    for size in (
        Size(full=70), Size(full=80), Size(full=80, own=8, others=12),
        Size(full=90, rooms=6, own=8, others=12), Size(full=70, rooms=10),
    ):  # fmt: skip
        sessions = instance(size)
        first = cost_of(sessions, greedy(sessions))
        begun, cpu = time.perf_counter(), time.process_time()
        found = solve(sessions, 10.0, partial(_since, begun))
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
        if collisions(sessions, found.choice):
            raise RuntimeError("two places overlap")
        print(
            f"{size.rooms} rooms {size.full} % full, {sum(len(s.places) for s in sessions)} places:"
            f" greedy {first}, found {found.objective}, bound {found.bound}, gap {found.gap},"
            f" {found.planner}, without a place {found.choice.count(None)};"
            f" {wall:.2f} s, CPU {cpu:.2f} s,"
            f" {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--core", action="store_true")
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--practitioners", type=int, default=20)
    parser.add_argument("--rooms", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--url", default=None)
    size = parser.parse_args()
    if size.core:
        core()
        return
    with tempfile.TemporaryDirectory() as folder:
        url = size.url or f"sqlite:///{Path(folder) / 'clinic.sqlite3'}"
        upgrade(url)
        asyncio.run(end_to_end(size, url))


if __name__ == "__main__":
    main()
