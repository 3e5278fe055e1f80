"""Work that a server process looks for again and again, until it is stopped."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

log = structlog.get_logger("anagen.background")


class Background:
    """One look after the other, with a pause between them. name: what is looked for, in the log."""

    def __init__(self, name: str, look: Callable[[], Awaitable[object]], pause: float) -> None:
        self._name, self._look, self._pause = name, look, pause
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin looking, beside everything else on the running event loop."""
        self._task = asyncio.create_task(self._repeat())

    async def stop(self) -> None:
        """Cancel the look that is under way, and wait for its end."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _repeat(self) -> None:
        while True:
            try:
                await self._look()
            except (DBAPIError, PoolTimeoutError) as error:
                # It is away or busy, and what was begun is rolled back: the next look tries again.
                log.warning(f"{self._name} wait for the database", error=type(error).__name__)
            await asyncio.sleep(self._pause)
