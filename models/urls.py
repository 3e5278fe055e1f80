"""Where the database is, from the address that people write to the one that drivers need."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
_WRITE = "write sqlite:///path or postgresql://user:password@host/name"
_PORTS = range(1, 65536)


def async_url(url: str) -> str:
    """`sqlite:///path` or `postgresql://…` with the asynchronous driver filled in.

    An address that names just that driver means the same. libpq's `sslmode` becomes asyncpg's
    `ssl`. Raises ValueError, without repeating the address (it may hold a password), for anything
    else and for SQLite in memory, which the connections of a pool could not share.
    """
    parsed = _parsed(url)
    if "sslmode" in parsed.query:
        mode = parsed.query["sslmode"]
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return parsed.render_as_string(hide_password=False)


def sqlite_file(url: str) -> Path | None:
    """The file of an embedded database; None for PostgreSQL. Raises as `async_url`."""
    parsed = _parsed(url)
    return Path(parsed.database or "") if _embedded(parsed) else None


def place(url: str) -> str:
    """Where the database is, in words that hold no secret. Raises as `async_url`."""
    parsed = _parsed(url)
    if _embedded(parsed):
        return str(parsed.database)
    host = parsed.host or parsed.query.get("host") or "this machine"
    return f"{host}, port {parsed.port or 5432}"


def _parsed(url: str) -> URL:
    """The address with the driver that is used, once it is sure that it can be."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError(f"the database address cannot be read: {_WRITE}") from None
    except ValueError:  # of all its parts, only the port is a number
        raise ValueError(f"the port is no number: {_WRITE}") from None
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise ValueError(f"this database, or this driver for it, is not supported: {_WRITE}")
    if driver.startswith("sqlite"):
        _check_file(parsed)
    elif "@" in (parsed.host or ""):
        raise ValueError("an @ in the user's name or password is written %40")
    elif parsed.port is not None and parsed.port not in _PORTS:
        raise ValueError("the port is from 1 to 65535")
    return parsed.set(drivername=driver)


def _check_file(parsed: URL) -> None:
    if parsed.database in {None, "", ":memory:"} or parsed.host is not None:
        raise ValueError(
            "SQLite needs a file: sqlite:///data/anagen.sqlite3, with four slashes from the root"
        )
    if parsed.query:
        raise ValueError("SQLite takes a path and no options: sqlite:///path")


def _embedded(parsed: URL) -> bool:
    return parsed.drivername.startswith("sqlite")
