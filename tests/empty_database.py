"""A database with nothing in it, not even a schema: where the product's own story begins."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg


@contextmanager
def empty_database(server: str | None, name: str, folder: Path) -> Iterator[str]:
    """The address of a new file in `folder`, or of a new database on a PostgreSQL `server`."""
    if server is None:
        yield f"sqlite:///{folder / f'{name}.sqlite3'}"
        return
    unique = f"{name}_{os.getpid()}"
    drop = f"DROP DATABASE IF EXISTS {unique} WITH (FORCE)"
    asyncio.run(_each(server, drop, f"CREATE DATABASE {unique}"))
    base, _, query = server.partition("?")
    yield f"{base.rpartition('/')[0]}/{unique}" + (f"?{query}" if query else "")
    asyncio.run(_each(server, drop))


async def _each(server: str, *statements: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
