"""By when somebody should have looked: the targets of the escalation table as instants."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.security import Caller
from models import Closure, OpeningHours

if TYPE_CHECKING:
    from rules.tables import Escalation

_WEEKDAYS = range(1, 6)  # Monday to Friday, where the clinic has not said when it is open
_HORIZON_DAYS = 60


@dataclass(frozen=True, slots=True)
class Targets:
    """The clinic's working days from today on."""

    caller: Caller
    working: tuple[date, ...]

    def due_at(self, row: "Escalation") -> datetime | None:
        """The instant for one row; None where the table names none, such as "next visit".

        A number of working days is over with the last of them, today not counted.
        """
        if row.target_hours is not None:
            return self.caller.now + timedelta(hours=row.target_hours)
        days = row.target_working_days
        if days is None:
            return None
        if days > len(self.working):
            return self._end_of(self.caller.today + timedelta(days=days))
        return self._end_of(self.working[days - 1] if days else self.caller.today)

    def _end_of(self, day: date) -> datetime:
        midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=self.caller.zone)
        return midnight.astimezone(UTC)


async def load_targets(db: AsyncSession, caller: Caller, rows: Sequence["Escalation"]) -> Targets:
    """What the rows need: nothing where none of them counts in working days, else two queries."""
    if all(row.target_working_days is None for row in rows):
        return Targets(caller, ())
    is_open = await _opened(db, caller)
    ahead = (caller.today + timedelta(days=days) for days in range(1, _HORIZON_DAYS + 1))
    return Targets(caller, tuple(day for day in ahead if is_open(day)))


async def _opened(db: AsyncSession, caller: Caller) -> Callable[[date], bool]:
    hours = list(
        await db.exec(select(OpeningHours).where(OpeningHours.clinic_id == caller.clinic_id))
    )
    closures = list(
        await db.exec(
            select(Closure).where(
                Closure.clinic_id == caller.clinic_id,
                col(Closure.room_id).is_(None),
                col(Closure.ends_on) > caller.today,
            )
        )
    )

    def is_open(day: date) -> bool:
        if any(each.starts_on <= day <= each.ends_on for each in closures):
            return False
        if not hours:
            return day.isoweekday() in _WEEKDAYS
        return any(each.weekday == day.isoweekday() and _valid(each, day) for each in hours)

    return is_open


def _valid(hours: OpeningHours, day: date) -> bool:
    begun = hours.valid_from is None or hours.valid_from <= day
    return begun and (hours.valid_to is None or day <= hours.valid_to)
