"""CPU of a whole request for slots: HTTP, sign-in, calendars read from SQLite, rules, the answer.

    python -m benchmarks.slots_whole

The instance of `benchmarks.slots`, stored: 90 days, 20 practitioners, 6 rooms, ten sessions a day
for each practitioner. No network; the whole application is in this process, with its database
threads. The triggers of sessions are left out while it is filled: there is nothing to refuse.
"""

import asyncio
import random
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import insert, text
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from api.main import create_app
from benchmarks.slots import DAYS, PAGE, PEOPLE, ROOMS, ROUNDS
from models import (
    Account,
    BookingSettings,
    Closure,
    OpeningHours,
    Room,
    StaffMember,
    TreatmentSession,
    WorkingHours,
)
from models.migrate import upgrade
from tests.clinic import START, FakeClock, SeededClinic, bearer, seed
from tests.conftest import settings_for
from tests.factories_sessions import book, make_active_plan, make_treatable_patient
from tests.queries import counted_queries

_CHANCE = random.Random(4)  # noqa: S311 - repeatable, nothing secret
_HALF_HOUR, _DAY = timedelta(minutes=30), timedelta(days=1)
_MIDNIGHT = START.replace(hour=0)
_QUESTIONS: dict[str, dict[str, Any]] = {
    "freely, no wish": {},
    "freely, Tuesdays after 17:00": {"weekday": 2, "time_from": "17:00"},
    "for a plan, its own practitioner first": {"plan": True},
    "for a plan, and a wish that nothing meets": {
        "plan": True, "weekday": 7, "time_from": "17:00",
    },
}  # fmt: skip


async def _insert(db: AsyncSession, kind: Any, rows: list[dict[str, Any]]) -> None:
    stamps = {"version": 1, "created_at": START, "updated_at": START}
    values = [kind(**{"id": uuid7(), **stamps, **row}).model_dump() for row in rows]
    await db.execute(insert(kind), values)


def _weekly(clinic: SeededClinic, *hours: tuple[int, int], **fields: Any) -> list[dict[str, Any]]:
    return [
        {"clinic_id": clinic.id, "weekday": day, "opens_minute": low, "closes_minute": high}
        | fields
        for day in range(1, 7)
        for low, high in hours
    ]


async def _fill(app: Any, clinic: SeededClinic, plan: dict[str, Any]) -> int:
    """Staff, rooms, hours, a closure, buffers and the sessions; how many sessions."""
    people = [clinic.staff[name] for name in clinic.staff if name.endswith(("practitioner",
              "medical_director")) and not name.startswith("other")]  # fmt: skip
    rooms, more = list(clinic.room_ids), [uuid7() for _ in range(PEOPLE - len(people))]
    async with app.state.database.writing() as db:
        accounts = [{"email": f"{each}@example.org", "password_hash": "none"} for each in more]
        ids = [uuid7() for _ in more]
        await _insert(db, Account, [
            {"id": own, **each} for own, each in zip(ids, accounts, strict=True)
        ])  # fmt: skip
        await _insert(db, StaffMember, [
            {"clinic_id": clinic.id, "id": person, "account_id": own, "bookable": True,
             "display_name": f"Dr {number}", "roles": ("practitioner",)}
            for number, (person, own) in enumerate(zip(more, ids, strict=True))
        ])  # fmt: skip
        added = [uuid7() for _ in range(ROOMS - len(rooms))]
        await _insert(db, Room, [
            {"clinic_id": clinic.id, "id": room, "name": f"Added {number}"}
            for number, room in enumerate(added)
        ])  # fmt: skip
        people, rooms = people + more, rooms + added
        await _insert(db, OpeningHours, _weekly(clinic, (480, 1140)))
        for person in people:
            hours = _weekly(clinic, (480, 720), (780, 1140), staff_member_id=person)
            await _insert(db, WorkingHours, hours)
        easter = (_MIDNIGHT + 35 * _DAY).date()
        await _insert(db, Closure, [
            {"clinic_id": clinic.id, "starts_on": easter, "ends_on": easter, "name": "Easter"}
        ])  # fmt: skip
        buffers = {f"{kind}_{side}_minutes": 5 for kind in ("first", "follow_up", "maintenance")
                   for side in ("before", "after")}  # fmt: skip
        await _insert(db, BookingSettings, [{"clinic_id": clinic.id, **buffers}])
        return await _sessions(db, clinic, plan, people, rooms)


