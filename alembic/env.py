"""Runs the migrations on either database, asynchronously, in one transaction.

The address comes from `config.attributes["url"]` (see `models.migrate`) or, on the command line
of Alembic, from `ANAGEN_DATABASE_URL`.
"""

import asyncio
import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, event, pool
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

import models  # noqa: F401  registers every table
from models import sqlite_statistics
from models.urls import async_url


def _url() -> str:
    url = context.config.attributes.get("url") or os.environ.get("ANAGEN_DATABASE_URL")
    if not url:
        raise SystemExit("Set ANAGEN_DATABASE_URL to sqlite:///path or postgresql://…")
    return async_url(url)


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write a column's plain SQL type, so that history does not depend on today's classes."""
    if kind == "type" and isinstance(item, TypeDecorator):
        plain: TypeEngine[Any] = item.impl_instance
        return f"sa.{plain!r}"
    return False


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        render_item=_render,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            sqlite_statistics.describe(connection)


def _own_transactions(connection: Any, _record: Any) -> None:
    connection.isolation_level = None


def _begin_immediate(connection: Connection) -> None:
    # Two processes that start on one new file then migrate one after the other.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


async def _run() -> None:
    engine = create_async_engine(_url(), poolclass=pool.NullPool, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _own_transactions)
        event.listen(engine.sync_engine, "begin", _begin_immediate)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_migrate)
    finally:
        await engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Migrations look at the database they change: offline mode has none.")
asyncio.run(_run())
