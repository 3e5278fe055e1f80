"""What commands share: settings that explain themselves when wrong, and two ways to print."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import Database
from api.problems import Problem
from api.settings import Settings

Result = TypeVar("Result")

# Exit codes: 1 a check found something, 2 wrong use, 78 the configuration or schema is not right.
FOUND_WRONG, USAGE, CONFIGURATION = 1, 2, 78

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for a script.")]


def stop(message: str, code: int = FOUND_WRONG) -> NoReturn:
    """End the command with a message on standard error."""
    err.print(message, style="red")
    raise typer.Exit(code)


def settings() -> Settings:
    """The settings of this run; where they are wrong, says which and ends."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"  ANAGEN_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}"
            if e["loc"]
            else f"  {e['msg']}"
            for e in error.errors(include_input=False)
        ]
        stop("Settings are not right:\n" + "\n".join(lines), CONFIGURATION)


def emit(document: Any, as_json: bool, lines: Callable[[], None]) -> None:
    """Print `document` as JSON, or let `lines` print it for a person."""
    if as_json:
        print(json.dumps(document, indent=2, default=str, ensure_ascii=False))
    else:
        lines()


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's coroutine; a problem document becomes a message and exit code 1."""
    try:
        return asyncio.run(work)
    except Problem as problem:
        details = "; ".join(
            f"{e['pointer']}: {e['message']}" for e in problem.extra.get("errors", [])
        )
        stop(f"{problem.title}. {problem.detail or ''} {details}".strip())


Session = Callable[[], AbstractAsyncContextManager[AsyncSession]]


def with_database(work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Run `work` over the configured database, and close it."""

    async def whole() -> Result:
        database = Database(settings())
        try:
            return await work(database)
        finally:
            await database.dispose()

    return run(whole())
