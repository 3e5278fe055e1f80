"""Databases beside the tests' own. One with nothing in it, not even a schema, is where the
product's own story begins."""

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
    asyncio.run(execute(server, drop, f"CREATE DATABASE {unique}"))
    yield named(server, unique)
    asyncio.run(execute(server, drop))


def named(url: str, name: str) -> str:
    """The same server's URL for another database."""
    base, _, query = url.partition("?")
    return f"{base.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


async def execute(url: str, *statements: str) -> None:
    """Each in a transaction of its own, as CREATE DATABASE needs it."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
