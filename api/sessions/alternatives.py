"""The nearest times at which a session that cannot take place would be accepted."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from api.availability.spans import Span, Spans, subtract
from api.clock import local_day

HOW_MANY = 3
REACH = timedelta(days=14)  # how far from the wanted day we look, both ways
_STEP = timedelta(minutes=15)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The stretch of time that was asked for, and what an alternative must respect.

    days: stretches of days, both ends included, None for no bound, on which the plan's spacing
    allows the session.
    """

    starts_at: datetime
    length: timedelta
    zone: ZoneInfo
    days: tuple[tuple[date | None, date | None], ...] = ((None, None),)

    @property
    def reach(self) -> tuple[datetime, datetime]:
        """The instants between which alternatives lie."""
        return self.starts_at - REACH - _DAY, self.starts_at + REACH + _DAY

    def allows(self, day: date) -> bool:
        return any(
            (first is None or first <= day) and (last is None or day <= last)
            for first, last in self.days
        )


def nearest(wanted: Wanted, free: Spans) -> list[datetime]:
    """Up to three starts, nearest to the wanted one first, none overlapping another.

    free: where the session may lie from its start to its end, all within the reach.
    """
    chosen: list[datetime] = []
    for start in _candidates(wanted):
        stretch = Span(start, start + wanted.length)
        if not _inside(stretch, free):
            continue
        chosen.append(start)
        free = subtract(free, [stretch])
        if len(chosen) == HOW_MANY:
            break
    return chosen


def _candidates(wanted: Wanted) -> Iterator[datetime]:
    """Every quarter-hour shift of the wanted start, nearest first, the later of two first.

    Shifts are of local wall time, so that another day's 10:00 is 10:00 whatever the clocks did.
    """
    local = wanted.starts_at.astimezone(wanted.zone).replace(tzinfo=None)
    for steps in range(1, int(REACH / _STEP) + 1):
        for shift in (steps * _STEP, -steps * _STEP):
            start = (local + shift).replace(tzinfo=wanted.zone).astimezone(UTC)
            # A wall time that the clocks skip comes back as another one.
            exists = start.astimezone(wanted.zone).replace(tzinfo=None) == local + shift
            if exists and wanted.allows(local_day(start, wanted.zone)):
                yield start


def _inside(stretch: Span, free: Spans) -> bool:
    before = bisect_right(free, stretch.start, key=lambda span: span.start)
    return before > 0 and stretch.end <= free[before - 1].end
