"""`/v1/calendars`: what calendar programs follow."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response, Security

from api.database import ReadDb, WriteDb
from api.feeds import calendars, icalendar_file
from api.feeds.calendar_schemas import CalendarCreate, CalendarCreated, CalendarRead
from api.paging import Order, Page, PageParams, Pager
from api.preconditions import IfMatch, tag
from api.routing import Router
from api.security import Caller, read_caller, write_caller
from models import CalendarFeed

router = Router(prefix="/v1/calendars", tags=["Calendars"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read"])]
Writer = Annotated[Caller, Security(write_caller, scopes=["sessions:read"])]

_EXAMPLE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Anagen//Clinic calendar//EN\r\nEND:VCALENDAR\r\n"
)
# The settings' address takes ids only, so that it does not answer for the file beside it.
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The calendar.",
        "content": {"text/calendar": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        "headers": {"ETag": {"description": "Of the file.", "schema": {"type": "string"}}},
    },
    304: {"description": "Unchanged since the version in If-None-Match."},
}


@router.post("", status_code=201, name="create_calendar", summary="Offer a calendar to programs")
async def create_calendar(
    draft: CalendarCreate, request: Request, response: Response, caller: Writer, db: WriteDb
) -> CalendarCreated:
    """A secret address of a practitioner's or a room's sessions, for programs that cannot sign in:
    one's own, or any with clinic:manage. The secret is shown this once; only its hash is kept."""
    request.state.shown_once = True
    feed, secret = await calendars.create(db, caller, draft)
    tag(response, feed, f"/v1/calendars/{feed.id}")
    return CalendarCreated.of(feed, secret)


@router.get("", name="list_calendars", summary="List calendars offered to programs")
async def list_calendars(
    request: Request, response: Response, page: PageParams, caller: Reader, db: ReadDb
) -> Page[CalendarRead]:
    """Newest first, revoked ones too: one's own, or all with clinic:manage."""
    pager = Pager(request, page, caller.clinic_id)
    order = Order((CalendarFeed.id,), descending=True)
    rows, cursor, total = await pager.rows(db, calendars.listing(caller), order)
    pager.link(response, cursor)
    items = [CalendarRead.model_validate(row) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


@router.get(
    "/{feed_token}.ics",
    name="follow_calendar",
    summary="The calendar itself, as iCalendar",
    response_class=Response,
    responses=_FILE,
)
async def follow_calendar(
    request: Request,
    db: ReadDb,
    feed_token: Annotated[
        str, Path(max_length=100, description="The secret.", examples=["agn_cal_…"])
    ],
) -> Response:
    """Whoever has the address reads it, and nothing else. Busy times only, unless it was made with
    more; never who is treated. Cancelled sessions stay in it, as cancelled, for 30 days, and so do
    those that went to another practitioner or room. 404 where it is unknown or revoked."""
    feed = await calendars.by_secret(db, feed_token)
    now = db.info["now"]
    shown = await calendars.entries(db, feed, now), await calendars.departures(db, feed, now)
    headers = {"ETag": icalendar_file.tag(feed, *shown)}
    sent = {part.strip() for part in request.headers.get("if-none-match", "").split(",")}
    if sent & {"*", headers["ETag"], f"W/{headers['ETag']}"}:
        return Response(status_code=304, headers=headers)
    body = await asyncio.to_thread(icalendar_file.write, feed, *shown)
    return Response(body, media_type="text/calendar", headers=headers)


@router.get("/{calendar_id:uuid}", name="read_calendar", summary="Read a calendar's settings")
async def read_calendar(
    calendar_id: UUID, response: Response, caller: Reader, db: ReadDb
) -> CalendarRead:
    """What it shows; never its secret."""
    feed = await calendars.read(db, caller, calendar_id)
    tag(response, feed)
    return CalendarRead.model_validate(feed)


@router.delete(
    "/{calendar_id:uuid}",
    status_code=204,
    name="revoke_calendar",
    summary="Revoke a calendar's address",
    response_class=Response,
)
async def revoke_calendar(
    calendar_id: UUID, expected: IfMatch, caller: Writer, db: WriteDb
) -> None:
    """It answers 404 from now on. Again is no mistake: it is as gone as before."""
    await calendars.revoke(db, caller, calendar_id, expected)
