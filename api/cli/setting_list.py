"""`anagen settings`."""

import os
from typing import Any

from api.cli.console import Json, emit, examples, out, settings

EXAMPLES = examples("anagen settings", "ANAGEN_ENVIRONMENT=production anagen settings --json")
_MASK = "••••••"


def show_settings(as_json: Json = False) -> None:
    """List every setting with its value, where the value comes from, and what it does.

    Secrets are masked. A setting is made in the environment or in a .env file.
    """
    rows = _rows()

    def lines() -> None:
        for row in rows:
            mark = ", secret" if row["secret"] else ""
            out.print(
                f"[bold]{row['variable']}[/] = {row['value']}  [dim]({row['origin']}{mark})[/]"
            )
            out.print(f"    {row['about']}")

    emit(rows, as_json, lines)


def _rows() -> list[dict[str, Any]]:
    from pydantic import SecretStr

    from api.settings import Settings

    current = settings()
    rows = []
    for name, field in Settings.model_fields.items():
        variable, value = f"ANAGEN_{name.upper()}", getattr(current, name)
        if variable in os.environ:
            origin = "environment"
        else:
            origin = ".env" if name in current.model_fields_set else "default"
        secret = isinstance(value, SecretStr)
        shown = _MASK if secret else _without_password(str(value))
        rows.append(
            {
                "variable": variable,
                "value": shown,
                "secret": secret or shown != str(value),
                "origin": origin,
                "about": field.description,
            }
        )
    return rows


def _without_password(value: str) -> str:
    """A database address with its password masked; anything else as it is."""
    scheme, found, rest = value.partition("://")
    credentials, at, host = rest.rpartition("@")
    user, colon, _ = credentials.partition(":")
    if not (found and at and colon):
        return value
    return f"{scheme}://{user}:{_MASK}@{host}"
