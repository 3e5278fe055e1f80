"""Copies of the embedded database: made while it is in use, and put back."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.console import CONFIGURATION, FOUND_WRONG, USAGE, err, stop

if TYPE_CHECKING:
    from api.settings import Settings

_PAGES_PER_STEP = 1024
_COMPANIONS = ("", "-wal", "-shm")


def embedded_file(current: "Settings", *, must_exist: bool = True) -> Path:
    """The file of the embedded database; ends the command where there is none."""
    file = current.database_file
    if file is None:
        stop("This is for the embedded database; use PostgreSQL's own tools.", USAGE)
    if must_exist and not file.exists():
        stop(f"There is no database at {file}.", CONFIGURATION)
    return file


def make_place(file: Path | None) -> None:
    """Make the folder and the empty file of an embedded database, for its owner only.

    What is there already stays; where it could not be written to, the command ends.
    """
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)  # its companions get the same mode
        file.open("r+b").close()
    except OSError as error:
        reason = (error.strerror or "it cannot be written").lower()
        if isinstance(error, FileExistsError | NotADirectoryError):
            reason = "part of that path is a file"
        stop(f"No database can be at {file}: {reason}. See ANAGEN_DATABASE_URL.", CONFIGURATION)
    if not os.access(file.parent, os.W_OK):
        text = "its companions belong beside it, and the folder cannot be written"
        stop(f"No database can be at {file}: {text}.", CONFIGURATION)


def back_up(source: Path, target: Path) -> int:
    """Copy a database that may be in use to a new file, and check the copy; its size in bytes."""
    if target.exists():
        stop(f"{target} exists already; choose another name.", USAGE)
    if not target.parent.is_dir():
        stop(f"There is no folder {target.parent}.", USAGE)
    target.touch(mode=0o600)  # before health data is in it
    try:
        _copy(source, target)
        verdict = usable(target)
    except BaseException:
        target.unlink()  # half a copy must not pass for a backup
        raise
    if verdict is not None:
        target.unlink()
        stop(f"The copy was not usable ({verdict}) and was removed.")
    return target.stat().st_size


def _copy(source: Path, target: Path) -> None:
    from rich.progress import Progress

    with (
        closing(sqlite3.connect(source)) as live,
        closing(sqlite3.connect(target)) as copy,
        Progress(console=err, transient=True, disable=not err.is_terminal) as progress,
    ):
        task = progress.add_task("Backing up", total=None)

        def step(_status: int, remaining: int, total: int) -> None:
            progress.update(task, total=total, completed=total - remaining)

        # One view of the data throughout: without it, each write that comes meanwhile makes the
        # copy begin again, and a busy clinic's backup would never end.
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()
        live.backup(copy, pages=_PAGES_PER_STEP, progress=step)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without companions


def usable(file: Path) -> str | None:
    """None where the file is a whole database of this product, else what is wrong with it."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            verdict = str(copy.execute("PRAGMA integrity_check").fetchone()[0])
            copy.execute("SELECT count(*) FROM audit_event")
    except sqlite3.DatabaseError:
        return "not a database of this product"
    return None if verdict == "ok" else verdict


def restore(source: Path, target: Path, *, force: bool) -> Path | None:
    """Put a backup in the place of `target`; returns where what was there is kept now."""
    if not source.is_file():
        stop(f"{source} is not a file.", USAGE)
    verdict = usable(source)
    if verdict is not None:
        stop(f"The backup is not usable: {verdict}.", FOUND_WRONG)
    if target.exists() and not force:
        stop(f"{target} exists; use --force to replace it (it is kept beside).", USAGE)
    if target.exists() and _in_use(target):
        stop(f"{target} is in use: stop the server first.", USAGE)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(f"{target.name}.restoring")
    draft.touch(mode=0o600)
    shutil.copyfile(source, draft)
    kept = _set_aside(target) if target.exists() else None
    draft.replace(target)
    return kept


def _in_use(target: Path) -> bool:
    """True where another process has the database open."""
    try:
        with closing(sqlite3.connect(target, timeout=0.5)) as database:
            database.execute("PRAGMA journal_mode=DELETE")  # only who is alone may leave WAL
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    except sqlite3.DatabaseError:
        return False  # damaged: that is why it is replaced
    return False


def _set_aside(target: Path) -> Path:
    """Rename a database and its companions, under a name that was never there."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    kept = target.with_name(f"{target.name}.before-{stamp}")
    for end in _COMPANIONS:
        file = target.with_name(target.name + end)
        if file.exists():
            file.rename(kept.with_name(kept.name + end))
    return kept
