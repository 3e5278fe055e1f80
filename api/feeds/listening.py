"""One stream of server-sent events, from its first to its last."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Security
from fastapi.sse import ServerSentEvent

from api.database import ReadDb
from api.feeds import events, positions
from api.feeds.event_schemas import EventRead, StreamQuery
from api.feeds.streams import Streams
from api.problems import Unauthenticated
from api.security import Caller, presented_token, read_caller, recognise
from models import Event

SCOPE = "events:read"
_BATCH = 100
_RECONNECT_MILLISECONDS = 3000
Reader = Annotated[Caller, Security(read_caller, scopes=[SCOPE])]


@dataclass(frozen=True, slots=True)
class Start:
    """Where a stream begins, in whose feed, and what it sends."""

    clinic_id: UUID
    number: int
    types: Sequence[str]


async def start(
    caller: Reader,
    db: ReadDb,
    query: Annotated[StreamQuery, Query()],
    last_event_id: Annotated[
        str | None,
        Header(
            alias="Last-Event-ID",
            max_length=60,
            description="The `id` of the last event received, as browsers send it on their own.",
            examples=["AAAAAAAAAAcBlVYcekB8xJ0vPx9cHSoQ"],
        ),
    ] = None,
) -> Start:
    """Checked before the answer begins: who listens, and from where."""
    text = last_event_id or query.after or positions.LATEST
    number = await positions.number_behind(db, caller.clinic_id, text)
    return Start(caller.clinic_id, number, query.types)


async def _place(request: Request) -> AsyncIterator[Streams]:
    """A place among the open streams, for as long as the answer lasts."""
    streams: Streams = request.app.state.streams
    with streams.taken(presented_token(request).digest):
        yield streams


Place = Annotated[Streams, Depends(_place)]


async def listen(
    request: Request, begun: Start, streams: Streams
) -> AsyncIterator[ServerSentEvent]:
    """What happens behind the start, as it happens; a heartbeat where nothing does.

    Ends when the credential does, which is looked at again before anything is sent, and when the
    server stops. No connection is held while it waits.
    """
    number = begun.number
    yield ServerSentEvent(comment="listening", retry=_RECONNECT_MILLISECONDS)
    while not streams.closed:
        try:
            rows, seen = await _news(request, begun, streams, number)
        except Unauthenticated:
            yield _ended("credential")
            return
        for row in rows:
            yield ServerSentEvent(
                id=positions.cursor(row.seq, row.id), event=row.type, data=EventRead.of(row)
            )
        number = max([number, *(row.seq for row in rows)])
        if len(rows) == _BATCH:
            continue
        number = max(number, seen)
        if not rows:
            yield ServerSentEvent(comment="heartbeat")
        await streams.wait(begun.clinic_id, number)
    yield _ended("shutdown")


async def _news(
    request: Request, begun: Start, streams: Streams, number: int
) -> tuple[list[Event], int]:
    """What is behind `number`, and how far was looked; Unauthenticated where the right is gone."""
    async with streams.database.reading() as db:
        seen = await positions.last_number(db, begun.clinic_id)
        rows = await events.following(db, begun.clinic_id, number, begun.types, _BATCH)
        # Last, for PostgreSQL answers each statement as of its own moment: who may listen now may
        # hear what had happened before.
        caller = await recognise(request, db)
        if not caller.may(SCOPE):
            raise Unauthenticated
    return rows, seen


def _ended(why: str) -> ServerSentEvent:
    """It has no id: whoever comes back goes on behind the last event."""
    return ServerSentEvent(event="stream.ended", data={"reason": why})
