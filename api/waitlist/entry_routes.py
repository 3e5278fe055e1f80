"""`/v1/waitlist`: who would come if time became free."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, Security

from api.database import ReadDb, WriteDb, found
from api.paging import Order, Page, Pager
from api.preconditions import IfMatch, tag
from api.routing import Router
from api.security import Caller, read_caller, write_caller
from api.waitlist import entries
from api.waitlist.schemas import WaitlistCreate, WaitlistQuery, WaitlistRead
from models import WaitlistEntry

router = Router(prefix="/v1/waitlist", tags=["Waitlist"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read"])]
Scheduler = Annotated[Caller, Security(write_caller, scopes=["sessions:schedule"])]


@router.post("", status_code=201, name="join_waitlist", summary="Put a plan on the waitlist")
async def join_waitlist(
    draft: WaitlistCreate, response: Response, caller: Scheduler, db: WriteDb
) -> WaitlistRead:
    """An active plan whose patient would come if time became free, or earlier than a session that
    is booked, with wishes about person, day and hours. What a cancelled, moved or missed session
    leaves is offered to those whom it fits: their wishes and what the rules allow."""
    entry = await entries.join(db, caller, draft)
    tag(response, entry, f"/v1/waitlist/{entry.id}")
    return WaitlistRead.of(entry)


@router.get("", name="list_waitlist", summary="List the waitlist")
async def list_waitlist(
    request: Request,
    response: Response,
    query: Annotated[WaitlistQuery, Query()],
    caller: Reader,
    db: ReadDb,
) -> Page[WaitlistRead]:
    """Who has waited longest first."""
    pager = Pager(request, query, caller.clinic_id)
    order = Order((WaitlistEntry.recorded_at, WaitlistEntry.id))
    rows, cursor, total = await pager.rows(db, entries.listing(caller, query), order)
    pager.link(response, cursor)
    return Page(items=[WaitlistRead.of(row) for row in rows], next_cursor=cursor, total=total)


@router.get("/{entry_id}", name="read_waitlist_entry", summary="Read an entry of the waitlist")
async def read_waitlist_entry(
    entry_id: UUID, response: Response, caller: Reader, db: ReadDb
) -> WaitlistRead:
    """Its wishes, and what came of it."""
    entry = await found(db, WaitlistEntry, caller.clinic_id, entry_id)
    tag(response, entry)
    return WaitlistRead.of(entry)


@router.post(
    "/{entry_id}/withdraw", name="withdraw_from_waitlist", summary="Take it off the waitlist"
)
async def withdraw_from_waitlist(
    entry_id: UUID, expected: IfMatch, response: Response, caller: Scheduler, db: WriteDb
) -> WaitlistRead:
    """Nothing more is offered to it."""
    entry = await entries.withdraw(db, caller, entry_id, expected)
    tag(response, entry)
    return WaitlistRead.of(entry)
