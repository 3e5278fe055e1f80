"""`/v1/staff`."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response, Security
from sqlmodel import select

from api.database import ReadDb, WriteDb, found
from api.paging import Order, Page, PageParams, Pager
from api.preconditions import IfMatch, tag
from api.routing import DryRun, Router
from api.security import Caller, read_caller, write_caller
from api.staff import service
from api.staff.schemas import StaffChanged, StaffCreate, StaffPatch, StaffRead
from models import StaffMember

router = Router(prefix="/v1/staff", tags=["Staff"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read"])]
Manager = Annotated[Caller, Security(write_caller, scopes=["staff:manage"])]


@router.post("", status_code=201, name="add_staff_member", summary="Add a staff member")
async def add_staff_member(
    draft: StaffCreate, request: Request, response: Response, caller: Manager, db: WriteDb
) -> StaffRead:
    """A membership of this clinic, with roles. One account may work in several clinics."""
    member, email = await service.add(db, caller, draft, request.app.state.passwords)
    tag(response, member, f"/v1/staff/{member.id}")
    return service.shown(member, email)


@router.get("", name="list_staff", summary="List staff")
async def list_staff(
    request: Request, response: Response, page: PageParams, caller: Reader, db: ReadDb
) -> Page[StaffRead]:
    """Everybody who works or worked here, in order of joining."""
    pager = Pager(request, page, caller.clinic_id)
    statement = select(StaffMember).where(StaffMember.clinic_id == caller.clinic_id)
    rows, cursor, total = await pager.rows(db, statement, Order((StaffMember.id,)))
    pager.link(response, cursor)
    addresses = await service.emails(db, caller, rows)
    items = [service.shown(row, addresses.get(row.account_id)) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


@router.get("/{staff_id}", name="read_staff_member", summary="Read a staff member")
async def read_staff_member(
    staff_id: UUID, response: Response, caller: Reader, db: ReadDb
) -> StaffRead:
    """One membership."""
    member = await found(db, StaffMember, caller.clinic_id, staff_id)
    tag(response, member)
    addresses = await service.emails(db, caller, [member])
    return service.shown(member, addresses.get(member.account_id))


@router.patch("/{staff_id}", name="change_staff_member", summary="Change a staff member")
async def change_staff_member(
    staff_id: UUID,
    patch: StaffPatch,
    expected: IfMatch,
    response: Response,
    caller: Manager,
    db: WriteDb,
    dry_run: DryRun = False,
) -> StaffChanged:
    """JSON merge patch. New roles count from the next request; the last owner stays. Who becomes
    inactive, or takes no sessions any more, keeps those that are booked: `outside` tells which, and
    they are on the review worklist until they are moved, reassigned or cancelled."""
    member, outside = await service.change(db, caller, staff_id, patch, expected)
    tag(response, member)
    addresses = await service.emails(db, caller, [member])
    shown = service.shown(member, addresses.get(member.account_id))
    return StaffChanged(**dict(shown), outside=outside)
