"""Slots that somebody keeps free for a moment: in the way of others until they expire.

An expired one is in nobody's way. The database cannot tell (its guards know no clock), so whoever
needs the time removes it, in the same transaction, with the same rows locked.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.problems import NotFound, invalid
from api.security import Caller
from api.sessions.occupying import Booking
from models import SlotReservation

# Beyond this nobody needs the time any more, and nobody can still be looking at the row.
_LONG_GONE = timedelta(days=1)
_SWEPT = 50


async def reserved(db: AsyncSession, caller: Caller, booking: Booking) -> list[SlotReservation]:
    """Reservations in force while the booking takes practitioner, room or patient, by their start.

    The caller has locked all three: those that have expired are removed, so that the database's
    guards let the booking pass.
    """
    statement = (
        select(SlotReservation)
        .where(
            SlotReservation.clinic_id == caller.clinic_id,
            SlotReservation.id != booking.session_id,
            SlotReservation.occupied_from < booking.occupied_until,
            SlotReservation.occupied_until > booking.occupied_from,
            _shared(booking),
        )
        .order_by(col(SlotReservation.starts_at), col(SlotReservation.id))
    )
    found = (await db.exec(statement)).all()
    in_force = [each for each in found if each.expires_at > caller.now]
    if len(in_force) < len(found):
        await _remove(db, caller, [each.id for each in found if each.expires_at <= caller.now])
    return in_force


def _shared(booking: Booking) -> Any:
    same = [col(SlotReservation.practitioner_id) == booking.practitioner_id]
    if booking.room_id is not None:
        same.append(col(SlotReservation.room_id) == booking.room_id)
    if booking.patient_id is not None:
        same.append(col(SlotReservation.patient_id) == booking.patient_id)
    return or_(*same)


async def _remove(db: AsyncSession, caller: Caller, expired: list[UUID]) -> None:
    """Locked in the order of their ids: two who need the same ones do not wait for each other."""
    mine = col(SlotReservation.clinic_id) == caller.clinic_id
    rows = select(SlotReservation.id).where(mine, col(SlotReservation.id).in_(expired))
    await db.exec(rows.order_by(col(SlotReservation.id)).with_for_update())
    await db.exec(delete(SlotReservation).where(mine, col(SlotReservation.id).in_(expired)))


async def forget(db: AsyncSession, caller: Caller) -> None:
    """Remove what expired long ago, a few at a time; whoever makes a new one sweeps."""
    gone = (
        select(SlotReservation.id)
        .where(
            SlotReservation.clinic_id == caller.clinic_id,
            SlotReservation.expires_at <= caller.now - _LONG_GONE,
        )
        .order_by(col(SlotReservation.expires_at), col(SlotReservation.id))
        .limit(_SWEPT)
        .with_for_update(skip_locked=True)
    )
    ids = (await db.exec(gone)).all()
    if ids:
        await _remove(db, caller, list(ids))


async def consume(db: AsyncSession, caller: Caller, reservation_id: UUID, booking: Booking) -> None:
    """Give the reserved time to this booking.

    Raises NotFound where the reservation has expired or was given up, InvalidRequest where it is
    for another practitioner or patient. The booking may be shorter or elsewhere: what is free is
    asked as always.
    """
    key = (caller.clinic_id, reservation_id)
    row = await db.get(SlotReservation, key, with_for_update=True, populate_existing=True)
    if row is None or row.expires_at <= caller.now:
        raise NotFound("There is no such reservation; it may have expired.")
    if row.practitioner_id != booking.practitioner_id:
        raise _another("This slot is reserved with another practitioner.")
    if row.patient_id not in (None, booking.patient_id):
        raise _another("This slot is reserved for another patient.")
    await db.delete(row)
    await db.flush()


def _another(message: str) -> Exception:
    return invalid("/reservation_id", "another_booking", message)
