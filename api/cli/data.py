"""`anagen db`: the schema and the data's safety."""

import shutil
import sqlite3
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress
from sqlalchemy.ext.asyncio import AsyncConnection

from api.cli.console import (
    CONFIGURATION,
    FOUND_WRONG,
    USAGE,
    Json,
    emit,
    out,
    settings,
    stop,
    with_database,
)
from api.database import Database
from models.guards import missing_guards
from models.migrate import is_behind
from models.migrate import upgrade as migrate

app = typer.Typer(help="Schema and data care.", no_args_is_help=True)
_PAGES_PER_STEP = 256


@app.command("upgrade")
def upgrade() -> None:
    """Bring the schema to this release. Safe to repeat; all migrations or none."""
    current = settings()
    make_folder(current.database_file)
    migrate(current.database_url)
    out.print("The schema is up to date.")


@app.command("check")
def check(as_json: Json = False) -> None:
    """Check that the schema is current and that every constraint and trigger is in place.

    On SQLite also runs its integrity check. Exits with 1 where something is wrong.
    """
    report = with_database(_inspect)

    def lines() -> None:
        for name, value in report.items():
            out.print(f"{name}: {value}")

    emit(report, as_json, lines)
    if not report["ok"]:
        raise typer.Exit(FOUND_WRONG)


async def _inspect(database: Database) -> dict[str, object]:
    async with database.engine.connect() as connection:
        behind = await is_behind(connection)
        missing = [] if behind else await missing_guards(connection)
        integrity = await _integrity(connection)
    ok = not behind and not missing and integrity == "ok"
    return {"ok": ok, "schema_behind": behind, "missing": missing, "integrity": integrity}


async def _integrity(connection: AsyncConnection) -> str:
    if connection.dialect.name != "sqlite":
        return "ok"
    return str((await connection.exec_driver_sql("PRAGMA integrity_check")).scalar())


@app.command("backup")
def backup(
    target: Annotated[Path, typer.Argument(help="File to write; must not exist.")],
) -> None:
    """Copy the embedded database while it is in use, then check the copy.

    Every write that was answered before the start is in it. For PostgreSQL use its own tools
    (pg_dump, or base backups with WAL archiving): they know more than a copy can.
    """
    source = _embedded_file()
    if target.exists():
        stop(f"{target} exists already; choose another name.", USAGE)
    with sqlite3.connect(source) as live, sqlite3.connect(target) as copy, Progress() as progress:
        task = progress.add_task("Backing up", total=None)

        def step(_status: int, remaining: int, total: int) -> None:
            progress.update(task, total=total, completed=total - remaining)

        live.backup(copy, pages=_PAGES_PER_STEP, progress=step)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        target.unlink()
        stop("The copy did not pass its integrity check and was removed.")
    target.chmod(0o600)
    out.print(f"Backed up to {target} ({target.stat().st_size:,} bytes), integrity ok.")


@app.command("restore")
def restore(
    source: Annotated[Path, typer.Argument(help="A backup made with `anagen db backup`.")],
    force: Annotated[bool, typer.Option(help="Replace a database that is there.")] = False,
) -> None:
    """Put a backup in place of the embedded database. Stop the server first.

    The backup is checked before anything is touched; what was there is kept beside it.
    """
    target = _embedded_file(must_exist=False)
    if not source.is_file():
        stop(f"{source} is not a file.", USAGE)
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as copy:
        try:
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
            copy.execute("SELECT count(*) FROM audit_event")
        except sqlite3.DatabaseError:
            verdict = "not a database of this product"
    if verdict != "ok":
        stop(f"The backup is not usable: {verdict}.")
    if target.exists():
        if not force:
            stop(f"{target} exists; use --force to replace it (it is kept beside).", USAGE)
        for name in (target, *(target.with_name(target.name + end) for end in ("-wal", "-shm"))):
            if name.exists():
                name.rename(name.with_name(f"{name.name}.before-restore"))
    make_folder(target)
    shutil.copyfile(source, target)
    target.chmod(0o600)
    migrate(settings().database_url)
    out.print(f"Restored {target}. Run `anagen audit verify` and `anagen db check` next.")


def _embedded_file(must_exist: bool = True) -> Path:
    file = settings().database_file
    if file is None:
        stop("This is for the embedded database; use PostgreSQL's own tools.", USAGE)
    if must_exist and not file.exists():
        stop(f"There is no database at {file}.", CONFIGURATION)
    return file


def make_folder(file: Path | None) -> None:
    """Make the folder that an embedded database lies in, readable to its owner only."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
