"""`anagen audit`."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from api.cli.console import FOUND_WRONG, Json, emit, examples, out, stop, with_database

if TYPE_CHECKING:
    from api.database import Database

app = typer.Typer(help="Verify the audit log.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def about() -> None:
    """The audit log: append-only, one hash chain per clinic."""


@app.command(
    "verify",
    epilog=examples(
        "anagen audit verify", "anagen audit verify --json | jq '.[] | select(.first_bad)'"
    ),
)
def verify(
    clinic: Annotated[UUID | None, typer.Option(help="Only this clinic; else all.")] = None,
    as_json: Json = False,
) -> None:
    """Walk the chain of each clinic and find any edit, deletion, swap or truncation.

    Exits with 1 where a chain is broken, and names the first record that is wrong.
    """
    reports = with_database(lambda database: _reports(database, clinic))
    if clinic is not None and not reports:
        stop("There is no such clinic.")

    def lines() -> None:
        for report in reports:
            if report["first_bad"] is None:
                out.print(f"{report['clinic_id']}  {report['records']} records, chain intact")
            else:
                out.print(
                    f"{report['clinic_id']}  BROKEN at {report['first_bad']}: {report['problem']}",
                    style="red",
                )

    emit(reports, as_json, lines)
    if any(report["first_bad"] is not None for report in reports):
        raise typer.Exit(FOUND_WRONG)


async def _reports(database: "Database", only: UUID | None) -> list[dict[str, Any]]:
    from sqlmodel import col, select

    from api import audit
    from models import Clinic

    async with database.reading() as db:
        ids = (await db.exec(select(Clinic.id).order_by(col(Clinic.id)))).all()
        reports = []
        for clinic_id in ids:
            if only in (None, clinic_id):
                report = await audit.verify(db, clinic_id)
                reports.append(
                    {
                        "clinic_id": clinic_id,
                        "records": report.records,
                        "first_bad": report.first_bad,
                        "problem": report.problem,
                    }
                )
        return reports
