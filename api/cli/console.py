"""What commands share: settings that explain themselves when wrong, and two ways to print.

What is heavy to import is imported where it is used: a command starts in the time of what it
needs, and `--help` at once.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console

if TYPE_CHECKING:
    from pydantic import ValidationError
    from sqlalchemy.ext.asyncio import AsyncConnection

    from api.database import Database
    from api.settings import Settings

Result = TypeVar("Result")

# Exit codes: 1 a check found something, 2 wrong use, 78 the configuration or schema is not right.
FOUND_WRONG, USAGE, CONFIGURATION = 1, 2, 78

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for a script.")]


def examples(*lines: str) -> str:
    """The end of a command's help: what to type."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def stop(message: str, code: int = FOUND_WRONG) -> NoReturn:
    """End the command with a message on standard error."""
    err.print(message, style="red", markup=False)
    raise typer.Exit(code)


def settings() -> "Settings":
    """The settings of this run; where they are wrong, says which and ends."""
    from pydantic import ValidationError

    from api.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        stop("Settings are not right:\n" + _told(error, "ANAGEN_"), CONFIGURATION)


def refuse_input(error: "ValidationError") -> NoReturn:
    """End with what is wrong in the arguments of a command, without repeating them."""
    stop("That cannot be right:\n" + _told(error, "--"), USAGE)


def _told(error: "ValidationError", prefix: str) -> str:
    lines = []
    for each in error.errors(include_input=False, include_url=False):
        name = "_".join(str(part) for part in each["loc"] if not isinstance(part, int))
        shown = name.upper() if prefix.isupper() else name.replace("_", "-")
        text = each["msg"].removeprefix("Value error, ")
        if each["type"] == "too_short":
            text = f"at least {each['ctx']['min_length']} characters"
        lines.append(f"  {prefix}{shown}: {text}" if name else f"  {text}")
    return "\n".join(lines)


def emit(document: Any, as_json: bool, lines: Callable[[], None]) -> None:
    """Print `document` as JSON, or let `lines` print it for a person."""
    if as_json:
        print(json.dumps(document, indent=2, default=str, ensure_ascii=False))
    else:
        lines()


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's coroutine; what stops it becomes a message and an exit code."""
    from sqlalchemy.exc import SQLAlchemyError

    from api.cli.unreachable import why
    from api.problems import Problem

    try:
        return asyncio.run(work)
    except Problem as problem:
        details = "; ".join(
            f"{e['pointer']}: {e['message']}" for e in problem.extra.get("errors", [])
        )
        stop(f"{problem.title}. {problem.detail or ''} {details}".strip())
    except (OSError, SQLAlchemyError) as error:
        stop(why(error, settings().database_url), CONFIGURATION)


def with_database(
    work: "Callable[[Database], Awaitable[Result]]", *, any_schema: bool = False
) -> Result:
    """Run `work` over the configured database, and close it.

    A database that is not there, or whose schema is behind, ends the command with 78, unless
    `any_schema`.
    """
    from api.database import Database

    current = settings()
    file = current.database_file
    if file is not None and not file.exists():
        stop(f"There is no database at {file}: run `anagen db upgrade`.", CONFIGURATION)

    async def whole() -> Result:
        database = Database(current)
        try:
            if not any_schema:
                async with database.engine.connect() as connection:
                    await _insist_on_schema(connection)
            return await work(database)
        finally:
            await database.dispose()

    return run(whole())


async def _insist_on_schema(connection: "AsyncConnection") -> None:
    from models.migrate import is_behind

    if await is_behind(connection):
        stop("The schema is behind this release: run `anagen db upgrade`.", CONFIGURATION)
