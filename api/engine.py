"""The engine of each database: its connections, how long they wait, how SQLite begins."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from api import sqlite_driver
from api.settings import Settings
from models.urls import async_url

# How long anybody waits for a place in the queue, for a connection or for a row that others hold.
# Longer than half a minute nobody looks at a screen; shorter, and a busy morning looks broken.
PATIENCE_SECONDS = 30
# A statement waits for its rows inside its own time. A transaction whose process is gone, or hangs,
# is ended while those who wait for its rows still do.
_POSTGRESQL = {
    "application_name": "anagen",
    "lock_timeout": f"{PATIENCE_SECONDS}s",
    "statement_timeout": f"{PATIENCE_SECONDS + 10}s",
    "idle_in_transaction_session_timeout": f"{PATIENCE_SECONDS - 10}s",
}
_SQLITE = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
    f"busy_timeout={PATIENCE_SECONDS * 1000}",
    "trusted_schema=OFF", "cell_size_check=ON", "secure_delete=ON", "temp_store=MEMORY",
)  # fmt: skip


def open_engine(settings: Settings) -> AsyncEngine:
    """Connections are opened as they are needed."""
    url = async_url(settings.database_url)
    if settings.embedded:
        return _sqlite(url)
    return create_async_engine(
        url,
        pool_size=settings.database_pool_size,
        # Writers use half of them (`api.database`), so whoever reads does not wait for rows.
        max_overflow=settings.database_pool_size,
        pool_timeout=PATIENCE_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"server_settings": _POSTGRESQL},
    )


def _sqlite(url: str) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=8,
        max_overflow=16,
        pool_timeout=PATIENCE_SECONDS,
        connect_args={"async_creator_fn": sqlite_driver.connect},
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in _SQLITE:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
