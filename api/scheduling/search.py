"""Looking for slots: day after day in the order of the ranking, no further than was asked for."""

from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.booking_settings import HowToBook, UsualSession, kind_of
from api.availability.calendars import Buffers, Calendars
from api.availability.loading import read, with_taken
from api.availability.spans import Spans
from api.availability.taken import Whose
from api.availability.written import Written
from api.clock import local_day
from api.decisions.days_ahead import DaysAhead, Judged
from api.scheduling.grid import begin_of, fitting, starts_of
from api.scheduling.ranking import Candidate, Preferences, asks
from api.security import Caller
from models import SessionKind

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """What is looked at, half-open. not_before: the earliest start that the clinic takes."""

    since: datetime
    until: datetime
    not_before: datetime

    def days(self, zone: ZoneInfo) -> list[date]:
        first, last = local_day(self.since, zone), local_day(self.until, zone)
        return [first + each * _DAY for each in range((last - first).days + 1)]


@dataclass(frozen=True, slots=True)
class Who:
    """Who and what can be booked, each in the order in which it is chosen.

    moving: sessions that are about to leave their places, which count as free.
    """

    people: Sequence[UUID]
    rooms: Sequence[UUID]
    patient_id: UUID | None = None
    moving: Collection[UUID] = ()


class Agenda:
    """Calendars of a period, read in stretches of so many days as they are needed."""

    chunk_days = 21

    def __init__(self, db: AsyncSession, caller: Caller, period: Period, who: Who) -> None:
        self._db, self._caller, self._period, self.who = db, caller, period, who
        self._first = local_day(period.since, caller.zone)
        self._written: Written | None = None
        self._read: dict[int, Calendars] = {}
        self._free: dict[tuple[datetime, UUID, UUID | None, Buffers], Spans] = {}

    async def of(self, day: date) -> Calendars:
        """The calendars around that day."""
        number = (day - self._first).days // self.chunk_days
        if number not in self._read:
            self._read[number] = await self._load(number)
        return self._read[number]

    def free(
        self, calendars: Calendars, person: UUID, room: UUID | None, buffers: Buffers
    ) -> Spans:
        """When the person, the room and the patient are free together, reckoned once."""
        key = (calendars.since, person, room, buffers)
        if key not in self._free:
            self._free[key] = calendars.free(person, room, self.who.patient_id, buffers)
        return self._free[key]

    def stretch(self, number: int) -> tuple[datetime, datetime]:
        """The instants of one stretch. A day more than its days: one may end after midnight."""
        zone, period = self._caller.zone, self._period
        first = self._first + number * self.chunk_days * _DAY
        since = max(period.since, begin_of(first, zone))
        return since, min(period.until, begin_of(first + (self.chunk_days + 1) * _DAY, zone))

    async def _load(self, number: int) -> Calendars:
        caller, who = self._caller, self.who
        since, until = self.stretch(number)
        written = await self._hours()
        hours = written.calendars(caller.zone, since, until, self._period.not_before)
        whose = Whose(frozenset(who.people), frozenset(who.rooms), who.patient_id)
        return await with_taken(self._db, caller.clinic_id, hours, whose, caller.now, who.moving)

    async def _hours(self) -> Written:
        """What was written for the whole period: little, and read once."""
        if self._written is None:
            caller, period, who = self._caller, self._period, self.who
            self._written = await read(
                self._db, caller.clinic_id, caller.zone, period.since, period.until,
                who.people, who.rooms,
            )  # fmt: skip
        return self._written


@dataclass(frozen=True, slots=True)
class Asked:
    """One search. length: None takes the usual one. most: what the booking may ask for.

    required: nothing is offered that misses a wish. around: the day that distances count from.
    """

    how: HowToBook
    wishes: Preferences
    around: date
    most: int
    required: bool
    length: timedelta | None
    judge: DaysAhead | None


