"""The application as a process of its own, at the tests' instant."""

from typing import Any
from unittest.mock import patch

from fastapi import FastAPI

from api import observing
from api.main import create_app
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
    return application()
