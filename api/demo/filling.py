"""Making the demo clinic: founded, staffed, then lived through day by day up to today."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlmodel import select

from api import audit
from api.api_keys import service as api_keys
from api.api_keys.schemas import ApiKeyCreate
from api.auth.service import Membership, sign_in
from api.clock import local_day
from api.database import Database
from api.demo import incidents
from api.demo.courses import (
    MELASMA,
    MELASMA_OTHER_LOT,
    PDRN,
    SCALP,
    SKIN,
    WEEKLY,
    Course,
    Story,
    Treatment,
    drafted,
    ended,
    ongoing,
)
from api.demo.desk import ZONE, Desk, JumpingClock, open_desk
from api.demo.formulary import stock
from api.demo.people import CLINIC_NAME, PATIENTS, STAFF
from api.demo.record import register
from api.founding import NewClinic, NewPerson, add_person, found_clinic
from api.passwords import Passwords
from api.scopes import PERSONAL_SCOPES, SCOPES
from api.security import Caller
from api.settings import Settings
from models import Clinic, Room, SignIn

Progress = Callable[[int, int], None]
_LONGEST_DAYS = 130  # how far back the demo begins
# What the printed API key may do: everything that a machine may.
_KEY_SCOPES = tuple(sorted(set(SCOPES) - PERSONAL_SCOPES))


async def is_empty(database: Database) -> bool:
    """True where no clinic has been founded."""
    async with database.reading() as db:
        return (await db.exec(select(Clinic.id).limit(1))).first() is None


@dataclass(frozen=True, slots=True)
class _Founded:
    caller: Caller
    staff: dict[str, str]
    rooms: tuple[str, ...]
    tokens: dict[str, str]


async def fill(database: Database, settings: Settings, step: Progress) -> dict[str, Any]:
    """Make the demo in an empty database; what `anagen demo` prints.

    The same day gives the same clinic. `step(done, total)` is told how far it is.
    """
    today = local_day(database.clock(), ZONE)
    start = datetime.combine(today, datetime.min.time(), UTC) - timedelta(days=_LONGEST_DAYS)
    clock = JumpingClock(start + timedelta(hours=7))
    present = database.clock
    database.clock = clock
    founded = await _found(database, settings)
    async with open_desk(_patient_settings(settings), clock, founded.tokens) as clients:
        desk = Desk(clients, founded.staff, founded.rooms, clock, today)
        await stock(desk)
        listed = await desk.get("director", "/v1/protocols?limit=200")
        desk.known["protocols"] = {row["code"]: row["id"] for row in listed["items"]}
        await _live(desk, _stories(desk), step)
    database.clock = present
    key = await _finish(database, founded)
    accounts = [
        {"email": f"{who.login}@example.org", "password": who.password, "roles": list(who.roles)}
        for who in STAFF
    ]
    return {"clinic_id": str(founded.caller.clinic_id), "accounts": accounts, "api_key": key}


def _patient_settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"log_format": "json"})


async def _found(database: Database, settings: Settings) -> _Founded:
    passwords = Passwords(settings)
    hashes = {who.login: await passwords.hash(who.password) for who in STAFF}
    long_lived = settings.model_copy(
        update={"access_token_minutes": 600_000, "sign_in_days": 400, "refresh_token_hours": 1}
    )
    async with database.writing() as db:
        new = NewClinic(CLINIC_NAME, "FR", ZONE.key, "fr", "FR-IDF")
        clinic, caller = await found_clinic(db, new)
        clinic.emergency_phone = "112"
        rooms = [Room(clinic_id=clinic.id, name=f"Room {n}") for n in (1, 2)]
        db.add_all(rooms)
        for room in rooms:
            audit.record(db, caller, "room.added", room)
        staff, tokens = {}, {}
        for who in STAFF:
            person = NewPerson(
                display_name=who.name,
                email=f"{who.login}@example.org",
                password_hash=hashes[who.login],
                roles=who.roles,
                bookable=who.bookable,
                profession=who.profession,
            )
            member = await add_person(db, caller, person)
            staff[who.login] = str(member.id)
            membership = Membership(clinic.id, member.id, member.roles)
            answer = await sign_in(db, long_lived, membership, None)
            tokens[who.login] = answer.access_token
    return _Founded(caller, staff, tuple(str(room.id) for room in rooms), tokens)


async def _finish(database: Database, founded: _Founded) -> str:
    """End the demo's own sign-ins and make the API key that is printed."""
    async with database.writing() as db:
        now = db.info["now"]
        families = await db.exec(
            select(SignIn).where(SignIn.clinic_id == founded.caller.clinic_id)
        )
        for family in families:
            family.revoked_at, family.revoked_reason = now, "demo made"
        granting = Caller(
            clinic_id=founded.caller.clinic_id,
            actor_kind=founded.caller.actor_kind,
            actor_id=founded.caller.actor_id,
            roles=frozenset(),
            scopes=frozenset(SCOPES),
            zone=ZONE,
            now=now,
        )
        draft = ApiKeyCreate(name="Demo key", scopes=_KEY_SCOPES)
        _, secret = await api_keys.create(db, granting, draft)
        return secret


