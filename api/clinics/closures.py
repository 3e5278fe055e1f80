"""Days on which the clinic or a room is closed."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.availability.reasons import Calendar
from api.availability.weekly import LocalDays
from api.clinics.calendar_schemas import ClosureCreate, ClosurePatch
from api.clinics.opening_hours import lock_clinic
from api.database import found, locked
from api.preconditions import check
from api.problems import FieldError, IllegalTransition, InvalidRequest, NotFound, invalid
from api.security import Caller
from api.sessions.outside import Changed, sessions_outside
from api.sessions.outside_schemas import Outside
from models import Closure, Room

CLOSED = frozenset({Calendar.CLOSURE, Calendar.PUBLIC_HOLIDAY, Calendar.ROOM_CLOSURE})
_REQUIRED = ("starts_on", "ends_on", "name")
_LONGEST = timedelta(days=366)


async def close(db: AsyncSession, caller: Caller, draft: ClosureCreate) -> tuple[Closure, Outside]:
    """Close the clinic, or a room, from today on or later."""
    await _lock(db, caller, draft.room_id)
    _check_days(caller, draft.starts_on, draft.ends_on)
    row = Closure(clinic_id=caller.clinic_id, **draft.model_dump())
    db.add(row)
    audit.record(db, caller, "closure.added", row)
    return row, await _outside(db, caller, row, row.starts_on, row.ends_on)


async def change_closure(
    db: AsyncSession, caller: Caller, closure_id: UUID, patch: ClosurePatch, expected: int
) -> tuple[Closure, Outside]:
    """Move or rename a closure that is not over. What it closed before is open again."""
    row = await _locked(db, caller, closure_id, expected)
    changes = {name: getattr(patch, name) for name in patch.model_fields_set}
    nulls = sorted(name for name in _REQUIRED if name in changes and changes[name] is None)
    if nulls:
        raise InvalidRequest(
            [FieldError(f"/{name}", "required", "This cannot be removed.") for name in nulls]
        )
    before = row.starts_on, row.ends_on
    starts_on, ends_on = (changes.get(name, getattr(row, name)) for name in _REQUIRED[:2])
    _check_days(caller, starts_on, ends_on, began_on=row.starts_on)
    for name, value in changes.items():
        setattr(row, name, value)
    audit.record(db, caller, "closure.changed", row)
    first, last = min(before[0], starts_on), max(before[1], ends_on)
    return row, await _outside(db, caller, row, first, last)


async def remove_closure(
    db: AsyncSession, caller: Caller, closure_id: UUID, expected: int
) -> Outside:
    """Open again. The row is kept, so that importing its holiday again does not bring it back."""
    row = await _locked(db, caller, closure_id, expected)
    row.removed_at = caller.now
    audit.record(db, caller, "closure.removed", row)
    return await _outside(db, caller, row, row.starts_on, row.ends_on)


async def read_closure(db: AsyncSession, caller: Caller, closure_id: UUID) -> Closure:
    """The closure, or NotFound: a removed one has vanished."""
    row = await found(db, Closure, caller.clinic_id, closure_id)
    if row.removed_at is not None:
        raise NotFound
    return row


async def _lock(db: AsyncSession, caller: Caller, room_id: UUID | None) -> None:
    if room_id is None:
        await lock_clinic(db, caller)
    else:
        await locked(db, Room, caller.clinic_id, room_id)


async def _locked(db: AsyncSession, caller: Caller, closure_id: UUID, expected: int) -> Closure:
    seen = await read_closure(db, caller, closure_id)
    await _lock(db, caller, seen.room_id)
    row = await locked(db, Closure, caller.clinic_id, closure_id)
    if row.removed_at is not None:
        raise NotFound
    check(row, expected)
    if row.ends_on < caller.today:
        raise IllegalTransition("over", [], "This closure is over; it stays as it was.")
    return row


def _check_days(
    caller: Caller, starts_on: date, ends_on: date, began_on: date | None = None
) -> None:
    """began_on: of a closure that has begun, which keeps its first day."""
    if ends_on < starts_on:
        raise invalid("/ends_on", "reversed", "This must not be before `starts_on`.")
    if ends_on - starts_on > _LONGEST:
        raise invalid("/ends_on", "too_long", "At most 366 days; change the opening hours instead.")
    if starts_on < caller.today and starts_on != began_on:
        raise invalid("/starts_on", "in_the_past", "A closure begins today or later.")
    if ends_on < caller.today:
        raise invalid("/ends_on", "in_the_past", "A closure ends today or later.")


async def _outside(
    db: AsyncSession, caller: Caller, row: Closure, first: date, last: date
) -> Outside:
    since, until = day_bounds(caller, first, last)
    changed = Changed(CLOSED, room_id=row.room_id, since=since, until=until)
    return await sessions_outside(db, caller, changed)


def day_bounds(caller: Caller, first: date, last: date) -> tuple[datetime, datetime]:
    """Instants between which these local days lie, a day more on either side."""
    around = first - timedelta(days=1), last + timedelta(days=1)
    days = LocalDays(caller.zone, *around).whole(*around)
    return days[0].start, days[-1].end