async def _sessions(
    db: AsyncSession, clinic: SeededClinic, plan: dict[str, Any], people: list[Any], rooms: Any
) -> int:
    """Ten half hours a day for each practitioner, every fifth in a room."""
    named = text("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name=:table")
    for name in (await db.execute(named, {"table": TreatmentSession.__tablename__})).scalars():
        await db.execute(text(f'DROP TRIGGER "{name}"'))
    rows = []
    for person in people:
        for day in range(1, DAYS):
            for slot in _CHANCE.sample(range(16, 36), 10):
                start = _MIDNIGHT + day * _DAY + slot * _HALF_HOUR
                rows.append(
                    {
                        "clinic_id": clinic.id, "plan_id": UUID(plan["id"]),
                        "patient_id": UUID(plan["patient_id"]), "practitioner_id": person,
                        "room_id": _CHANCE.choice(rooms) if slot % 5 == 0 else None,
                        "session_number": 1, "starts_at": start, "ends_at": start + _HALF_HOUR,
                        "scheduled_on": start.date(), "time_zone": "Europe/Paris",
                        "recorded_by": person, "recorded_at": START,
                    }
                )  # fmt: skip
    await _insert(db, TreatmentSession, rows)
    return len(rows)


async def _measure(app: Any, desk: httpx.AsyncClient, query: dict[str, Any]) -> None:
    spent, queries = [], 0
    for _ in range(ROUNDS):
        with counted_queries(app) as sent:
            before = time.process_time()
            answer = await desk.get("/v1/slots", params=query)
            spent.append((time.process_time() - before) * 1000)
        queries = len(sent)
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
    found = len(answer.json()["items"])
    print(f"  {found:3} slots  {queries:3} queries  best {min(spent):6.1f} ms  "
          f"median {statistics.median(spent):6.1f} ms")  # fmt: skip


async def _run(folder: Path) -> None:
    url = f"sqlite:///{folder / 'slots.sqlite3'}"
    await asyncio.to_thread(upgrade, url)
    settings = settings_for(url)
    clinic = await seed(settings)
    app = create_app(settings, FakeClock())
    transport = httpx.ASGITransport(app=app)
    clients = {
        role: httpx.AsyncClient(
            transport=transport, base_url="http://anagen.test", headers=bearer(token)
        )
        for role, token in clinic.tokens.items()
    }
    plan = await make_active_plan(clients.__getitem__, clinic)
    patient = await make_treatable_patient(clients["practitioner"], given_name="Ada")
    other = await make_active_plan(
        clients.__getitem__, clinic, patient=patient, formula={"id": plan["formula_id"]}
    )
    desk = clients["receptionist"]
    await book(desk, plan, clinic, "2026-03-02T10:00:00Z")
    count = await _fill(app, clinic, other)
    print(f"{DAYS} days, {PEOPLE} practitioners, {ROOMS} rooms, {count} sessions; {PAGE} slots")
    for name, asked in _QUESTIONS.items():
        own = {"plan_id": plan["id"]} if asked.get("plan") else {"duration_minutes": 30}
        wishes = {key: value for key, value in asked.items() if key != "plan"}
        print(name)
        await _measure(app, desk, {"limit": PAGE, **own, **wishes})
    for client in clients.values():
        await client.aclose()
    await app.state.database.dispose()


def main() -> None:
    """Print the CPU milliseconds and queries of each question."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(Path(folder)))


if __name__ == "__main__":
    main()
