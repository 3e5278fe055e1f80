"""The starts that are offered: on the clinic's grid, by the wall clock."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from api.availability.spans import Spans

_DAY = timedelta(days=1)


def starts_of(day: date, zone: ZoneInfo, grid: timedelta) -> list[datetime]:
    """Every instant of the local day whose wall-clock time is a multiple of the grid, in order.

    A time that the clocks skip is none; one that they show twice is two.
    """
    midnight, steps = begin_of(day, zone), range(-(-_DAY // grid))
    if begin_of(day + _DAY, zone) == midnight + _DAY:
        return [midnight + step * grid for step in steps]
    found = set()
    for step in steps:
        wall = datetime.combine(day, time(0)) + step * grid
        for fold in (0, 1):
            instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
            if instant.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
                found.add(instant)
    return sorted(found)


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of the local day, also where the clocks skip its midnight."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def fitting(starts: Sequence[datetime], free: Spans, length: timedelta) -> list[datetime]:
    """The starts from which a session of that length lies in one free span; both in order."""
    if not starts:
        return []
    found: list[datetime] = []
    first, last = starts[0], starts[-1]
    at = bisect_left(free, first, key=_end)
    while at < len(free) and free[at].start <= last:
        span = free[at]
        low = bisect_left(starts, span.start)
        high = bisect_left(starts, span.end - length + timedelta(microseconds=1), lo=low)
        found += starts[low:high]
        at += 1
    return found


def _end(span: tuple[datetime, datetime]) -> datetime:
    return span[1]