class Search:
    """The slots of one question, best first."""

    def __init__(self, caller: Caller, asked: Asked, period: Period, agenda: Agenda) -> None:
        self._zone, self._asked, self._period, self._agenda = caller.zone, asked, period, agenda
        days = period.days(caller.zone)
        self._days = sorted(days, key=lambda day: (abs((day - asked.around).days), day))
        self._starts: dict[date, list[datetime]] = {}

    async def ranked(self, after: Sequence[object] | None) -> AsyncGenerator[Candidate, None]:
        """Every slot behind the one whose key is `after`, in the order of their keys."""
        begin = tuple(after) if after else ()
        misses = 0 if self._asked.required else self._asked.wishes.count
        for level in range(self._asked.most + 1):
            for missed in range(misses + 1):
                for day in self._days:
                    place = (level, missed, abs((day - self._asked.around).days), day.toordinal())
                    if begin and place < begin[:4]:
                        continue
                    for each in await self._of_day(day, place):
                        if not begin or each.key > begin:
                            yield each

    def judged(self, day: date, start: datetime) -> Judged | None:
        """What the rules say to a session then; None where none are asked."""
        return None if self._asked.judge is None else self._asked.judge.on_day(day, start)

    def refused(self) -> list[Judged]:
        """What the rules said of each day on which they let nothing be offered."""
        found = [self.judged(day, self._grid(day)[0]) for day in self._days]
        return [each for each in found if each is not None and asks(each) > self._asked.most]

    async def _of_day(self, day: date, place: tuple[int, int, int, int]) -> list[Candidate]:
        level, missed = place[:2]
        wishes, judge = self._asked.wishes, self._asked.judge
        starts = self._grid(day)
        # Weekdays are those of the question's zone, where this day can be parts of two.
        weekdays = sorted({wishes.misses_day(each) for each in (starts[0], starts[-1])})
        if weekdays[0] > missed:
            return []
        varies = judge is not None and day in judge.taken_days
        if not varies and asks(self.judged(day, starts[0])) != level:
            varies = asks(self.judged(day, starts[-1])) == level
            if not varies:
                return []
        calendars = await self._agenda.of(day)
        found: list[Candidate] = []
        for person in self._agenda.who.people:
            person_misses = wishes.misses_person(person)
            known = weekdays[0] + person_misses
            if not missed - wishes.about_time - (len(weekdays) - 1) <= known <= missed:
                continue
            for usual, mine in self._by_length(day, starts):
                for start, room in free_starts(self._agenda, calendars, person, usual, mine):
                    misses = person_misses + wishes.misses_day(start) + wishes.misses_time(start)
                    if misses != missed:
                        continue
                    judged = self.judged(day, start)
                    if asks(judged) == level:
                        key = (*place, start, person)
                        found.append(Candidate(key, room, start + usual.length, judged))
        found.sort(key=lambda each: each.key)
        return found

    def _by_length(
        self, day: date, starts: list[datetime]
    ) -> list[tuple[UsualSession, list[datetime]]]:
        """The day's starts by the kind of session that each would be."""
        judge = self._asked.judge
        if judge is None or day not in judge.taken_days:
            return [(self.usual(self.judged(day, starts[0])), starts)]
        groups: dict[UsualSession, list[datetime]] = {}
        for start in starts:
            groups.setdefault(self.usual(self.judged(day, start)), []).append(start)
        return list(groups.items())

    def usual(self, judged: Judged | None) -> UsualSession:
        """Length and buffers of a session of that kind; without a plan, of a first one."""
        how, length = self._asked.how, self._asked.length
        kind = kind_of(judged.number, judged.phase) if judged else SessionKind.FIRST
        usual = how.usual[kind]
        return usual if length is None else UsualSession(length, usual.buffers)

    def _grid(self, day: date) -> list[datetime]:
        if day not in self._starts:
            self._starts[day] = starts_of(day, self._zone, self._asked.how.grid)
        return self._starts[day]


def free_starts(
    agenda: Agenda,
    calendars: Calendars,
    person: UUID,
    usual: UsualSession,
    starts: Sequence[datetime],
) -> list[tuple[datetime, UUID | None]]:
    """The starts at which the person is free, each with the first room that is."""
    length, buffers = usual.length, usual.buffers
    if not agenda.who.rooms:
        free = agenda.free(calendars, person, None, buffers)
        return [(start, None) for start in fitting(starts, free, length)]
    rooms: dict[datetime, UUID | None] = {}
    possible = fitting(starts, calendars.practitioner_free(person, None, buffers), length)
    for room in agenda.who.rooms:
        if len(rooms) == len(possible):
            break
        for start in fitting(possible, agenda.free(calendars, person, room, buffers), length):
            rooms.setdefault(start, room)
    return list(rooms.items())
