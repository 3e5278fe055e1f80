"""Structured logs without personal data: only known keys leave the process."""

import logging
import sys
from typing import Any

import structlog

from api.settings import Settings

# Ids, names of routes and of error classes, counts and times: nothing a patient could be known by.
_KEYS = frozenset(
    {
        "event", "level", "timestamp", "logger", "method", "route", "status", "milliseconds",
        "request_id", "error", "frames", "address", "port", "clinic_id", "count", "database",
        "missing", "command",
    }
)  # fmt: skip


def _only_known(_logger: Any, _method: str, entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key in _KEYS}


def configure(settings: Settings) -> None:
    """Send log lines to standard error, as JSON or readable; silence what would repeat them."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_known,  # type: ignore[list-item]
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("uvicorn.access").disabled = True
