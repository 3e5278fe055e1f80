"""Why a command has no database, in one sentence.

Never a driver's own message: it may hold the address with its password, or what was written.
"""

import socket
import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from models.urls import place

_SQLITE = {
    "SQLITE_CANTOPEN": "the file cannot be opened",
    "SQLITE_READONLY": "the file cannot be written",
    "SQLITE_NOTADB": "the file is no SQLite database",
    "SQLITE_CORRUPT": "the file is damaged: restore a backup",
    "SQLITE_FULL": "there is no space left",
    "SQLITE_BUSY": "another program keeps it locked",
}
_POSTGRESQL = {
    "28000": "the user is not let in",
    "28P01": "the user or the password is wrong",
    "3D000": "there is no database of that name; create it first",
    "42501": "the user lacks a right that it needs",
    "53300": "it has too many connections",
    "57P03": "it is starting or stopping",
}
_NO_WAY: dict[type, str] = {
    socket.gaierror: "no host of that name is known",
    ConnectionRefusedError: "nothing listens there",
    TimeoutError: "no answer came",
    FileNotFoundError: "nothing listens there",  # a socket of this machine
    ConnectionError: "the connection was cut",
}


def why(error: OSError | SQLAlchemyError, url: str) -> str:
    """What to tell about the database at `url`; only the kind of error where nothing is known."""
    reason = _reason(error)
    where = place(url)
    if reason is None:
        return f"The database ({where}) does not answer as it should ({type(error).__name__})."
    return f"The database ({where}) cannot be used: {reason}. See ANAGEN_DATABASE_URL."


def _reason(error: OSError | SQLAlchemyError) -> str | None:
    if isinstance(error, OSError):
        return next((_NO_WAY[kind] for kind in type(error).__mro__ if kind in _NO_WAY), None)
    if not isinstance(error, DBAPIError) or error.orig is None:
        return None
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return _POSTGRESQL.get(state)
    for each in (error.orig, error.orig.__cause__):
        if isinstance(each, sqlite3.Error):
            # Extended names, as SQLITE_READONLY_DIRECTORY, begin with the plain one.
            name = "_".join(getattr(each, "sqlite_errorname", "").split("_")[:2])
            return _SQLITE.get(name)
    return None