async def _live(desk: Desk, stories: list[Story], step: Progress) -> None:
    """Resume whichever story goes on next, until every story is told or reaches tomorrow."""
    order = count()
    waiting: list[tuple[datetime, int, Story]] = []
    for story in stories:
        await _resume(story, waiting, order)
    total, end = len(stories), datetime.combine(
        desk.today, datetime.min.time(), UTC
    ) + timedelta(hours=6)
    while waiting:
        instant, _, story = heapq.heappop(waiting)
        if instant < end:
            desk.clock.now = max(desk.clock.now, instant)
            await _resume(story, waiting, order)
        step(total - len(waiting), total)


async def _resume(
    story: Story, waiting: list[tuple[datetime, int, Story]], order: "count[int]"
) -> None:
    try:
        instant = await anext(story)
    except StopAsyncIteration:
        return
    heapq.heappush(waiting, (instant, next(order), story))


def _stories(desk: Desk) -> list[Story]:
    """Forty patients: who is treated how, since when, and what happened."""
    people = iter(enumerate(PATIENTS))

    def course(kind: Treatment, days_ago: int, who: str = "practitioner") -> Course:
        number, person = next(people)
        return Course(desk, person, number, kind, _weekday(desk.today, days_ago), who)

    stories: list[Story] = [
        ongoing(course(kind, days, who))
        for kind, days, who in (
            (SCALP, 120, "practitioner"), (SCALP, 96, "director"), (SCALP, 75, "practitioner"),
            (SCALP, 61, "director"), (SCALP, 40, "practitioner"), (SCALP, 26, "director"),
            (SCALP, 12, "practitioner"), (SCALP, 5, "director"), (WEEKLY, 54, "practitioner"),
            (WEEKLY, 33, "director"), (WEEKLY, 19, "practitioner"), (MELASMA, 70, "director"),
            (MELASMA, 44, "practitioner"), (MELASMA, 20, "director"), (SKIN, 62, "practitioner"),
            (SKIN, 30, "director"), (PDRN, 47, "practitioner"), (PDRN, 18, "director"),
        )
    ]  # fmt: skip
    stories += [
        incidents.missed(course(SCALP, 50)),
        incidents.early(course(SCALP, 24)),
        incidents.bruised(course(SCALP, 58)),
        incidents.shedding(course(SCALP, 36, "director")),
        incidents.headache(course(WEEKLY, 29)),
        incidents.nodule(course(MELASMA_OTHER_LOT, 48, "director")),
        incidents.released(course(SCALP, 34)),
        ended(course(SCALP, 125), 4, "complete", "Goals reached; maintenance is not wanted."),
        ended(course(SKIN, 110, "director"), 3, "complete", "Three sessions given, review done."),
        ended(course(WEEKLY, 90), 2, "stop", "The patient moved away."),
        ended(course(MELASMA, 82), 3, "stop", "No response; other treatment was chosen."),
        drafted(course(SCALP, 6)),
        drafted(course(MELASMA, 4)),
        drafted(course(PDRN, 3)),
    ]
    stories += [_registered(desk, person, days) for days, (_, person) in enumerate(people, 1)]
    return stories


async def _registered(desk: Desk, person: Any, days_ago: int) -> Story:
    """Registered by the front desk; the first visit is still to come."""
    day = _weekday(desk.today, 2 * days_ago)
    yield datetime(day.year, day.month, day.day, 15, tzinfo=ZONE).astimezone(UTC)
    await register(desk, person)


def _weekday(today: date, days_ago: int) -> date:
    return incidents.days_before(today, days_ago)
