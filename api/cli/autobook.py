"""`anagen autobook`: book whoever is due, over HTTP, from anywhere."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.cli.console import CONFIGURATION, USAGE, Json, emit, err, examples, out, stop

if TYPE_CHECKING:
    from api.autobook import Booked, ForPerson, Options, Report

EXAMPLES = examples(
    "anagen api-key create Autobook --scope plans:read --scope sessions:read \\",
    "                              --scope sessions:schedule --scope patients:read",
    "export ANAGEN_API_KEY=agn_…",
    "anagen autobook --dry-run                       what it would book, and what it would not",
    "anagen autobook --limit 20 --json > run.json    the 20 that press most, for a script",
    "anagen autobook --url https://clinic.example.org --course",
)
_ANSWER_SECONDS = 30.0


def autobook(
    url: Annotated[
        str, typer.Option(envvar="ANAGEN_URL", help="Where the server is.")
    ] = "http://127.0.0.1:8000",
    api_key: Annotated[
        str,
        typer.Option(
            envvar="ANAGEN_API_KEY",
            show_default=False,
            help="Better in the variable: a command line can be seen by others.",
        ),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask the server for everything, store nothing.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="So many plans at most, those that press most.")
    ] = None,
    practitioner: Annotated[
        UUID | None, typer.Option(help="Only plans of this staff member.")
    ] = None,
    course: Annotated[
        bool,
        typer.Option(
            "--course",
            help="All remaining sessions at once, where that asks for no answer; in a dry run, each"
            " course as if it were the only one.",
        ),
    ] = False,
    rebook: Annotated[
        bool,
        typer.Option("--rebook", help="Also those whose last session was missed or cancelled."),
    ] = False,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Who is due on that day; today without it."),
    ] = None,
    tries: Annotated[
        int, typer.Option(min=1, max=20, help="How often to ask where no answer comes.")
    ] = 7,
    as_json: Json = False,
) -> None:
    """Find who is due, and book the best slot for each.

    It asks the server whose next session nobody has booked, takes for each the first slot that
    the rules, the calendars and everybody's time allow, and books it. It never answers a finding:
    where a rule wants a warning acknowledged or a refusal overridden, where a course has lapsed,
    or somebody missed or cancelled a session, the plan is left to a person and listed.

    Nothing is booked twice, however often it runs: every booking carries a key made of the day,
    the plan, the session's number and the slot. It may be stopped at any moment and run again.
    It waits where the server asks it to, and tries again where no answer came.

    The key needs plans:read, sessions:read and sessions:schedule (patients:read adds record
    numbers). Prints no names. Exit codes: 0 it got through, 1 something failed, 2 wrong use, 78
    the address or the key is not right.
    """
    from api.autobook import Options

    if not api_key:
        stop("Give an API key in ANAGEN_API_KEY; `anagen api-key create` makes one.", USAGE)
    options = Options(
        on=on.date() if on else None,
        limit=limit,
        practitioner_id=practitioner,
        dry_run=dry_run,
        course=course,
        rebook=rebook,
    )
    report = _run(url, api_key, options, tries)
    emit(report.document(), as_json, lambda: _print(report))
    if not report.ok:
        raise typer.Exit(1)


def _run(url: str, api_key: str, options: "Options", tries: int) -> "Report":
    import asyncio

    from api.autobook import GaveUp, NotAllowed, Unexpected

    try:
        return asyncio.run(_over_http(url, api_key, options, tries))
    except NotAllowed as error:
        stop(str(error), CONFIGURATION)
    except (GaveUp, Unexpected) as error:
        stop(f"The server at {url} did not answer as it should: {error}.")


async def _over_http(url: str, api_key: str, options: "Options", tries: int) -> "Report":
    import httpx
    from rich.progress import Progress

    from api.autobook import Api, Patience, autobook

    headers = {"Authorization": f"Bearer {api_key}", "User-Agent": "anagen-autobook"}
    try:
        http = httpx.AsyncClient(base_url=url, headers=headers, timeout=_ANSWER_SECONDS)
        known = httpx.URL(url).scheme in {"http", "https"} and bool(httpx.URL(url).host)
    except (httpx.InvalidURL, ValueError):
        known = False
    if not known:
        stop("--url is an address such as https://clinic.example.org.", USAGE)
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("Booking", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        async with http:
            return await autobook(Api(http, Patience(tries)), options, tell)


def _print(report: "Report") -> None:
    verb = "would be booked" if report.dry_run else "booked"
    out.print(f"{report.clinic}, {report.on}: {report.due} due.", markup=False)
    out.print(f"\n{len(report.booked)} {verb}", style="bold")
    for each in report.booked:
        out.print(_line(each), markup=False)
    out.print(f"\n{len(report.for_person)} for a person", style="bold")
    for left in report.for_person:
        out.print(_left(left), markup=False)
    for settled in report.settled:
        out.print(f"  plan {settled.plan_id}: {settled.reason}", markup=False)
    if report.left:
        out.print(f"\n{report.left} not looked at: run again.")
    for failed in report.failed:
        err.print(f"  plan {failed.plan_id}: {failed.reason}", style="red", markup=False)
    if report.stopped:
        err.print(f"Stopped: {report.stopped}. Run again.", style="red", markup=False)


def _who(each: "Booked | ForPerson") -> str:
    return each.record_number or each.patient_id


def _line(each: "Booked") -> str:
    again = " (by an earlier run)" if each.replayed else ""
    when = each.local_starts_at.replace("T", " ")
    return f"  {when}  {_who(each)}  session {each.session_number}  {each.why}{again}"


def _left(each: "ForPerson") -> str:
    rules = f"  [{', '.join(each.rules)}]" if each.rules else ""
    return f"  {each.priority:<6}  {_who(each)}  {each.reason}{rules}"
