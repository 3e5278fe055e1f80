"""Calendars as they are stored, for tests of what is made of them."""

from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from sqlalchemy import insert
from uuid_utils.compat import uuid7

from models import ClinicRecord
from tests.clinic import SeededClinic

_MADE_AT = datetime(2026, 3, 1, tzinfo=UTC)


async def write(
    app: FastAPI, clinic: SeededClinic, kind: type[ClinicRecord], *rows: dict[str, Any]
) -> None:
    """Rows of one table, written past the services; how they are written over HTTP is tested
    elsewhere."""
    stamps = {"version": 1, "created_at": _MADE_AT, "updated_at": _MADE_AT}
    async with app.state.database.writing() as db:
        for row in rows:
            values: dict[str, Any] = {"clinic_id": clinic.id, "id": uuid7(), **stamps, **row}
            await db.execute(insert(kind).values(**kind(**values).model_dump()))
