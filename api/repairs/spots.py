"""Free times of people and rooms, of which the places of a repair are picked.

Times are tiled: a free stretch is offered from its beginning, one session after the other, so that
what is picked for many sessions fits together. The wall-clock grid of the clinic is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from api.availability.booking_settings import UsualSession
from api.availability.calendars import Calendars
from api.availability.spans import Spans
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

    def __init__(self, calendars: Calendars, zone: ZoneInfo, grid: timedelta) -> None:
        self._calendars, self._zone, self._grid = calendars, zone, grid
        self._starts: dict[date, list[datetime]] = {}
        self._days: dict[tuple[date, Needs], list[Spot]] = {}
        self._free: dict[tuple[UUID, UUID | None, UsualSession], Spans] = {}

    def of_day(self, day: date, needs: Needs) -> list[Spot]:
        """In order of time, and of preference within."""
        if (day, needs) not in self._days:
            if day not in self._starts:
                self._starts[day] = starts_of(day, self._zone, self._grid)
            found = [
                (start, place, Spot(start, person, room))
                for place, (person, room) in enumerate(_pairs(needs))
                for start in self._tiled(day, person, room, needs.usual)
            ]
            self._days[day, needs] = [spot for _, _, spot in sorted(found, key=lambda e: e[:2])]
        return self._days[day, needs]

    def at(self, start: datetime, needs: Needs) -> list[Spot]:
        """Who and what is free exactly then."""
        end = start + needs.usual.length
        return [
            Spot(start, person, room)
            for person, room in _pairs(needs)
            if any(
                span.start <= start and end <= span.end
                for span in self._spans(person, room, needs.usual)
            )
        ]

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


def _pairs(needs: Needs) -> list[tuple[UUID, UUID | None]]:
    return [(person, room) for person in needs.people for room in needs.rooms]


def spread(spots: Sequence[Spot], most: int, number: int) -> list[Spot]:
    """So many of them, over the whole day, others for each number: not all want the same."""
    if len(spots) <= most:
        return list(spots)
    count = len(spots)
    return [spots[(number * 7 + each * count // most) % count] for each in range(most)]
