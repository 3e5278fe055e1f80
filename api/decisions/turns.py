"""Who may judge sessions to come at the same time, so that nobody overlooks what others write.

A booking is decided by figures, lots and holds that concern many patients; a change of those
looks for the bookings it concerns. Were both under way at once, neither would see the other's
rows, and both would commit: a session that is refused by what was just decided, and on no list.
So whoever judges sessions of one patient, whose row it has locked, shares the clinic's turn with
others who do; whoever changes something about many takes it alone. Who comes later sees all that
was written before.

The turn is the last thing a transaction waits for before it judges, after the rows it locks
(patient, practitioner, room, plan, session, lot); behind it come only worklist items and the audit
head. Who books for several patients in one transaction locks them all first. The turn ends
with the transaction. SQLite has one writer at a time, so there it is always held.
"""

import hashlib
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

# PostgreSQL's own locks queue fairly: bookings that keep coming do not starve a change.
_SHARED = text("SELECT pg_advisory_xact_lock_shared(:key)")
_ALONE = text("SELECT pg_advisory_xact_lock(:key)")


async def share_turn(db: AsyncSession, clinic_id: UUID) -> None:
    """Judge sessions of patients whose rows are locked: beside others who do, not beside a change
    that concerns many. What is read from here on stays true until the transaction ends."""
    if not db.info.get("turn"):
        await _take(db, clinic_id, alone=False)


async def take_turn_alone(db: AsyncSession, clinic_id: UUID) -> None:
    """Look for every session that a change concerns, once nobody is about to write another.

    Not to be asked for by a transaction that shares already: two that did would wait for each
    other.
    """
    if db.info.get("turn") != "alone":
        await _take(db, clinic_id, alone=True)


async def _take(db: AsyncSession, clinic_id: UUID, *, alone: bool) -> None:
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(_ALONE if alone else _SHARED, {"key": _key(clinic_id)})
    db.info["turn"] = "alone" if alone else "shared"


def _key(clinic_id: UUID) -> int:
    """64 bits for this clinic's turn; two clinics that met would only wait for each other."""
    digest = hashlib.blake2b(b"turn" + clinic_id.bytes, digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
