"""The application as a process of its own, at the tests' instant."""

from typing import Any
from unittest.mock import patch

from fastapi import FastAPI
from sqlalchemy import event

from api import observing
from api.main import create_app
from api.scheduling import queueing
from api.sessions import availability, locking
from api.settings import Settings
from tests.clinic import FakeClock


def application() -> FastAPI:
    """Settings come from the environment; the clock stands still, so that answers are the same
    every day of the year."""
    settings = Settings()
    observing.configure(settings)
    return create_app(settings, FakeClock())


def ticking() -> FastAPI:
    """The same by the machine's clock, for what waits for time to pass."""
    settings = Settings()
    observing.configure(settings)
    return create_app(settings)


_LONGER = ("lock_timeout = '90s'", "statement_timeout = '100s'")


def patient() -> FastAPI:
    """One that lets requests wait longer for a connection or a row than the product does, because
    tests share their machine: whoever waits is told 503 only if nobody ever lets go. A deadlock is
    found by PostgreSQL after a second all the same."""
    app = application()
    engine = app.state.database.engine
    if engine.dialect.name == "postgresql":
        engine.pool._timeout = 60
        event.listen(engine.sync_engine, "connect", _wait_longer)
        for name in ("_PATIENT", "_AS_EVERYBODY"):
            patch.object(queueing, name, tuple(f"SET LOCAL {each}" for each in _LONGER)).start()
    return app


def _wait_longer(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for setting in _LONGER:
        cursor.execute(f"SET SESSION {setting}")
    cursor.close()
    connection.commit()


def unguarded() -> FastAPI:
    """Without what keeps two bookings apart, so that whoever checks them is seen to notice: on
    PostgreSQL nobody waits for practitioner and room, on SQLite, where there is one writer anyway,
    nobody looks at who is taken. The test drops the database's own guards."""

    async def nothing(*_words: Any, **_options: Any) -> list[Any]:
        return []

    if Settings().embedded:
        patch.object(availability, "conflicts", nothing).start()
    else:
        patch.object(locking, "lock_resources", nothing).start()
    return patient()
