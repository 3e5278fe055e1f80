"""Making the demo clinic from the command line, and telling its sign-ins again later."""

import gc
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.console import err, out, stop, with_database

if TYPE_CHECKING:
    from api.database import Database
    from api.settings import Settings


def make(current: "Settings") -> dict[str, Any] | None:
    """The demo of an empty database, as `anagen demo --json` prints it; else None."""
    if not with_database(_empty):
        return None
    _log_failures_only()
    gc.enable()
    from rich.progress import Progress

    from api.demo import NotEmpty, fill

    async def work(database: "Database") -> dict[str, Any]:
        shown = err.is_terminal
        with Progress(console=err, transient=True, disable=not shown) as progress:
            task = progress.add_task("Making the demo clinic (once)", total=None)

            def step(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)

            return await fill(database, current, step)

    try:
        document = with_database(work)
    except NotEmpty:
        return None
    _keep(current, document)
    return document


async def _empty(database: "Database") -> bool:
    from sqlmodel import select

    from models import Clinic

    async with database.reading() as db:
        return (await db.exec(select(Clinic.id).limit(1))).first() is None


def _log_failures_only() -> None:
    """The demo's thousand requests are not worth a line each."""
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def announce(current: "Settings", address: str) -> None:
    """Make the demo where the database is empty, and print its sign-ins, also on later starts."""
    document = make(current) or _kept(current)
    if document is not None:
        print_sign_ins(document)
        out.print(f"Try: curl -H 'Authorization: Bearer <API key>' {address}/v1/patients")


def print_sign_ins(document: dict[str, Any]) -> None:
    """Print what somebody needs to get in."""
    out.print("[bold]Demo clinic[/] (invented people; passwords are public)")
    for account in document["accounts"]:
        roles = ", ".join(account["roles"])
        out.print(f"  {account['email']:28} {account['password']:24} {roles}")
    out.print(f"  API key: {document['api_key']}")


def _keep(current: "Settings", document: dict[str, Any]) -> None:
    """Beside an embedded database the sign-ins are kept, for its owner's eyes only."""
    file = _sign_in_file(current)
    if file is not None:
        file.touch(mode=0o600)
        file.write_text(json.dumps(document, indent=2), encoding="utf-8")


def _kept(current: "Settings") -> dict[str, Any] | None:
    """The sign-ins kept beside this very database, or None."""
    file = _sign_in_file(current)
    if file is None or not file.exists():
        return None
    try:
        document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        stop(f"{file} cannot be read; remove it.")
    return document if with_database(_has_clinic(document)) else None


def _has_clinic(document: dict[str, Any]) -> Any:
    async def work(database: "Database") -> bool:
        from uuid import UUID

        from models import Clinic

        async with database.reading() as db:
            return await db.get(Clinic, UUID(str(document.get("clinic_id")))) is not None

    return work


def _sign_in_file(current: "Settings") -> Path | None:
    file = current.database_file
    return None if file is None else file.with_name(f"{file.stem}.demo.json")
