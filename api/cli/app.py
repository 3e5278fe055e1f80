"""`anagen`: all commands in one place."""

import typer

from api.cli import audit_log, autobook, data, people, rulebook, serving, setting_list
from api.cli.console import examples

app = typer.Typer(
    name="anagen",
    help="Anagen: treatment management for mesotherapy clinics.\n\n"
    "Settings come from ANAGEN_… variables or a .env file; `anagen settings` lists them. "
    "Exit codes: 0 all well, 1 something was found wrong, 2 wrong use, 78 the configuration or "
    "the schema is not right.",
    epilog=examples(
        "anagen serve --demo          a server with a demo clinic in it",
        "anagen autobook --dry-run    whom a script would book, and when",
        "anagen rules explain DOSE-ABS-MAX",
        "anagen db backup /backups/anagen-2026-03-02.sqlite3",
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.command("serve", epilog=serving.SERVE_EXAMPLES)(serving.serve)
app.command("demo", epilog=serving.DEMO_EXAMPLES)(serving.demo)
app.command("settings", epilog=setting_list.EXAMPLES)(setting_list.show_settings)
app.command("autobook", epilog=autobook.EXAMPLES)(autobook.autobook)
app.add_typer(data.app, name="db")
app.add_typer(people.clinic_app, name="clinic")
app.add_typer(people.staff_app, name="staff")
app.add_typer(people.key_app, name="api-key")
app.add_typer(rulebook.app, name="rules")
app.add_typer(audit_log.app, name="audit")


def main() -> None:
    """The entry point of `anagen`."""
    app(prog_name="anagen")
