"""When people are away."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.availability.reasons import Calendar
from api.database import found, locked
from api.preconditions import check
from api.problems import FieldError, IllegalTransition, InvalidRequest, NotFound, invalid
from api.security import Caller
from api.sessions.outside import Changed, sessions_outside
from api.sessions.outside_schemas import Outside
from api.staff.hours_schemas import TimeOffCreate, TimeOffPatch
from models import StaffMember, TimeOff

_AWAY = frozenset({Calendar.TIME_OFF})
_REQUIRED = ("starts_at", "ends_at")
_LONGEST = timedelta(days=366)


async def add(
    db: AsyncSession, caller: Caller, staff_id: UUID, draft: TimeOffCreate
) -> tuple[TimeOff, Outside]:
    """Note an absence that is not over; one that has begun already may be entered late."""
    await locked(db, StaffMember, caller.clinic_id, staff_id)
    _check_times(caller, draft.starts_at, draft.ends_at)
    row = TimeOff(clinic_id=caller.clinic_id, staff_member_id=staff_id, **draft.model_dump())
    db.add(row)
    audit.record(db, caller, "time_off.added", row)
    return row, await _outside(db, caller, staff_id, row.starts_at, row.ends_at)


async def change(
    db: AsyncSession,
    caller: Caller,
    staff_id: UUID,
    time_off_id: UUID,
    patch: TimeOffPatch,
    expected: int,
) -> tuple[TimeOff, Outside]:
    """Move an absence that is not over, or say why."""
    row = await _locked(db, caller, staff_id, time_off_id, expected)
    changes = {name: getattr(patch, name) for name in patch.model_fields_set}
    nulls = sorted(name for name in _REQUIRED if name in changes and changes[name] is None)
    if nulls:
        raise InvalidRequest(
            [FieldError(f"/{name}", "required", "This cannot be removed.") for name in nulls]
        )
    before = row.starts_at, row.ends_at
    for name, value in changes.items():
        setattr(row, name, value)
    _check_times(caller, row.starts_at, row.ends_at)
    audit.record(db, caller, "time_off.changed", row)
    since, until = min(before[0], row.starts_at), max(before[1], row.ends_at)
    return row, await _outside(db, caller, staff_id, since, until)


async def remove(
    db: AsyncSession, caller: Caller, staff_id: UUID, time_off_id: UUID, expected: int
) -> Outside:
    """The person is there after all. What is over stays as it was."""
    row = await _locked(db, caller, staff_id, time_off_id, expected)
    audit.record(db, caller, "time_off.removed", row)
    await db.delete(row)
    return await _outside(db, caller, staff_id, row.starts_at, row.ends_at)


async def read(db: AsyncSession, caller: Caller, staff_id: UUID, time_off_id: UUID) -> TimeOff:
    """That person's absence, or NotFound."""
    row = await found(db, TimeOff, caller.clinic_id, time_off_id)
    if row.staff_member_id != staff_id:
        raise NotFound
    return row


def may_see_reason(caller: Caller, staff_id: UUID) -> bool:
    """Why somebody is away is for who manages staff, and for themselves."""
    return caller.may("staff:manage") or caller.staff_id == staff_id


async def _locked(
    db: AsyncSession, caller: Caller, staff_id: UUID, time_off_id: UUID, expected: int
) -> TimeOff:
    await locked(db, StaffMember, caller.clinic_id, staff_id)
    row = await locked(db, TimeOff, caller.clinic_id, time_off_id)
    if row.staff_member_id != staff_id:
        raise NotFound
    check(row, expected)
    if row.ends_at <= caller.now:
        raise IllegalTransition("over", [], "This absence is over; it stays as it was.")
    return row


def _check_times(caller: Caller, starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise invalid("/ends_at", "reversed", "This must be later than `starts_at`.")
    if ends_at - starts_at > _LONGEST:
        raise invalid("/ends_at", "too_long", "At most 366 days; change the working hours instead.")
    if ends_at <= caller.now:
        raise invalid("/ends_at", "in_the_past", "An absence ends in the future.")


async def _outside(
    db: AsyncSession, caller: Caller, staff_id: UUID, since: datetime, until: datetime
) -> Outside:
    changed = Changed(_AWAY, practitioner_id=staff_id, since=since, until=until)
    return await sessions_outside(db, caller, changed)
