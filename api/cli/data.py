"""`anagen db`: the schema and the data's safety."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import copies
from api.cli.console import FOUND_WRONG, Json, emit, examples, out, run, settings, with_database

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from api.database import Database

app = typer.Typer(
    help="Care for the schema and the data.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("upgrade", epilog=examples("anagen db upgrade"))
def upgrade(as_json: Json = False) -> None:
    """Bring the schema to this release. Safe to repeat; all migrations or none."""
    import asyncio

    from models.migrate import upgrade as migrate

    current = settings()
    copies.make_place(current.database_file)
    run(asyncio.to_thread(migrate, current.database_url))
    emit({"ok": True}, as_json, lambda: out.print("The schema is up to date."))


@app.command("check", epilog=examples("anagen db check", "anagen db check --json || alert"))
def check(as_json: Json = False) -> None:
    """Check that the schema is current and that every constraint and trigger is in place.

    On SQLite also runs its integrity check. Exits with 1 where something is wrong.
    """
    report = with_database(_inspect, any_schema=True)

    def lines() -> None:
        for name, value in report.items():
            out.print(f"{name.replace('_', ' ')}: {value}")

    emit(report, as_json, lines)
    if not report["ok"]:
        raise typer.Exit(FOUND_WRONG)


async def _inspect(database: "Database") -> dict[str, object]:
    from models.guards import missing_guards
    from models.migrate import is_behind

    async with database.engine.connect() as connection:
        behind = await is_behind(connection)
        missing = [] if behind else await missing_guards(connection)
        broken = await _broken_pages(connection)
        checked = connection.dialect.name == "sqlite"
    integrity = (broken or "ok") if checked else "not checked: PostgreSQL has its own tools"
    return {
        "ok": not (behind or missing or broken),
        "schema_behind": behind,
        "missing": missing,
        "integrity": integrity,
    }


async def _broken_pages(connection: "AsyncConnection") -> str | None:
    """What SQLite's own check finds wrong with the file, if anything."""
    if connection.dialect.name != "sqlite":
        return None
    found = str((await connection.exec_driver_sql("PRAGMA integrity_check")).scalar())
    return None if found == "ok" else found


@app.command("backup", epilog=examples("anagen db backup /backups/anagen-2026-03-02.sqlite3"))
def backup(
    target: Annotated[Path, typer.Argument(help="File to write; must not exist.")],
    as_json: Json = False,
) -> None:
    """Copy the embedded database while it is in use, then check the copy.

    Every write that was answered before the start is in it. For PostgreSQL use its own tools
    (pg_dump, or base backups with WAL archiving): they know more than a copy can.
    """
    size = copies.back_up(copies.embedded_file(settings()), target)
    document = {"ok": True, "file": str(target), "bytes": size}
    emit(document, as_json, lambda: out.print(f"Backed up to {target} ({size:,} bytes), checked."))


@app.command(
    "restore",
    epilog=examples(
        "anagen db restore /backups/anagen-2026-03-02.sqlite3 --force",
        "anagen audit verify && anagen db check",
    ),
)
def restore(
    source: Annotated[Path, typer.Argument(help="A backup made with `anagen db backup`.")],
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    as_json: Json = False,
) -> None:
    """Put a backup in place of the embedded database. Stop the server first.

    The backup is checked before anything is touched; what was there is kept beside it.
    """
    import asyncio

    from models.migrate import upgrade as migrate

    current = settings()
    target = copies.embedded_file(current, must_exist=False)
    kept = copies.restore(source, target, force=force)
    run(asyncio.to_thread(migrate, current.database_url))

    def lines() -> None:
        if kept is not None:
            out.print(f"What was there is now {kept}.")
        out.print(f"Restored {target}. Run `anagen audit verify` and `anagen db check` next.")

    emit({"ok": True, "file": str(target), "kept": kept}, as_json, lines)
