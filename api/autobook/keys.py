"""Idempotency-Keys that a second run derives again: the same effect, the same key."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from api.autobook.due import Due


def of_session(on: date, due: Due, body: Mapping[str, Any]) -> str:
    """Of booking a plan's next session in a slot, on the day of the run."""
    slot = [body[name] for name in ("starts_at", "duration_minutes", "practitioner_id", "room_id")]
    return _key("session", on, due, *slot)


def of_course(on: date, due: Due) -> str:
    """Of booking all remaining sessions; the server finds the slots."""
    return _key("course", on, due)


def _key(kind: str, on: date, due: Due, *more: object) -> str:
    """A session that fell away since makes it another effect: what was booked then is gone."""
    parts = [kind, on.isoformat(), due.plan_id, due.session_number, due.fallen_session_id, *more]
    text = "\n".join("" if part is None else str(part) for part in parts)
    return f"autobook-{on:%Y%m%d}-{hashlib.sha256(text.encode()).hexdigest()[:40]}"
