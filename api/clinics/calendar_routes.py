"""`/v1/clinic/opening-hours`, closures, public holidays and booking settings."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Query, Request, Response, Security
from sqlmodel import col, select

from api.availability.booking_settings import settings_row
from api.availability.weekly_schemas import MOST, WeeklyHoursIn, WeeklyHoursRead
from api.clinics import closures, opening_hours, public_holidays
from api.clinics.calendar_schemas import (
    BookingSettingsPatch,
    BookingSettingsRead,
    ClosureChanged,
    ClosureCreate,
    ClosurePatch,
    ClosureQuery,
    ClosureRead,
    ClosureRemoved,
    HolidaysImported,
    HolidaysRead,
    HolidayYear,
    OpeningHoursChanged,
    OpeningHoursRead,
)
from api.database import ReadDb, WriteDb
from api.paging import Order, Page, Pager
from api.preconditions import IfMatch, always_whole, tag
from api.routing import DryRun, Router
from api.security import Caller, read_caller, write_caller
from models import Clinic, Closure

router = Router(prefix="/v1/clinic", tags=["Calendars"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read"])]
Manager = Annotated[Caller, Security(write_caller, scopes=["clinic:manage"])]
Hours = Annotated[
    list[WeeklyHoursIn], Body(max_length=MOST, description="All hours; those before are gone.")
]
_OVER: dict[int | str, dict[str, Any]] = {
    409: {"description": "`illegal-transition`: the closure is over."}
}


@router.get("/opening-hours", name="read_opening_hours", summary="When the clinic is open")
async def read_opening_hours(response: Response, caller: Reader, db: ReadDb) -> OpeningHoursRead:
    """Local time, week by week. A clinic that never wrote any is never closed, and slots are
    offered from seven to nine in the evening."""
    clinic = await db.get_one(Clinic, caller.clinic_id)
    rows = await opening_hours.opening_hours(db, caller)
    tag(response, clinic)
    hours = tuple(WeeklyHoursRead.of(row) for row in rows)
    return OpeningHoursRead(hours=hours, time_zone=clinic.time_zone, version=clinic.version)


@router.put("/opening-hours", name="replace_opening_hours", summary="Write the opening hours")
async def replace_opening_hours(
    hours: Hours,
    expected: IfMatch,
    response: Response,
    caller: Manager,
    db: WriteDb,
    dry_run: DryRun = False,
) -> OpeningHoursChanged:
    """All of them at once; the ETag is the clinic's. Booked sessions stay: the answer says which
    are outside now, and they come onto the review worklist. An empty list opens the clinic at
    any time."""
    clinic, outside = await opening_hours.replace_opening_hours(db, caller, hours, expected)
    rows = await opening_hours.opening_hours(db, caller)
    tag(response, clinic)
    return OpeningHoursChanged(
        hours=tuple(WeeklyHoursRead.of(row) for row in rows),
        time_zone=clinic.time_zone,
        version=clinic.version,
        outside=outside,
    )


@router.post("/closures", status_code=201, name="add_closure", summary="Close the clinic or a room")
async def add_closure(
    draft: ClosureCreate, response: Response, caller: Manager, db: WriteDb, dry_run: DryRun = False
) -> ClosureChanged:
    """Whole local days. Booked sessions stay: the answer says which are outside now."""
    row, outside = await closures.close(db, caller, draft)
    tag(response, row, f"/v1/clinic/closures/{row.id}")
    return ClosureChanged(**dict(ClosureRead.of(row)), outside=outside)


@router.get("/closures", name="list_closures", summary="List closures")
async def list_closures(
    query: Annotated[ClosureQuery, Query()],
    request: Request,
    response: Response,
    caller: Reader,
    db: ReadDb,
) -> Page[ClosureRead]:
    """By last day: of the clinic and of its rooms, public holidays that were imported too."""
    pager = Pager(request, query, caller.clinic_id)
    statement = select(Closure).where(
        Closure.clinic_id == caller.clinic_id, col(Closure.removed_at).is_(None)
    )
    if query.ends_from is not None:
        statement = statement.where(Closure.ends_on >= query.ends_from)
    if query.starts_to is not None:
        statement = statement.where(Closure.starts_on <= query.starts_to)
    if query.room_id is not None:
        statement = statement.where(Closure.room_id == query.room_id)
    rows, cursor, total = await pager.rows(db, statement, Order((Closure.ends_on, Closure.id)))
    pager.link(response, cursor)
    items = [ClosureRead.of(row) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


@router.get("/closures/{closure_id}", name="read_closure", summary="Read a closure")
async def read_closure(
    closure_id: UUID, response: Response, caller: Reader, db: ReadDb
) -> ClosureRead:
    """One closure."""
    row = await closures.read_closure(db, caller, closure_id)
    tag(response, row)
    return ClosureRead.of(row)


@router.patch(
    "/closures/{closure_id}", name="change_closure", summary="Change a closure", responses=_OVER
)
async def change_closure(
    closure_id: UUID,
    patch: ClosurePatch,
    expected: IfMatch,
    response: Response,
    caller: Manager,
    db: WriteDb,
    dry_run: DryRun = False,
) -> ClosureChanged:
    """JSON merge patch, until its last day is over. A holiday may be moved like any other."""
    row, outside = await closures.change_closure(db, caller, closure_id, patch, expected)
    tag(response, row)
    return ClosureChanged(**dict(ClosureRead.of(row)), outside=outside)


@router.delete(
    "/closures/{closure_id}", name="remove_closure", summary="Open again", responses=_OVER
)
async def remove_closure(
    closure_id: UUID, expected: IfMatch, caller: Manager, db: WriteDb, dry_run: DryRun = False
) -> ClosureRemoved:
    """Sessions that were outside because of it leave the review worklist."""
    return ClosureRemoved(outside=await closures.remove_closure(db, caller, closure_id, expected))


@router.get("/public-holidays", name="list_public_holidays", summary="Public holidays of a year")
async def list_public_holidays(
    request: Request,
    caller: Reader,
    db: ReadDb,
    year: Annotated[
        int | None,
        Query(ge=2000, le=2100, description="Calendar year; this one if not said."),
    ] = None,
) -> HolidaysRead:
    """Of the clinic's country and region. They close nothing until they are imported."""
    always_whole(request)
    return await public_holidays.public_holidays(db, caller, year or caller.today.year)


