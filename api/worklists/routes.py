"""`/v1/worklists/review`: what would be refused now, and what was done all the same."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response, Security

from api.database import ReadDb, WriteDb
from api.paging import Page
from api.preconditions import IfMatch, always_whole, etag, tag
from api.routing import Router
from api.security import Caller, read_caller, write_caller
from api.worklists import service
from api.worklists.schemas import Dismissal, ReviewItem, ReviewQuery

router = Router(prefix="/v1/worklists", tags=["Worklists"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read", "rules:read"])]
Judge = Annotated[Caller, Security(write_caller, scopes=["rules:override"])]

_CLOSED: dict[int | str, dict[str, Any]] = {
    409: {"description": "`illegal-transition`: it is off the list already."}
}


@router.get("/review", name="list_review", summary="What needs a second look")
async def list_review(
    query: Annotated[ReviewQuery, Query()],
    request: Request,
    response: Response,
    caller: Reader,
    db: ReadDb,
) -> Page[ReviewItem]:
    """Booked sessions that would be refused, or need an override, since something changed; and
    incidents: injections that were entered afterwards and would have been refused. Next session
    first. What is clinical needs clinical:read, names need patients:read."""
    page, pager = await service.list_review(db, caller, request, query)
    pager.link(response, page.next_cursor)
    return page


@router.get("/review/{item_id}", name="read_review_item", summary="One thing to look at")
async def read_review_item(
    item_id: UUID, request: Request, response: Response, caller: Reader, db: ReadDb
) -> ReviewItem:
    """Open or not; with why it left the list."""
    always_whole(request)
    item = await service.read_review(db, caller, item_id)
    response.headers["ETag"] = etag(item.version)
    return item


@router.post(
    "/review/{item_id}/dismiss",
    name="dismiss_review_item",
    summary="Nothing needs to be done",
    responses=_CLOSED,
)
async def dismiss_review_item(
    item_id: UUID,
    dismissal: Dismissal,
    expected: IfMatch,
    response: Response,
    caller: Judge,
    db: WriteDb,
) -> ReviewItem:
    """A person says why. It does not come back until its figures change; the session itself is
    still judged in full at check-in. Incidents are closed by the medical director."""
    row, item = await service.dismiss(db, caller, item_id, dismissal.reason, expected)
    tag(response, row)
    return item
