"""`anagen`: all commands in one place."""

import typer

from api.cli import audit_log, data, people, rulebook, serving, setting_list

app = typer.Typer(
    name="anagen",
    help="Anagen: treatment management for mesotherapy clinics. "
    "Settings come from ANAGEN_… variables or a .env file; see `anagen settings`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("serve")(serving.serve)
app.command("demo")(serving.demo)
app.command("settings")(setting_list.show_settings)
app.add_typer(data.app, name="db")
app.add_typer(people.clinic_app, name="clinic")
app.add_typer(people.staff_app, name="staff")
app.add_typer(people.key_app, name="api-key")
app.add_typer(rulebook.app, name="rules")
app.add_typer(audit_log.app, name="audit")


def main() -> None:
    """The entry point of `anagen`."""
    app()
