"""`anagen settings`."""

import os

from pydantic import SecretStr

from api.cli.console import Json, emit, out, settings
from api.settings import Settings


def show_settings(as_json: Json = False) -> None:
    """List every setting, its value and where the value comes from. Secrets are masked."""
    current = settings()
    rows = []
    for name, field in Settings.model_fields.items():
        variable = f"ANAGEN_{name.upper()}"
        value = getattr(current, name)
        if variable in os.environ:
            origin = "environment"
        else:
            origin = ".env" if name in current.model_fields_set else "default"
        shown = "••••••" if isinstance(value, SecretStr) else _masked(str(value))
        rows.append(
            {"variable": variable, "value": shown, "origin": origin, "about": field.description}
        )

    def lines() -> None:
        for row in rows:
            out.print(f"[bold]{row['variable']}[/] = {row['value']}  [dim]({row['origin']})[/]")
            out.print(f"    {row['about']}")

    emit(rows, as_json, lines)


def _masked(value: str) -> str:
    """A database address without its password."""
    scheme, at, host = value.rpartition("@")
    if not at or "://" not in scheme:
        return value
    user = scheme.partition("://")[2].partition(":")[0]
    return f"{scheme.partition('://')[0]}://{user}:••••••@{host}"
