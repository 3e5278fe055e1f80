"""`anagen serve` and `anagen demo`."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI
from rich.progress import Progress

from api import observing
from api.cli.console import CONFIGURATION, Json, err, out, settings, stop, with_database
from api.cli.data import make_folder
from api.database import Database
from api.demo import fill, is_empty
from api.main import create_app
from api.settings import Settings
from models.guards import missing_guards
from models.migrate import pending, upgrade


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes; one is right for SQLite.")] = 1,
    with_demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty database with the demo clinic first.")
    ] = False,
) -> None:
    """Serve the API.

    The embedded database is migrated first. On PostgreSQL a schema that is behind is refused:
    run `anagen db upgrade` once, then start the workers.
    """
    current = settings()
    prepare(current)
    if with_demo:
        _announce_demo(current, host, port)
    out.print(f"Anagen on http://{host}:{port}  (documentation at /docs, Ctrl-C stops)")
    uvicorn.run(
        "api.cli.serving:application",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=20,
    )


def application() -> FastAPI:
    """The application of one worker process."""
    current = settings()
    observing.configure(current)
    return create_app(current)


def prepare(current: Settings) -> None:
    """Bring the schema up or refuse, and refuse a database that lost a constraint or trigger."""
    if current.embedded:
        make_folder(current.database_file)
        if pending(current.database_url):
            upgrade(current.database_url)
    elif pending(current.database_url):
        stop("The schema is behind this release: run `anagen db upgrade`.", CONFIGURATION)
    missing = asyncio.run(_missing(current))
    if missing:
        stop(f"The database lacks {', '.join(missing)}; restore a backup.", CONFIGURATION)


async def _missing(current: Settings) -> list[str]:
    database = Database(current)
    try:
        async with database.engine.connect() as connection:
            return await missing_guards(connection)
    finally:
        await database.dispose()


def demo(as_json: Json = False) -> None:
    """Fill an empty database with a believable clinic, and print its sign-ins and an API key.

    Everything is made through the product's own services, so it obeys every rule. Refuses a
    database that has a clinic in it.
    """
    current = settings()
    prepare(current)
    document = _fill(current)
    if document is None:
        stop("The database has a clinic in it already; the demo only fills an empty one.")
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        _print_sign_ins(document)


def _fill(current: Settings) -> dict[str, Any] | None:
    async def work(database: Database) -> dict[str, Any] | None:
        if not await is_empty(database):
            return None
        with Progress(console=err, transient=True) as progress:
            task = progress.add_task("Making the demo clinic", total=None)

            def step(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)

            return await fill(database, current, step)

    return with_database(work)


def _announce_demo(current: Settings, host: str, port: int) -> None:
    """Print the demo's sign-ins, also on later starts: they are kept beside an embedded file."""
    kept = _kept(current)
    document = _fill(current)
    if document is not None and kept is not None:
        kept.touch(mode=0o600)
        kept.write_text(json.dumps(document, indent=2))
    elif kept is not None and kept.exists():
        document = json.loads(kept.read_text())
    if document is not None:
        _print_sign_ins(document)
        out.print(
            f"[dim]Try: curl -H 'Authorization: Bearer <API key>' http://{host}:{port}/v1/patients[/]"
        )


def _kept(current: Settings) -> Path | None:
    file = current.database_file
    return None if file is None else file.with_name(f"{file.stem}.demo.json")


def _print_sign_ins(document: dict[str, Any]) -> None:
    out.print("[bold]Demo clinic[/] (invented people; passwords are public)")
    for account in document["accounts"]:
        roles = ", ".join(account["roles"])
        out.print(f"  {account['email']:32} {account['password']:22} {roles}")
    out.print(f"  API key: {document['api_key']}")
