"""`/v1/holds`."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, Security
from sqlmodel import col

from api.database import ReadDb, WriteDb, found
from api.holds import service
from api.holds.opening import open_by_person
from api.holds.reading import detailed
from api.holds.schemas import HoldCreate, HoldDetail, HoldQuery, ReleaseHold
from api.paging import Order, Page, Pager
from api.plans.hold_schemas import HoldRead
from api.preconditions import IfMatch, always_whole, tag
from api.routing import Router
from api.security import Caller, read_caller, write_caller
from models import Hold

router = Router(prefix="/v1/holds", tags=["Holds"])
Reader = Annotated[Caller, Security(read_caller, scopes=["plans:read"])]
Writer = Annotated[Caller, Security(write_caller, scopes=["plans:write"])]
Releaser = Annotated[Caller, Security(write_caller, scopes=["holds:release"])]
Params = Annotated[HoldQuery, Query()]


@router.post("", status_code=201, name="open_hold", summary="Hold something")
async def open_hold(
    draft: HoldCreate, response: Response, caller: Writer, db: WriteDb
) -> HoldDetail:
    """A session, an area, a formula, an ingredient, a lot, a plan or a patient. Booked sessions
    stay; none that it touches is checked in or performed until it is released."""
    hold = await open_by_person(db, caller, draft)
    tag(response, hold, f"/v1/holds/{hold.id}")
    return await detailed(db, caller, hold)


@router.get("", name="list_holds", summary="List holds")
async def list_holds(
    request: Request, response: Response, query: Params, caller: Reader, db: ReadDb
) -> Page[HoldRead]:
    """Holds of every scope, newest first. Clinical details need `clinical:read`."""
    pager = Pager(request, query, caller.clinic_id)
    statement = service.listing(caller, query)
    rows, cursor, total = await pager.rows(db, statement, Order((col(Hold.id),), descending=True))
    pager.link(response, cursor)
    clinical = caller.may("clinical:read")
    items = [HoldRead.of(row, clinical=clinical) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


@router.get("/{hold_id}", name="read_hold", summary="Read a hold")
async def read_hold(
    hold_id: UUID, request: Request, response: Response, caller: Reader, db: ReadDb
) -> HoldDetail:
    """What is held, since when, who may release it, and which of its criteria are met."""
    always_whole(request)
    hold = await found(db, Hold, caller.clinic_id, hold_id)
    tag(response, hold)
    return await detailed(db, caller, hold)


@router.post(
    "/{hold_id}/release",
    name="release_hold",
    summary="Release a hold of any scope",
    responses={
        409: {"description": "Released already, or `criteria` that the records do not show met."}
    },
)
async def release_hold(
    hold_id: UUID,
    body: ReleaseHold,
    expected: IfMatch,
    caller: Releaser,
    db: WriteDb,
    response: Response,
) -> HoldDetail:
    """Also for holds of a formula, an ingredient or a lot, which belong to no single plan. A
    practitioner releases what grade 2 or less holds, the medical director everything; neither
    before what the escalation table asks for is on record."""
    hold = await service.release_one(db, caller, hold_id, body.reason, expected)
    tag(response, hold)
    return await detailed(db, caller, hold)
