"""Local weekly hours, and whole local days, as spans of instants.

A time belongs to a weekly span exactly when the clinic's wall clock then shows a time of that
span. So an hour that the clocks skip is nobody's, an hour that they show twice is open both times,
and a zone that changes its rules changes the instants and not the hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from api.availability.spans import Span, Spans, tidy

_STEP = timedelta(hours=6)  # no zone has changed its offset twice in so short a time
_MARGIN = timedelta(days=2)  # further than any zone is from UTC
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class WeeklyHours(Protocol):
    """One span of one weekday, as `models.OpeningHours` and `models.WorkingHours` keep it."""

    @property
    def weekday(self) -> int: ...
    @property
    def opens_minute(self) -> int: ...
    @property
    def closes_minute(self) -> int: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Stretch:
    """Instants between which the zone keeps one offset: local time is UTC plus `offset`."""

    start: datetime
    end: datetime
    offset: timedelta

    def holds(self, opens: datetime, closes: datetime) -> bool:
        """Whether all wall-clock times between the two, written as UTC, lie in it."""
        return self.start + self.offset <= opens and closes <= self.end + self.offset


class LocalDays:
    """The local days from `first` to `last`, both included, of one zone, as instants."""

    def __init__(self, zone: ZoneInfo, first: date, last: date) -> None:
        self.first, self.last = first, last
        stretches = _stretches(zone, _midnight(first) - _MARGIN, _midnight(last) + _MARGIN)
        self._of_day = dict(_by_day(first, last, stretches))
        self._ordinary = {
            day: _midnight(day) - mine[0].offset
            for day, mine in self._of_day.items()
            if len(mine) == 1 and mine[0].holds(_midnight(day), _midnight(day) + _DAY)
        }

    def span(self, day: date, opens: timedelta, closes: timedelta) -> Spans:
        """The instants of one day at which its clock shows `opens` or later, before `closes`."""
        ordinary = self._ordinary.get(day)
        if ordinary is not None:
            return [Span(ordinary + opens, ordinary + closes)]
        found = []
        for each in self._of_day[day]:
            base = _midnight(day) - each.offset
            found.append(Span(max(base + opens, each.start), min(base + closes, each.end)))
        return tidy(found)

    def whole(self, first: date, last: date) -> Spans:
        """The local days from `first` to `last`, both included, as far as they are known here."""
        day, last = max(first, self.first), min(last, self.last)
        found: Spans = []
        while day <= last:
            found += self.span(day, timedelta(0), _DAY)
            day += _DAY
        return tidy(found)

    def weekly(self, hours: Iterable[WeeklyHours]) -> Spans:
        """All weekly hours, each on the days for which it is valid."""
        by_weekday: dict[int, list[tuple[date, date, timedelta, timedelta]]] = {}
        for each in hours:
            by_weekday.setdefault(each.weekday, []).append(
                (
                    each.valid_from or date.min,
                    each.valid_to or date.max,
                    timedelta(minutes=each.opens_minute),
                    timedelta(minutes=each.closes_minute),
                )
            )
        found: Spans = []
        for day in self._of_day:
            for valid_from, valid_to, opens, closes in by_weekday.get(day.isoweekday(), ()):
                if valid_from <= day <= valid_to:
                    found += self.span(day, opens, closes)
        return tidy(found)


def _midnight(day: date) -> datetime:
    """The wall-clock midnight that begins a day, written as if its zone were UTC."""
    return datetime.combine(day, time(0), UTC)


def _stretches(zone: ZoneInfo, start: datetime, end: datetime) -> list[Stretch]:
    """The instants from `start` to `end`, cut where the zone changes its offset."""
    found: list[Stretch] = []
    begins, offset, at = start, _offset(start, zone), start
    while at < end:
        later = min(at + _STEP, end)
        if (new := _offset(later, zone)) != offset:
            change = _change(zone, at, later)
            found.append(Stretch(begins, change, offset))
            begins, offset = change, new
        at = later
    return [*found, Stretch(begins, end, offset)]


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second at which the offset is that of `after`."""
    new = _offset(after, zone)
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _offset(middle, zone) == new:
            after = middle
        else:
            before = middle
    return after


def _by_day(
    first: date, last: date, stretches: Sequence[Stretch]
) -> Iterable[tuple[date, tuple[Stretch, ...]]]:
    """Each day with the stretches in which some of its wall-clock times lie."""
    position = 0
    day = first
    while day <= last:
        midnight = _midnight(day)
        while midnight >= stretches[position].end + stretches[position].offset:
            position += 1
        # After a fold the same wall time comes again under the next offset.
        mine = [
            each
            for each in stretches[position : position + 3]
            if each.start + each.offset < midnight + _DAY and midnight < each.end + each.offset
        ]
        yield day, tuple(mine)
        day += _DAY
