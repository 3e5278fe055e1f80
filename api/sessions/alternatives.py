"""The nearest free times for a session that collides.

Working hours are not asked yet: a day is tried from seven to nine in the evening, local time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import local_day
from api.decisions.matters import Scheduling
from api.decisions.windows import session_window
from api.security import Caller
from api.sessions.conflicts import ScheduleConflict, conflicts, occupied
from api.sessions.occupying import Booking
from api.sessions.reserved import remove_expired, reserved
from api.sessions.schemas import Slot

HOW_MANY = 3
REACH = timedelta(days=14)  # how far from the wanted day we look, both ways
_STEP = timedelta(minutes=15)
_DAY = timedelta(days=1)
_FIRST, _LAST = time(7), time(21)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The stretch of time that was asked for, and what an alternative must respect.

    not_before: no alternative starts earlier (the present). days: stretches of days, both ends
    included, None for no bound, on which the plan's spacing allows the session.
    """

    starts_at: datetime
    length: timedelta
    zone: ZoneInfo
    not_before: datetime
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


def nearest(wanted: Wanted, taken: Iterable[tuple[datetime, datetime]]) -> list[datetime]:
    """Up to three free starts, nearest to the wanted one first, none overlapping another.

    taken: half-open stretches, in any order, may overlap; all within the reach.
    """
    busy = list(taken)
    chosen: list[datetime] = []
    for start in _candidates(wanted):
        stretch = (start, start + wanted.length)
        if not _free(stretch, busy):
            continue
        chosen.append(start)
        busy.append(stretch)
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
            if _possible(wanted, start, local + shift):
                yield start


def _possible(wanted: Wanted, start: datetime, wall: datetime) -> bool:
    if start < wanted.not_before or not wall.time() >= _FIRST:
        return False
    end = (start + wanted.length).astimezone(wanted.zone)
    if end.date() != wall.date() or end.time() > _LAST:
        return False
    # A wall time that the clocks skip comes back as another one.
    exists = start.astimezone(wanted.zone).replace(tzinfo=None) == wall
    return exists and wanted.allows(local_day(start, wanted.zone))


def _free(stretch: tuple[datetime, datetime], busy: list[tuple[datetime, datetime]]) -> bool:
    start, end = stretch
    return all(ends <= start or begins >= end for begins, ends in busy)


async def refuse_conflicts(
    db: AsyncSession, caller: Caller, matter: Scheduling | None, booking: Booking
) -> None:
    """ScheduleConflict, with the nearest alternatives, where the booking's time is taken.

    matter: None where no rule is asked. Expired reservations in the way are removed: practitioner,
    room and patient are locked.
    """
    await remove_expired(db, caller, booking)
    taken = await conflicts(db, caller, booking)
    if not taken:
        return
    days = None if matter is None else await _days(db, caller, matter)
    wanted = Wanted(
        starts_at=booking.starts_at,
        length=booking.ends_at - booking.starts_at,
        zone=caller.zone,
        not_before=caller.now,
        days=days or ((None, None),),
    )
    since, until = wanted.reach
    others = await occupied(db, caller, booking, since, until)
    kept = await reserved(db, caller, booking, since, until)
    busy = [(each.starts_at, each.ends_at) for each in others]
    starts = nearest(wanted, [*busy, *((each.starts_at, each.ends_at) for each in kept)])
    slots = [
        Slot(
            starts_at=start,
            ends_at=start + wanted.length,
            practitioner_id=booking.practitioner_id,
            room_id=booking.room_id,
        )
        for start in starts
    ]
    raise ScheduleConflict(taken, slots)


async def _days(
    db: AsyncSession, caller: Caller, matter: Scheduling
) -> tuple[tuple[date | None, date | None], ...]:
    """The stretches of days on which the plan's spacing allows the session."""
    window = await session_window(db, caller, matter)
    runs = tuple((run.first, run.last) for run in window.runs)
    return runs or ((window.earliest_on, window.latest_on),)
