"""`/v1/events`: everything that changes, in order; once more, or as it happens."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.database import ReadDb
from api.feeds import events, positions
from api.feeds.event_schemas import EventPage, EventQuery, EventRead
from api.feeds.listening import Place, Reader, Start, listen, start
from api.routing import Router

router = Router(prefix="/v1/events", tags=["Events"])

_EXAMPLE = (
    "retry: 3000\n: listening\n\n"
    "event: session.booked\n"
    'data: {"type": "session.booked", "resource_type": "treatment_session"}\n'
    "id: AAAAAAAAAAcBlVYcekB8xJ0vPx9cHSoQ\n\n"
)
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events, until the credential ends or the server stops.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


@router.get("", name="list_events", summary="What changed, in order")
async def list_events(
    query: Annotated[EventQuery, Query()],
    request: Request,
    response: Response,
    caller: Reader,
    db: ReadDb,
) -> EventPage:
    """Everything that was done in the clinic, oldest first, without gaps: whoever has seen an
    event has seen all before it. Keep `resume_after` and come back with it as `after`. Events name
    what changed and carry no content; fetch `href` with your own rights."""
    clinic_id = caller.clinic_id
    number = 0
    if query.after is not None:
        number = await positions.number_behind(db, clinic_id, query.after)
    rows = await events.following(db, clinic_id, number, query.types, query.limit + 1)
    items = [EventRead.of(row) for row in rows[: query.limit]]
    if items:
        resume_after = items[-1].cursor
    else:
        resume_after = await positions.cursor_behind(db, clinic_id, number)
    next_cursor = resume_after if len(rows) > query.limit else None
    if next_cursor is not None:
        url = request.url.include_query_params(after=next_cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return EventPage(items=items, next_cursor=next_cursor, resume_after=resume_after)


@router.get(
    "/stream",
    name="stream_events",
    summary="What changes, as it happens",
    response_class=EventSourceResponse,
    responses=_STREAM,
)
async def stream_events(
    request: Request, begun: Annotated[Start, Depends(start)], streams: Place
) -> AsyncIterator[ServerSentEvent]:
    """The same events as server-sent events: `id` is the cursor, `event` the type, `data` the
    event. Reconnecting with `Last-Event-ID` misses nothing. Comments are heartbeats;
    `stream.ended` comes last. The credential is checked again before anything is sent."""
    async for event in listen(request, begun, streams):
        yield event
