"""One database for all tests of a process, and the states that it goes back to.

A new engine, its connections and everything that it has compiled cost more than most tests; so
does a new PostgreSQL database. Therefore the engine stays, and what is stored is put back: on
SQLite by copying a file, on PostgreSQL by filling again the tables that were written to. Nothing
is put back before somebody looks, so a test that asks for nothing costs nothing.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from sqlalchemy import event
from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import Clock
from api.database import Database
from api.settings import Settings

BEGINNING = 0
EVERYTHING = "*"
_WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)')
_HARMLESS = re.compile(r"\s*(?:SELECT|BEGIN|SET|SHOW|SAVEPOINT|RELEASE|ROLLBACK|PRAGMA|EXPLAIN)\b")


class Store(Protocol):
    """Where the states of one database are kept; `BEGINNING` is there from the start.

    light: keeping one costs about as much as a request."""

    light: bool

    async def restore(self, state: int, standing: int | None, touched: frozenset[str]) -> None:
        """Bring the database from `standing`, and what was written since, to `state`."""

    async def keep(self, since: int, touched: frozenset[str]) -> int:
        """Keep what is stored now, which differs from `since` in the tables `touched`."""


class SharedDatabase(Database):
    """The database of the test that is running; `begin` makes it the next one's."""

    def __init__(self, settings: Settings, store: Store) -> None:
        super().__init__(settings)
        self._store = store
        self._touched: set[str] = set()
        self._standing: int | None = None
        self._wanted: int | None = BEGINNING
        self._settling = asyncio.Lock()
        event.listen(self.engine.sync_engine, "before_cursor_execute", self._note)

    def begin(self, clock: Clock) -> None:
        """A new test begins, with nothing in its database but the founded clinics."""
        self.clock = clock
        self._wanted = BEGINNING

    @property
    def state(self) -> int | None:
        """The kept state that is stored now; None where something was written since."""
        if self._wanted is not None:
            return self._wanted
        return None if self._touched else self._standing

    @property
    def keeps_lightly(self) -> bool:
        """Whether a state is worth keeping that nobody may ask for again."""
        return self._store.light

    def go_to(self, state: int) -> None:
        """From now on, this state is what is stored."""
        self._wanted = state

    async def keep(self, since: int) -> int:
        """Keep what is stored now, as a state to go to; `since` is the state it was made from."""
        state = await self._store.keep(since, frozenset(self._touched))
        self._touched.clear()
        self._standing = state
        return state

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        await self._settle()
        async with super().reading() as db:
            yield db

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        await self._settle()
        async with super().writing() as db:
            yield db

    async def _settle(self) -> None:
        """Put back what is wanted, the first time that somebody looks."""
        if self._wanted is not None:
            async with self._settling:
                await self._put_back()

    async def _put_back(self) -> None:
        wanted = self._wanted
        if wanted is None:
            return  # whoever looked at the same time has done it
        if self._touched or self._standing != wanted:
            await self._store.restore(wanted, self._standing, frozenset(self._touched))
        self._standing, self._wanted = wanted, None
        self._touched.clear()

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        written = _WRITES.match(statement)
        if written is not None:
            self._touched.add(written.group(1))
        elif not _HARMLESS.match(statement):
            self._touched.add(EVERYTHING)
