"""The application as a process of its own, at the tests' instant."""

from fastapi import FastAPI

from api import observing
from api.main import create_app
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
