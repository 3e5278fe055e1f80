"""Slots against a look at every minute: what is free is offered, nothing else, and in order."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from api.availability.booking_settings import HowToBook, kind_of
from api.availability.calendars import Calendars
from api.availability.taken import Taken, Whose, by_resource
from api.decisions.days_ahead import DaysAhead, Era
from api.scheduling.agenda import Agenda, Period, Who
from api.scheduling.ranking import NEVER, Preferences, asks
from api.scheduling.search import Asked, Search
from models import SessionKind
from rules import facts
from rules.protocol import Phase, Protocol
from rules.reference_data import reference_rule_set
from tests.availability.oracle import Oracle
from tests.availability.worlds import (
    DAY,
    MINUTE,
    Question,
    TakenUp,
    World,
    midnight,
    questions,
    worlds,
)

PEOPLE, ROOMS = (UUID(int=11), UUID(int=12)), (UUID(int=21), UUID(int=22))
PATIENT = UUID(int=31)
REFERENCE = reference_rule_set()


def _rows(each: TakenUp) -> Iterator[Taken]:
    """As the database gives them: with buffers for practitioner and room, without for a patient."""
    occupied = each.occupied_from or each.starts_at, each.occupied_until or each.ends_at
    yield Taken(each.practitioner_id, each.room_id, None, *occupied)
    if each.patient_id is not None:
        yield Taken(None, None, each.patient_id, each.starts_at, each.ends_at)


class InMemory(Agenda):
    """Calendars of what the world wrote, without a database between, one day after the other."""

    chunk_days = 1

    def __init__(self, caller: Any, period: Period, who: Who, world: World) -> None:
        super().__init__(cast(Any, None), caller, period, who)
        self._world = world

    async def _load(self, number: int) -> Calendars:
        world, since_until = self._world, self.stretch(number)
        hours = world.written.calendars(world.zone, *since_until, self._period.not_before)
        whose = Whose(frozenset(self.who.people), frozenset(self.who.rooms), self.who.patient_id)
        taken = by_resource([row for each in world.taken for row in _rows(each)], whose)
        return replace(hours, taken=taken, known=hours.known | {PATIENT})


def judge_of(world: World, booked: tuple[int, ...], begun: bool) -> DaysAhead:
    """A plan with sessions at these minutes. begun: and one a week before."""
    before = [world.at(10 * 60) - 7 * DAY] if begun else []
    starts = sorted([*before, *(world.at(minute) for minute in booked)])
    lines = (facts.Component("BIOTIN", 5_000, 1000, excipient_classes=()),)
    sessions = tuple(
        facts.PlanSession(
            number, start.astimezone(world.zone).date(), performed=begun and number == 1
        )
        for number, start in enumerate(starts, 1)
    )
    known = facts.Facts(
        on=world.first,
        patient=facts.Patient(patient_id="p", born_on=date(1980, 1, 1), sex="male"),
        formula=facts.Formula("f", 1, lines, 1000),
        plan=facts.Plan(
            "plan", protocol=Protocol("P", (Phase("A", 9, 7, 6, 10),)),
            volume_per_session_ul=1000, last_assessed_on=world.first,
        ),
        sessions=sessions, given=(), effects=(),
    )  # fmt: skip
    return DaysAhead(known, (), [Era(date.min, REFERENCE, (), ())], starts, world.zone)


@st.composite
def plans(draw: Any, world: World) -> tuple[World, DaysAhead | None]:
    """With a plan or without; a session that it has on these days takes its patient's time."""
    if draw(st.booleans()):
        return world, None
    booked = tuple(draw(st.lists(st.integers(0, 190), max_size=1)))
    minutes = tuple(15 * each for each in booked)
    own = [
        TakenUp(PEOPLE[0], None, PATIENT, world.at(minute), world.at(minute + 30))
        for minute in minutes
    ]
    return replace(world, taken=(*world.taken, *own)), judge_of(world, minutes, draw(st.booleans()))


def search_of(
    world: World, asked: Question, judge: DaysAhead | None, now: datetime, most: int
) -> Search:
    until = midnight(world.first + asked.days * DAY, world.zone)
    how = HowToBook.of(world.settings)
    period = Period(max(now, world.at(0)), until, max(world.at(0), how.not_before(now)))
    wanted = Asked(
        how=how,
        wishes=Preferences(
            asked.zone, frozenset(asked.people), asked.weekdays, asked.time_from, asked.time_to
        ),
        around=world.first, most=most, required=asked.required,
        length=asked.wanted * MINUTE if asked.wanted else None, judge=judge,
    )  # fmt: skip
    caller: Any = SimpleNamespace(zone=world.zone, clinic_id=None, now=now)
    who = Who(PEOPLE, ROOMS if world.rooms else (), PATIENT if judge else None)
    return Search(caller, wanted, period, InMemory(caller, period, who, world))


def found_by_minutes(
    world: World, asked: Question, judge: DaysAhead | None, now: datetime, most: int
) -> list[tuple[Any, UUID | None, timedelta]]:
    """Key, room and length of each slot, in order."""
    oracle, found = Oracle(world, asked.days, now), []
    for minute, day in oracle.starts():
        start = world.at(minute)
        judged = judge.at(start) if judge else None
        level = asks(judged)
        if level > most or level == NEVER:
            continue
        kind = kind_of(judged.number, judged.phase) if judged else SessionKind.FIRST
        length = asked.wanted or getattr(world.settings, f"{kind}_minutes")
        buffers = tuple(
            getattr(world.settings, f"{kind}_{name}_minutes") for name in ("before", "after")
        )
        for person in PEOPLE:
            free, room = oracle.room(minute, person, length, buffers, judge is not None)
            missed = _missed(asked, person, start)
            if free and not (asked.required and missed):
                away = (day - world.first).days
                key = (level, missed, abs(away), day.toordinal(), start, person)
                found.append((key, room, length * MINUTE))
    return sorted(found, key=lambda each: each[0])


def _missed(asked: Question, person: UUID, start: datetime) -> int:
    wall = start.astimezone(asked.zone)
    early = asked.time_from is not None and wall.time() < asked.time_from
    late = asked.time_to is not None and wall.time() >= asked.time_to
    return sum(
        (
            bool(asked.people) and person not in asked.people,
            bool(asked.weekdays) and wall.isoweekday() not in asked.weekdays,
            early or late,
        )
    )


async def _all(search: Search, after: Any = None) -> list[tuple[Any, UUID | None, timedelta]]:
    return [
        (each.key, each.room_id, each.ends_at - each.starts_at)
        async for each in search.ranked(after)
    ]


@given(st.data())
@settings(max_examples=80, deadline=None, derandomize=True)
def test_what_every_minute_says_is_what_is_offered(data):
    rooms = data.draw(st.sampled_from((ROOMS, ROOMS, ())))
    world, judge = data.draw(plans(data.draw(worlds(PEOPLE, rooms, PATIENT))))
    asked = data.draw(questions(world))
    most = data.draw(st.integers(0, 2))
    now = world.at(data.draw(st.sampled_from((-3000, -90, 7, 633))))
    expected = found_by_minutes(world, asked, judge, now, most)
    offered = asyncio.run(_all(search_of(world, asked, judge, now, most)))
    assert offered == expected
    if offered:  # and the next page begins behind the last slot of this one
        place = min(asked.limit, len(offered)) - 1
        rest = asyncio.run(_all(search_of(world, asked, judge, now, most), offered[place][0]))
        assert rest == offered[place + 1 :]