@router.post("/public-holidays", name="import_public_holidays", summary="Close on public holidays")
async def import_public_holidays(
    asked: HolidayYear, caller: Manager, db: WriteDb, dry_run: DryRun = False
) -> HolidaysImported:
    """Writes the year's holidays from today on as closures. To repeat it adds what is missing;
    those that were moved, renamed or removed stay so."""
    found, imported, outside = await public_holidays.import_holidays(db, caller, asked.year)
    return HolidaysImported(**dict(found), imported=imported, outside=outside)


@router.get("/booking-settings", name="read_booking_settings", summary="How the clinic books")
async def read_booking_settings(
    response: Response, caller: Reader, db: ReadDb
) -> BookingSettingsRead:
    """Lengths and buffers by kind of session, notice, grid."""
    clinic = await db.get_one(Clinic, caller.clinic_id)
    row = await settings_row(db, caller.clinic_id)
    tag(response, clinic)
    return BookingSettingsRead.of(row, clinic.version)


@router.patch(
    "/booking-settings", name="change_booking_settings", summary="Change how the clinic books"
)
async def change_booking_settings(
    patch: BookingSettingsPatch, expected: IfMatch, response: Response, caller: Manager, db: WriteDb
) -> BookingSettingsRead:
    """JSON merge patch; the ETag is the clinic's. What is booked keeps the buffers it has."""
    clinic, row = await opening_hours.change_booking_settings(db, caller, patch, expected)
    tag(response, clinic)
    return BookingSettingsRead.of(row, clinic.version)
