"""Free times of people and rooms, of which the places of a repair are picked.

Times are tiled: a free stretch is offered from its beginning, one session after the other, so that
what is picked for many sessions fits together. The wall-clock grid of the clinic is kept.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from api.availability.booking_settings import UsualSession
from api.availability.calendars import Calendars
from api.availability.spans import Span, Spans
from api.scheduling.grid import fitting, starts_of


class Spot(NamedTuple):
    """A free time of a person and, where one is needed, a room."""

    starts_at: datetime
    practitioner_id: UUID
    room_id: UUID | None


@dataclass(frozen=True, slots=True)
class Needs:
    """Who may take a session, and where: each in order of preference, at least one of both."""

    people: tuple[UUID, ...]
    rooms: tuple[UUID | None, ...]
    usual: UsualSession


class Spots:
    """The free times of one clinic, each reckoned once."""

    def __init__(
        self, calendars: Calendars, zone: ZoneInfo, grid: timedelta, everybody: Sequence[UUID]
    ) -> None:
        self._everybody = sorted(everybody)
        self._calendars, self._zone, self._grid = calendars, zone, grid
        self._starts: dict[date, list[datetime]] = {}
        self._days: dict[tuple[date, frozenset[UUID | None], UsualSession], OfDay] = {}
        self._free: dict[tuple[UUID, UUID | None, UsualSession], Spans] = {}
        self._minutes: dict[datetime, int] = {}

    def of_day(self, day: date, needs: Needs) -> "OfDay":
        """Everybody's free times in these rooms, whoever takes the session."""
        key = (day, frozenset(needs.rooms), needs.usual)
        if key not in self._days:
            if day not in self._starts:
                self._starts[day] = starts_of(day, self._zone, self._grid)
            self._days[key] = self._of_day(day, needs)
        return self._days[key]

    def _of_day(self, day: date, needs: Needs) -> "OfDay":
        rooms = sorted(needs.rooms, key=str)
        found = [
            Spot(start, person, room)
            for person in self._everybody
            for room in rooms
            for start in self._tiled(day, person, room, needs.usual)
        ]
        found.sort(key=lambda spot: spot.starts_at)  # keeps the order of people and rooms
        by_person: dict[UUID, list[Spot]] = {}
        for spot in found:
            by_person.setdefault(spot.practitioner_id, []).append(spot)
        return OfDay(found, by_person)

    def at(self, start: datetime, needs: Needs, most: int) -> list[Spot]:
        """Who and what is free exactly then, in order of preference, at most so many."""
        end = start + needs.usual.length
        found: list[Spot] = []
        for person, room in _pairs(needs):
            spans = self._spans(person, room, needs.usual)
            index = bisect_right(spans, start, key=_start) - 1
            if index >= 0 and end <= spans[index].end:
                found.append(Spot(start, person, room))
                if len(found) == most:
                    break
        return found

    def minutes(self, start: datetime) -> int:
        """Minutes since midnight by the wall clock."""
        if start not in self._minutes:
            wall = start.astimezone(self._zone)
            self._minutes[start] = wall.hour * 60 + wall.minute
        return self._minutes[start]

    def _tiled(
        self, day: date, person: UUID, room: UUID | None, usual: UsualSession
    ) -> list[datetime]:
        step = usual.buffers.before + usual.length + usual.buffers.after
        tiles: list[datetime] = []
        free = self._spans(person, room, usual)
        for start in fitting(self._starts[day], free, usual.length):
            if not tiles or start >= tiles[-1] + step:
                tiles.append(start)
        return tiles

    def _spans(self, person: UUID, room: UUID | None, usual: UsualSession) -> Spans:
        key = (person, room, usual)
        if key not in self._free:
            self._free[key] = self._calendars.free(person, room, None, usual.buffers)
        return self._free[key]


@dataclass(frozen=True, slots=True)
class OfDay:
    """The free times of one day, in order of time."""

    spots: list[Spot]
    by_person: dict[UUID, list[Spot]]


def _start(span: Span) -> datetime:
    return span.start


def _pairs(needs: Needs) -> Iterator[tuple[UUID, UUID | None]]:
    """Its own room with everybody, then the next."""
    for room in needs.rooms:
        for person in needs.people:
            yield person, room


def spread(spots: Sequence[Spot], most: int, number: int) -> list[Spot]:
    """So many of them, over the whole day, others for each number: not all want the same."""
    if len(spots) <= most:
        return list(spots)
    count = len(spots)
    return [spots[(number * 7 + each * count // most) % count] for each in range(most)]
