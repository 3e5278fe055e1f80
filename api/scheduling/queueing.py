"""Whole courses of one clinic are booked and moved one after the other.

A course holds its practitioners and rooms for as long as eleven bookings take. Were several under
way at once, a single booking behind them would wait for all of them, and be told that the database
is busy. So they wait for each other before they hold anything, longer than anybody waits for a row;
who books one session waits for one course at most. SQLite has one writer at a time, so there it is
always so.
"""

import hashlib
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

_PATIENT = ("SET LOCAL lock_timeout = '25s'", "SET LOCAL statement_timeout = '30s'")
_AS_EVERYBODY = ("SET LOCAL lock_timeout = '5s'", "SET LOCAL statement_timeout = '10s'")


async def one_course_at_a_time(db: AsyncSession, clinic_id: UUID) -> None:
    """Wait for the clinic's courses that are under way. To be asked before any row is locked."""
    if db.get_bind().dialect.name != "postgresql":
        return
    for setting in _PATIENT:
        await db.execute(text(setting))
    await db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _key(clinic_id)})
    for setting in _AS_EVERYBODY:
        await db.execute(text(setting))


def _key(clinic_id: UUID) -> int:
    """64 bits for this clinic's courses; two clinics that met would only wait for each other."""
    digest = hashlib.blake2b(b"course" + clinic_id.bytes, digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
