"""SQLite behind aiosqlite, each statement in one trip to the connection's thread.

aiosqlite goes there four times for a statement (to make a cursor, to execute, to fetch, to close);
each time two threads hand over to each other, which costs more than most of our statements.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import aiosqlite

_AT_ONCE = 1000  # rows that a statement brings back by itself; who wants more asks again


class Connection(aiosqlite.Connection):
    """A connection whose cursors are made, read and closed while they execute."""

    def cursor(self) -> "Cursor":  # type: ignore[override]
        return Cursor(self)

    async def in_thread(self, work: Callable[..., Any], *words: Any) -> Any:
        """What `work` answers in the thread that this connection belongs to."""
        return await self._execute(work, *words)  # type: ignore[no-untyped-call]

    def execute_whole(
        self, ask: Callable[[sqlite3.Cursor], object]
    ) -> tuple[sqlite3.Cursor | None, list[Any], Any, int, int | None]:
        """Runs in the thread. A cursor that has no more to give is closed there and then."""
        cursor = self._conn.cursor()
        try:
            ask(cursor)
            rows = cursor.fetchmany(_AT_ONCE) if cursor.description else []
        except BaseException:
            cursor.close()
            raise
        told = cursor.description, cursor.rowcount, cursor.lastrowid
        if len(rows) < _AT_ONCE:
            cursor.close()
            return None, rows, *told
        return cursor, rows, *told


class Cursor:
    """The part of aiosqlite's cursor that SQLAlchemy uses."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._open: sqlite3.Cursor | None = None
        self._rows: deque[Any] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, statement: str, values: Any = ()) -> "Cursor":
        return await self._ask(lambda cursor: cursor.execute(statement, values))

    async def executemany(self, statement: str, values: Iterable[Any]) -> "Cursor":
        return await self._ask(lambda cursor: cursor.executemany(statement, values))

    async def _ask(self, ask: Callable[[sqlite3.Cursor], object]) -> "Cursor":
        await self.close()
        connection = self._connection
        (
            self._open,
            rows,
            self.description,
            self.rowcount,
            self.lastrowid,
        ) = await connection.in_thread(connection.execute_whole, ask)
        self._rows = deque(rows)
        return self

    async def fetchall(self) -> list[Any]:
        if self._open is not None:
            self._rows.extend(await self._connection.in_thread(self._open.fetchall))
        rows = list(self._rows)
        self._rows.clear()
        return rows

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows; an empty list where there are no more."""
        wanted = size or self.arraysize
        if self._open is not None and len(self._rows) < wanted:
            self._rows.extend(await self._connection.in_thread(self._open.fetchmany, wanted))
        return [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]

    async def fetchone(self) -> Any:
        row = await self.fetchmany(1)
        return row[0] if row else None

    async def close(self) -> None:
        self._rows.clear()
        if self._open is not None:
            await self._connection.in_thread(self._open.close)
            self._open = None


async def connect(file: str, **options: Any) -> Connection:
    """As `aiosqlite.connect`; the connection's thread never keeps a process alive."""
    connection = Connection(lambda: sqlite3.connect(file, **options), 64)
    connection._thread.daemon = True
    await connection
    return connection
