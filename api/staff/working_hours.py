"""When people work. Changes under the staff member's own ETag."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.availability.reasons import Calendar
from api.availability.weekly_schemas import WorkingHoursIn, columns
from api.availability.weekly_schemas import check as check_hours
from api.database import locked, touch
from api.preconditions import check
from api.problems import FieldError, InvalidRequest, NotFound
from api.security import Caller
from api.sessions.outside import Changed, sessions_outside
from api.sessions.outside_schemas import Outside
from models import Room, StaffMember, WorkingHours


async def working_hours(db: AsyncSession, caller: Caller, staff_id: UUID) -> list[WorkingHours]:
    """All of them, those of other seasons too, by weekday and time."""
    hours = col(WorkingHours.opens_minute), col(WorkingHours.valid_from), col(WorkingHours.id)
    statement = select(WorkingHours).where(
        WorkingHours.clinic_id == caller.clinic_id, WorkingHours.staff_member_id == staff_id
    )
    return list(await db.exec(statement.order_by(col(WorkingHours.weekday), *hours)))


async def replace_working_hours(
    db: AsyncSession,
    caller: Caller,
    staff_id: UUID,
    hours: Sequence[WorkingHoursIn],
    expected: int,
) -> tuple[StaffMember, Outside]:
    """These hours and no others. Raises InvalidRequest where two of them overlap, in whichever
    rooms (nobody works in two), or a room is not in use; NotFound for an unknown one."""
    member = await locked(db, StaffMember, caller.clinic_id, staff_id)
    check(member, expected)
    check_hours(hours)
    await _check_rooms(db, caller, hours)
    for row in await working_hours(db, caller, staff_id):
        await db.delete(row)
    await db.flush()
    db.add_all(
        WorkingHours(clinic_id=caller.clinic_id, staff_member_id=staff_id, **columns(each))
        for each in hours
    )
    touch(member, db)
    audit.record(db, caller, "working_hours.replaced", member)
    changed = Changed(frozenset({Calendar.WORKING_HOURS}), practitioner_id=staff_id)
    return member, await sessions_outside(db, caller, changed)


async def _check_rooms(db: AsyncSession, caller: Caller, hours: Sequence[WorkingHoursIn]) -> None:
    wanted = {each.room_id for each in hours if each.room_id is not None}
    if not wanted:
        return
    statement = select(Room).where(Room.clinic_id == caller.clinic_id, col(Room.id).in_(wanted))
    rooms = {room.id: room for room in await db.exec(statement)}
    if wanted - set(rooms):
        raise NotFound("There is no such room.")
    errors = [
        FieldError(f"/{position}/room_id", "inactive", "This room is not in use any more.")
        for position, each in enumerate(hours)
        if each.room_id is not None and not rooms[each.room_id].active
    ]
    if errors:
        raise InvalidRequest(errors)
