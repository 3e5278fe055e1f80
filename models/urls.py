"""Where the database is, from the address that people write to the one that drivers need."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}


def async_url(url: str) -> str:
    """`sqlite:///path` or `postgresql://…` with the asynchronous driver filled in.

    libpq's `sslmode` becomes asyncpg's `ssl`. Raises ValueError, without repeating the address
    (it may hold a password), for anything else and for SQLite in memory, which the connections
    of a pool could not share.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("the database address cannot be read") from None
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise ValueError("the database address starts with sqlite:/// or postgresql://")
    if driver.startswith("sqlite") and parsed.database in {None, "", ":memory:"}:
        raise ValueError("SQLite needs a file: sqlite:///path")
    if "sslmode" in parsed.query:
        mode = parsed.query["sslmode"]
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return parsed.set(drivername=driver).render_as_string(hide_password=False)
