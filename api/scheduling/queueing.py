"""Whole courses of one clinic are booked and moved one after the other.

A course holds its practitioners and rooms for as long as eleven bookings take. Were several under
way at once, a single booking behind them would wait for all of them. So they wait for each other
before they hold anything; who books one session waits for one course at most. SQLite has one writer
at a time, so there it is always so.
"""

import hashlib
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession


async def one_course_at_a_time(db: AsyncSession, clinic_id: UUID) -> None:
    """Wait for the clinic's courses that are under way. To be asked before any row is locked."""
    if db.get_bind().dialect.name != "postgresql":
        return
    await db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _key(clinic_id)})


def _key(clinic_id: UUID) -> int:
    """64 bits for this clinic's courses; two clinics that met would only wait for each other."""
    digest = hashlib.blake2b(b"course" + clinic_id.bytes, digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
