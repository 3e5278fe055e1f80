"""Who is listening: a bounded number of streams in this process, woken when there is news.

One look at the heads of the clinics that are listened to serves all streams; a stream that waits
holds no connection. When the server is told to stop, every stream is woken and ends, so that it
can: it waits for answers that have begun.
"""

import asyncio
import contextlib
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import col, select

from api.database import Database
from api.problems import Busy, TooManyRequests
from models import AuditHead

PER_CREDENTIAL = 5
_LOOK_SECONDS = 0.5
_RETRY_SECONDS = 10


@dataclass(eq=False)
class _Waiting:
    """A stream that has seen everything up to a number."""

    clinic_id: UUID
    number: int
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Streams:
    """The open streams of one process.

    most: how many there may be at once; heartbeat_seconds: how long a stream waits in silence.
    """

    def __init__(self, database: Database, most: int, heartbeat_seconds: float = 15) -> None:
        self.database = database
        self.heartbeat_seconds = heartbeat_seconds
        self.closed = False
        self._most = most
        self._open: Counter[str] = Counter()
        self._waiting: set[_Waiting] = set()
        self._watching: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def taken(self, credential: str) -> Iterator[None]:
        """A place for one stream; Busy or TooManyRequests where there is none left."""
        if self.closed or self._open.total() >= self._most:
            raise Busy
        if self._open[credential] >= PER_CREDENTIAL:
            raise TooManyRequests(_RETRY_SECONDS, "This credential has its streams open already.")
        self._open[credential] += 1
        try:
            yield
        finally:
            self._open[credential] -= 1
            if not self._open[credential]:
                del self._open[credential]

    @property
    def count(self) -> int:
        """How many are open."""
        return self._open.total()

    async def wait(self, clinic_id: UUID, number: int) -> None:
        """Returns when there is an event behind this number, at the next heartbeat, or to end."""
        if self.closed:
            return
        waiting = _Waiting(clinic_id, number)
        self._waiting.add(waiting)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.heartbeat_seconds):
                    await waiting.woken.wait()
        finally:
            self._waiting.discard(waiting)

    def close(self) -> None:
        """Let every stream end, and open no more."""
        self.closed = True
        for waiting in self._waiting:
            waiting.woken.set()

    async def ended(self) -> None:
        """Returns when nothing of this looks at the database any more; close it only then."""
        if self._watching is not None:
            await self._watching

    async def _watch(self) -> None:
        """Wake whoever has news, for as long as anybody waits."""
        server = _server()
        while self._waiting and not self.closed:
            if server is not None and server.should_exit:
                self.close()
                return
            # A database that is away or busy is looked at again; the streams stay open.
            with contextlib.suppress(DBAPIError, PoolTimeoutError):
                await self._look()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self) -> None:
        listened_to = {waiting.clinic_id for waiting in self._waiting}
        statement = select(AuditHead.clinic_id, AuditHead.event_seq).where(
            col(AuditHead.clinic_id).in_(listened_to)
        )
        async with self.database.reading() as db:
            heads = dict((await db.exec(statement)).all())
        for waiting in self._waiting:
            if heads.get(waiting.clinic_id, 0) > waiting.number:
                waiting.woken.set()


def _server() -> Any | None:
    """The uvicorn server of this process, which is who hears the signal to stop.

    It waits for open answers before it tells the application that it stops; so it must be asked.
    """
    handler = signal.getsignal(signal.SIGTERM)
    owner = getattr(handler, "__self__", None)
    return owner if hasattr(owner, "should_exit") else None
