"""`anagen serve` and `anagen demo`."""

import asyncio
import gc
import signal
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import demonstration
from api.cli.console import CONFIGURATION, Json, emit, examples, out, run, settings, stop
from api.cli.copies import make_place

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.settings import Settings

SERVE_EXAMPLES = examples(
    "anagen serve",
    "anagen serve --demo --port 8010",
    "anagen serve --host 0.0.0.0 --workers 4      PostgreSQL, behind a proxy that does TLS",
)
DEMO_EXAMPLES = examples("anagen demo", "anagen demo --json > sign-ins.json")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    workers: Annotated[
        int, typer.Option(help="Processes; one is right for SQLite.", min=1, max=64)
    ] = 1,
    with_demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty database with the demo clinic first.")
    ] = False,
) -> None:
    """Serve the API until Ctrl-C or SIGTERM; requests that have begun are answered first.

    A client that does not read its answer then is cut off after three seconds.

    The embedded database is migrated first. On PostgreSQL a schema that is behind is refused
    (exit code 78): run `anagen db upgrade` once, then start the workers.
    """
    gc.disable()  # until the application is built: what is made meanwhile is not garbage
    current = settings()
    _check_address(host, port)
    prepare(current)
    if with_demo:
        demonstration.announce(current, f"http://{host}:{port}")
    out.print(f"Anagen on http://{host}:{port}  (documentation at /docs, Ctrl-C stops)")
    import uvicorn

    # SIGTERM ends like Ctrl-C: requests that have begun are answered, then exit code 0.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    uvicorn.run(
        "api.cli.serving:application",
        factory=True,
        http="api.cli.connections:Connection",
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=20,
    )


def application() -> "FastAPI":
    """The application of one worker process."""
    gc.disable()
    from api import observing
    from api.main import create_app

    current = settings()
    observing.configure(current)
    app = create_app(current)
    gc.freeze()  # what is there now stays: no collection needs to look at it
    gc.enable()
    return app


def _check_address(host: str, port: int) -> None:
    """End at once where nobody could listen there, rather than after the demo was made."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        reason = (error.strerror or "no such address").lower()
        stop(f"Cannot listen on {host}, port {port}: {reason}. Choose another with --port.")


def prepare(current: "Settings") -> None:
    """Bring the schema up or refuse, and refuse a database that lost a constraint or trigger."""
    from models.migrate import pending, upgrade

    if current.embedded:
        make_place(current.database_file)
    behind = run(asyncio.to_thread(pending, current.database_url))
    if behind and not current.embedded:
        stop("The schema is behind this release: run `anagen db upgrade`.", CONFIGURATION)
    if behind:
        run(asyncio.to_thread(upgrade, current.database_url))
    missing = run(_missing(current))
    if missing:
        stop(f"The database lacks {', '.join(missing)}: restore a backup.", CONFIGURATION)


async def _missing(current: "Settings") -> list[str]:
    from api.database import Database
    from models.guards import missing_guards

    database = Database(current)
    try:
        async with database.engine.connect() as connection:
            return await missing_guards(connection)
    finally:
        await database.dispose()


def demo(as_json: Json = False) -> None:
    """Fill an empty database with a believable clinic, and print its sign-ins and an API key.

    Six colleagues, one for each role, and forty invented patients with their plans, sessions and
    side effects. Everything is made through the product's own API, so it obeys every rule.
    Refuses (exit code 1) a database that has a clinic in it.
    """
    current = settings()
    prepare(current)
    document = demonstration.make(current)
    if document is None:
        stop("The database has a clinic in it already; the demo only fills an empty one.")
    emit(document, as_json, lambda: demonstration.print_sign_ins(document))
