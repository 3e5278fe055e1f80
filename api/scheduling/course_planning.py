"""Placing the sessions of a course: nearest to the protocol's days, as rules and calendars allow.

Each session counts from the one before it, so they are placed in order; where one finds no place,
the one before is placed elsewhere and it is tried again. The rules are asked about each with those
placed before it, exactly as they will judge the bookings.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from api.availability.booking_settings import HowToBook, UsualSession, kind_of
from api.clock import local_day
from api.decisions.days_ahead import DaysAhead, Judged
from api.scheduling.agenda import Agenda, free_starts
from api.scheduling.grid import starts_of
from api.scheduling.ranking import Preferences, asks
from api.scheduling.verdicts import Verdicts

_DAY = timedelta(days=1)
TRIES = 300  # placements that are given up before the search is
_FIRST_WITHIN = 60  # days in which the first session finds its place
_NEAREST = 3  # alternatives that are told
_BEYOND = 14  # days behind the longest gap, for what may be acknowledged


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one session goes, and what the rules say to it there."""

    starts_at: datetime
    ends_at: datetime
    practitioner_id: UUID
    room_id: UUID | None
    target_on: date | None
    judged: Judged


@dataclass(frozen=True, slots=True)
class Stuck:
    """A session that finds no place after those placed before it.

    judged: what the rules say on its target day. refused: per rule, how many of the days tried it
    refuses; full: days that the rules allow and on which nobody is free. nearest: places that ask
    for an answer that was not given: those that ask for the least, nearest to the target first.
    """

    session_number: int
    phase: str | None
    target_on: date
    placed: tuple[Placed, ...]
    judged: Judged
    refused: dict[str, int]
    full: int
    nearest: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the course must respect. sessions: how many. overridden, acknowledged: codes of the
    findings of that kind that are answered for. length: of each session, None for the usual one of
    its kind; lengths: of each by its place among them, where they keep their own."""

    sessions: int
    first_on: date
    last_on: date
    overridden: frozenset[str]
    acknowledged: frozenset[str]
    wishes: Preferences
    how: HowToBook
    length: timedelta | None
    lengths: tuple[timedelta, ...] = ()


class Planner:
    """Places the sessions of one plan."""

    def __init__(
        self,
        wanted: Wanted,
        judge: DaysAhead,
        agenda: Agenda,
        zone: ZoneInfo,
        tries: int = TRIES,
    ) -> None:
        self._wanted, self._judge, self._agenda, self._zone = wanted, judge, agenda, zone
        self._verdicts = Verdicts(judge)
        self._tries_left = tries
        self._stuck: Stuck | None = None
        self._grid: dict[date, list[datetime]] = {}

    async def place(self, placed: tuple[Placed, ...] = ()) -> tuple[Placed, ...] | Stuck:
        """All sessions, or the furthest one that found no place."""
        found = await self._rest(placed)
        if found is not None:
            return found
        if self._stuck is None:
            raise RuntimeError("a course that cannot be placed is stuck somewhere")
        return self._stuck

    async def _rest(self, placed: tuple[Placed, ...]) -> tuple[Placed, ...] | None:
        if len(placed) == self._wanted.sessions:
            return placed
        target, days = self._days(placed)
        async with aclosing(self._offers(placed, target, days)) as offers:
            async for offer in offers:
                whole = await self._rest((*placed, offer))
                if whole is not None or self._tries_left <= 0:
                    return whole
        self._tries_left -= 1
        if self._stuck is None or len(placed) > len(self._stuck.placed):
            self._stuck = await self._why(placed, target, days)
        return None

    def _days(self, placed: tuple[Placed, ...]) -> tuple[date, list[date]]:
        """The protocol's day of the next session, and the days on which it is tried."""
        before = placed[-1].starts_at if placed else (self._judge.starts or [None])[-1]
        phase = self._judge.protocol.phase_of(len(self._judge.starts) + len(placed) + 1)
        if before is None or phase is None:
            first = self._wanted.first_on
            return first, [first + each * _DAY for each in range(_FIRST_WITHIN)]
        day = local_day(before, self._zone)
        gap = phase.target_days or 1
        target = max(day + gap * _DAY, self._wanted.first_on)
        last = max(day + 2 * (phase.max_days or gap) * _DAY, target) + _BEYOND * _DAY
        first = max(day + _DAY, self._wanted.first_on)
        days = [first + each * _DAY for each in range((last - first).days + 1)]
        return target, sorted(days, key=lambda each: (abs((each - target).days), each))

    async def _offers(
        self, placed: tuple[Placed, ...], target: date, days: Sequence[date]
    ) -> AsyncGenerator[Placed, None]:
        """The best place of each day that the rules allow, best first: what misses fewest wishes,
        then what is nearest to the target, as the days are. No day is looked at before it must."""
        missing: list[tuple[int, int, Placed]] = []
        for order, day in enumerate(days):
            judged = self._judged(placed, day)
            if judged is None or not self._answered(judged):
                continue
            best = await self._best(placed, day, judged, target)
            if best is None:
                continue
            misses, offer = best
            if misses == 0:
                yield offer
            else:
                missing.append((misses, order, offer))
        for _, _, offer in sorted(missing, key=lambda each: each[:2]):
            yield offer

    def _judged(self, placed: tuple[Placed, ...], day: date) -> Judged | None:
        """The rules on that day, beside what is placed already; None beyond what was loaded."""
        if day > self._wanted.last_on:
            return None
        return self._verdicts.at(self._starts(day)[0], placed)

    def _starts(self, day: date) -> list[datetime]:
        if day not in self._grid:
            self._grid[day] = starts_of(day, self._zone, self._wanted.how.grid)
        return self._grid[day]

    def _answered(self, judged: Judged) -> bool:
        return not judged.blocked and not self._open(judged)

    def _open(self, judged: Judged) -> frozenset[str]:
        """Codes of what the session would ask for and nobody has answered."""
        wanted = self._wanted
        left = set(judged.acknowledge) - wanted.acknowledged - wanted.overridden
        return frozenset(left | (set(judged.override) - wanted.overridden))

    async def _best(
        self, placed: tuple[Placed, ...], day: date, judged: Judged, target: date
    ) -> tuple[int, Placed] | None:
        """The place of that day that misses fewest wishes, and how many; None where all is full.

        Among those, the time of day at which the patient came before.
        """
        usual = self._usual(judged, len(placed))
        calendars, wishes = await self._agenda.of(day), self._wanted.wishes
        starts = self._starts(day)
        usually = self._usual_time(placed)
        found: tuple[int, timedelta, datetime, int, UUID, UUID | None] | None = None
        for rank, person in enumerate(self._agenda.who.people):
            so_far = wishes.misses_day(starts[0]) + wishes.misses_person(person)
            if found is not None and so_far > found[0]:
                continue
            for start, room in free_starts(self._agenda, calendars, person, usual, starts):
                misses = so_far + wishes.misses_time(start)
                other = abs(_wall(start, self._zone) - usually) if usually else timedelta(0)
                offer = (misses, other, start, rank, person, room)
                if found is None or offer[:4] < found[:4]:
                    found = offer
        if found is None:
            return None
        misses, _, start, _, person, room = found
        exact = self._verdicts.at(start, placed)
        if not self._answered(exact):
            return None
        return misses, Placed(start, start + usual.length, person, room, target, exact)

    def _usual_time(self, placed: tuple[Placed, ...]) -> timedelta | None:
        """When the patient came the time before, by the wall clock; None for the first session."""
        starts = [*self._judge.starts, *(each.starts_at for each in placed)]
        return _wall(starts[-1], self._zone) if starts else None

    def _usual(self, judged: Judged, place: int) -> UsualSession:
        usual = self._wanted.how.usual[kind_of(judged.number, judged.phase)]
        lengths = self._wanted.lengths
        length = lengths[place] if lengths else self._wanted.length
        return usual if length is None else UsualSession(length, usual.buffers)

    async def _why(self, placed: tuple[Placed, ...], target: date, days: Sequence[date]) -> Stuck:
        refused: dict[str, int] = {}
        full, nearest = 0, list[Placed]()
        for day in days:
            judged = self._judged(placed, day)
            if judged is None:
                continue
            open_codes = self._open(judged)
            for code in {*judged.blocked, *open_codes}:
                refused[code] = refused.get(code, 0) + 1
            level = asks(judged)
            if judged.blocked or [asks(each.judged) for each in nearest].count(level) == _NEAREST:
                continue
            asking = copy(self)
            asking._wanted = replace(self._wanted, overridden=self._wanted.overridden | open_codes)
            best = await asking._best(placed, day, judged, target)
            if best is not None:
                nearest.append(best[1])
            elif not open_codes:
                full += 1
        at_target = self._verdicts.at(self._starts(target)[0], placed)
        return Stuck(
            at_target.number, at_target.phase, target, placed, at_target, refused, full,
            tuple(sorted(nearest, key=lambda each: asks(each.judged))[:_NEAREST]),
        )  # fmt: skip


def _wall(start: datetime, zone: ZoneInfo) -> timedelta:
    wall = start.astimezone(zone)
    return timedelta(hours=wall.hour, minutes=wall.minute)
