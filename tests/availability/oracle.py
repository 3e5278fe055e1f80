"""When a session can take place, looked up minute by minute; nothing of the product's arithmetic.

A minute is one of UTC, and what holds at it is read off a wall clock of the clinic's zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from api.availability.written import Weekly
from tests.availability.worlds import DAY, MINUTE, World, midnight


@lru_cache(maxsize=32)
def walls(zone: ZoneInfo, first: date, days: int) -> list[tuple[date, int]]:
    """What the wall clock shows at each minute of so many days: the day, and minutes of it."""
    start, end = midnight(first, zone), midnight(first + days * DAY, zone)
    shown = [(start + n * MINUTE).astimezone(zone) for n in range((end - start) // MINUTE)]
    return [(each.date(), each.hour * 60 + each.minute) for each in shown]


@dataclass
class Oracle:
    """One world, for so many days, seen at `now`."""

    world: World
    days: int
    now: datetime
    _found: dict[object, set[int]] = field(default_factory=dict)

    @cached_property
    def _walls(self) -> list[tuple[date, int]]:
        return walls(self.world.zone, self.world.first, self.days)

    def starts(self) -> Iterator[tuple[int, date]]:
        """The minutes at which the wall clock shows a multiple of the grid, and the local day."""
        for minute, (day, wall) in enumerate(self._walls):
            if wall % self.world.settings.grid_minutes == 0:
                yield minute, day

    def room(
        self, minute: int, person: UUID, length: int, buffers: tuple[int, int], mine: bool
    ) -> tuple[bool, UUID | None]:
        """Whether the person can treat then, and the first room that is free; None without any.

        buffers: minutes before and after. mine: whether the patient must be free as well.
        """
        during = range(minute, minute + length)
        around = range(minute - buffers[0], minute + length + buffers[1])
        earliest = self.now + self.world.settings.lead_minutes * MINUTE
        if during.stop > len(self._walls) or self.world.at(minute) < earliest:
            return False, None
        if not self._taken(person).isdisjoint(around):
            return False, None
        if mine and not self._patient.isdisjoint(during):
            return False, None
        for room in self.world.rooms or (None,):
            free = room is None or self._taken(room).isdisjoint(around)
            if free and self._shut(person, room).isdisjoint(during):
                return True, room
        return False, None

    def _taken(self, whom: UUID) -> set[int]:
        """Minutes at which a person or a room is with somebody, or kept free around it."""
        if whom not in self._found:
            self._found[whom] = {
                minute
                for each in self.world.taken
                if whom in (each.practitioner_id, each.room_id)
                for minute in self._minutes(
                    each.occupied_from or each.starts_at, each.occupied_until or each.ends_at
                )
            }
        return self._found[whom]

    def _minutes(self, start: datetime, end: datetime) -> range:
        """All minutes from one instant until just before the other."""
        return range(*((each - self.world.at(0)) // MINUTE for each in (start, end)))

    @cached_property
    def _patient(self) -> set[int]:
        """Minutes at which the patient is in another session."""
        return {
            minute
            for each in self.world.taken
            if each.patient_id == self.world.patient_id
            for minute in self._minutes(each.starts_at, each.ends_at)
        }

    def _shut(self, person: UUID, room: UUID | None) -> set[int]:
        """Minutes at which the calendars keep that person from working in that room."""
        if (person, room) not in self._found:
            self._found[person, room] = {
                minute
                for minute, wall in enumerate(self._walls)
                if not self._open(self.world.at(minute), *wall, person, room)
            }
        return self._found[person, room]

    def _open(self, at: datetime, day: date, wall: int, person: UUID, room: UUID | None) -> bool:
        written = self.world.written
        working = [each for each in written.working if each.staff_member_id == person]
        hours = [each.hours for each in working if room is None or each.room_id in (None, room)]
        if written.opening:
            opened = _shows(written.opening, day, wall)
        else:
            opened = bool(working) or 7 * 60 <= wall < 21 * 60
        closed = any(
            each.room_id in (None, room) and each.starts_on <= day <= each.ends_on
            for each in written.closures
        )
        away = any(
            each.staff_member_id == person and each.starts_at <= at < each.ends_at
            for each in written.away
        )
        at_work = not working or _shows(hours, day, wall)
        return opened and at_work and not closed and not away


def _shows(hours: "tuple[Weekly, ...] | list[Weekly]", day: date, wall: int) -> bool:
    return any(
        each.weekday == day.isoweekday()
        and each.opens_minute <= wall < each.closes_minute
        and (each.valid_from is None or each.valid_from <= day)
        and (each.valid_to is None or day <= each.valid_to)
        for each in hours
    )
