"""`/v1/staff/{staff_id}/working-hours` and `/v1/staff/{staff_id}/time-off`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Query, Request, Response, Security
from sqlmodel import select

from api.availability.weekly_schemas import MOST, WorkingHoursIn, WorkingHoursSpan
from api.database import ReadDb, WriteDb, found
from api.paging import Order, Page, Pager
from api.preconditions import IfMatch, tag
from api.routing import DryRun, Router
from api.security import Caller, read_caller, write_caller
from api.staff import time_off, working_hours
from api.staff.hours_schemas import (
    TimeOffChanged,
    TimeOffCreate,
    TimeOffPatch,
    TimeOffQuery,
    TimeOffRead,
    TimeOffRemoved,
    WorkingHoursChanged,
    WorkingHoursRead,
)
from models import StaffMember, TimeOff

router = Router(prefix="/v1/staff/{staff_id}", tags=["Calendars"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read"])]
Manager = Annotated[Caller, Security(write_caller, scopes=["staff:manage"])]
Hours = Annotated[
    list[WorkingHoursIn], Body(max_length=MOST, description="All hours; those before are gone.")
]
_OVER: dict[int | str, dict[str, Any]] = {
    409: {"description": "`illegal-transition`: the absence is over."}
}


@router.get("/working-hours", name="read_working_hours", summary="When a person works")
async def read_working_hours(
    staff_id: UUID, response: Response, caller: Reader, db: ReadDb
) -> WorkingHoursRead:
    """Local time, week by week. A person without any works whenever the clinic is open."""
    member = await found(db, StaffMember, caller.clinic_id, staff_id)
    tag(response, member)
    return WorkingHoursRead(**await _hours(db, caller, member))


@router.put("/working-hours", name="replace_working_hours", summary="Write the working hours")
async def replace_working_hours(
    staff_id: UUID,
    hours: Hours,
    expected: IfMatch,
    response: Response,
    caller: Manager,
    db: WriteDb,
    dry_run: DryRun = False,
) -> WorkingHoursChanged:
    """All of them at once; the ETag is the staff member's. A break is a gap between two spans.
    Booked sessions stay: the answer says which are outside now."""
    member, outside = await working_hours.replace_working_hours(
        db, caller, staff_id, hours, expected
    )
    tag(response, member)
    return WorkingHoursChanged(**await _hours(db, caller, member), outside=outside)


async def _hours(db: ReadDb, caller: Caller, member: StaffMember) -> dict[str, Any]:
    rows = await working_hours.working_hours(db, caller, member.id)
    return {
        "staff_id": member.id,
        "hours": tuple(WorkingHoursSpan.of(row) for row in rows),
        "time_zone": caller.zone.key,
        "version": member.version,
    }


@router.post("/time-off", status_code=201, name="add_time_off", summary="Note an absence")
async def add_time_off(
    staff_id: UUID,
    draft: TimeOffCreate,
    response: Response,
    caller: Manager,
    db: WriteDb,
    dry_run: DryRun = False,
) -> TimeOffChanged:
    """Booked sessions stay: the answer says which are outside now."""
    row, outside = await time_off.add(db, caller, staff_id, draft)
    tag(response, row, f"/v1/staff/{staff_id}/time-off/{row.id}")
    return TimeOffChanged(**dict(TimeOffRead.of(row, True)), outside=outside)


@router.get("/time-off", name="list_time_off", summary="List absences")
async def list_time_off(
    staff_id: UUID,
    query: Annotated[TimeOffQuery, Query()],
    request: Request,
    response: Response,
    caller: Reader,
    db: ReadDb,
) -> Page[TimeOffRead]:
    """By their ends. Why somebody is away is for who manages staff, and for themselves."""
    await found(db, StaffMember, caller.clinic_id, staff_id)
    pager = Pager(request, query, caller.clinic_id)
    statement = select(TimeOff).where(
        TimeOff.clinic_id == caller.clinic_id, TimeOff.staff_member_id == staff_id
    )
    if query.ends_after is not None:
        statement = statement.where(TimeOff.ends_at > query.ends_after)
    if query.starts_before is not None:
        statement = statement.where(TimeOff.starts_at < query.starts_before)
    rows, cursor, total = await pager.rows(db, statement, Order((TimeOff.ends_at, TimeOff.id)))
    pager.link(response, cursor)
    items = [TimeOffRead.of(row, time_off.may_see_reason(caller, staff_id)) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


@router.get("/time-off/{time_off_id}", name="read_time_off", summary="Read an absence")
async def read_time_off(
    staff_id: UUID, time_off_id: UUID, response: Response, caller: Reader, db: ReadDb
) -> TimeOffRead:
    """One absence."""
    row = await time_off.read(db, caller, staff_id, time_off_id)
    tag(response, row)
    return TimeOffRead.of(row, time_off.may_see_reason(caller, staff_id))


@router.patch(
    "/time-off/{time_off_id}",
    name="change_time_off",
    summary="Change an absence",
    responses=_OVER,
)
async def change_time_off(
    staff_id: UUID,
    time_off_id: UUID,
    patch: TimeOffPatch,
    expected: IfMatch,
    response: Response,
    caller: Manager,
    db: WriteDb,
    dry_run: DryRun = False,
) -> TimeOffChanged:
    """JSON merge patch, until it is over."""
    row, outside = await time_off.change(db, caller, staff_id, time_off_id, patch, expected)
    tag(response, row)
    return TimeOffChanged(**dict(TimeOffRead.of(row, True)), outside=outside)


@router.delete(
    "/time-off/{time_off_id}",
    name="remove_time_off",
    summary="Remove an absence",
    responses=_OVER,
)
async def remove_time_off(
    staff_id: UUID,
    time_off_id: UUID,
    expected: IfMatch,
    caller: Manager,
    db: WriteDb,
    dry_run: DryRun = False,
) -> TimeOffRemoved:
    """The person is there after all."""
    return TimeOffRemoved(
        outside=await time_off.remove(db, caller, staff_id, time_off_id, expected)
    )
