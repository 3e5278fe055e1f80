"""Bringing a database to the schema of this release, from any working directory.

`upgrade` and `pending` run an event loop of their own: call them from plain code, or in a thread.
"""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from models.urls import async_url


def _scripts() -> Path:
    """The migrations: beside this package in a checkout, inside it where installed."""
    here = Path(__file__).resolve().parent
    inside = here / "alembic"
    return inside if inside.is_dir() else here.parent / "alembic"


def config(url: str) -> Config:
    """Alembic's configuration for the database at `url`."""
    settings = Config()
    settings.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["url"] = url
    return settings


def upgrade(url: str) -> None:
    """Apply every migration that the database lacks, all or none. Safe to repeat.

    url: `sqlite:///path` or `postgresql://…`; an SQLite file is created where there is none.
    """
    command.upgrade(config(url), "head")


def pending(url: str) -> bool:
    """Whether the database lacks a migration of this release."""
    return asyncio.run(_pending(url))


async def is_behind(connection: AsyncConnection) -> bool:
    """As `pending`, on a connection at hand.

    A database that a later release has already migrated is not behind.
    """
    return await connection.run_sync(_is_behind)


async def _pending(url: str) -> bool:
    engine = create_async_engine(async_url(url), poolclass=pool.NullPool, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            return await is_behind(connection)
    finally:
        await engine.dispose()


def _is_behind(connection: Connection) -> bool:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return True
    scripts = ScriptDirectory(str(_scripts()))
    known = {script.revision for script in scripts.walk_revisions()}
    return current in known and current != scripts.get_current_head()
