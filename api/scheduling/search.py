"""Looking for slots: day after day in the order of the ranking, no further than was asked for."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from api.availability.booking_settings import HowToBook, UsualSession, kind_of
from api.decisions.days_ahead import DaysAhead, Judged
from api.scheduling.agenda import Agenda, Period, free_starts
from api.scheduling.grid import begin_of, starts_of
from api.scheduling.ranking import Candidate, Preferences, asks
from api.security import Caller
from models import SessionKind

_DAY = timedelta(days=1)


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

    @property
    def longest(self) -> timedelta:
        """How long a session of any kind would last at most."""
        return self.length or max(usual.length for usual in self.how.usual.values())


class Search:
    """The slots of one question, best first."""

    def __init__(self, caller: Caller, asked: Asked, period: Period, agenda: Agenda) -> None:
        self._zone, self._asked, self._period, self._agenda = caller.zone, asked, period, agenda
        days = period.days(caller.zone)
        self._days = sorted(days, key=lambda day: (abs((day - asked.around).days), day))
        self._starts: dict[date, list[datetime]] = {}
        self._first_and_last: dict[date, tuple[datetime, datetime]] = {}

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
        found = [self.judged(day, self._ends(day)[0]) for day in self._days]
        return [each for each in found if each is not None and asks(each) > self._asked.most]

    async def _of_day(self, day: date, place: tuple[int, int, int, int]) -> list[Candidate]:
        level, missed = place[:2]
        wishes, ends = self._asked.wishes, self._ends(day)
        # Weekdays are those of the question's zone, where this day can be parts of two.
        weekdays = sorted({wishes.misses_day(each) for each in ends})
        if weekdays[0] > missed or not self._may_ask(level, day, ends):
            return []
        starts = self._grid(day)
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

    def _may_ask(self, level: int, day: date, ends: Sequence[datetime]) -> bool:
        """Whether the rules ask as much of any of the day's starts: who is free need not be read
        where they do not."""
        judge = self._asked.judge
        starts = ends if judge is None or day not in judge.taken_days else self._grid(day)
        return any(asks(self.judged(day, start)) == level for start in starts)

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

    def _ends(self, day: date) -> tuple[datetime, datetime]:
        """The first and the last instant of the day: between them lie all its starts."""
        if day not in self._first_and_last:
            self._first_and_last[day] = (
                begin_of(day, self._zone),
                begin_of(day + _DAY, self._zone) - timedelta(seconds=1),
            )
        return self._first_and_last[day]

    def _grid(self, day: date) -> list[datetime]:
        if day not in self._starts:
            self._starts[day] = starts_of(day, self._zone, self._asked.how.grid)
        return self._starts[day]
