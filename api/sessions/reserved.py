"""Slots that somebody keeps free for a moment: in the way of others until they expire.

An expired one is in nobody's way. The database cannot tell (its guards know no clock), so whoever
needs the time removes it, in the same transaction, with the same rows locked.
"""

from datetime import datetime, timedelta
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


async def reserved(
    db: AsyncSession, caller: Caller, booking: Booking, since: datetime, until: datetime
) -> list[SlotReservation]:
    """Reservations in force between two instants that share a resource with the booking."""
    statement = (
        select(SlotReservation)
        .where(
            SlotReservation.clinic_id == caller.clinic_id,
            SlotReservation.id != booking.session_id,
            SlotReservation.expires_at > caller.now,
            SlotReservation.occupied_from < until,
            SlotReservation.occupied_until > since,
            _shared(booking),
        )
        .order_by(col(SlotReservation.starts_at), col(SlotReservation.id))
    )
    return list((await db.exec(statement)).all())


def _shared(booking: Booking) -> Any:
    same = [col(SlotReservation.practitioner_id) == booking.practitioner_id]
    if booking.room_id is not None:
        same.append(col(SlotReservation.room_id) == booking.room_id)
    if booking.patient_id is not None:
        same.append(col(SlotReservation.patient_id) == booking.patient_id)
    return or_(*same)


async def remove_expired(db: AsyncSession, caller: Caller, booking: Booking) -> None:
    """Make way for the booking, whose practitioner, room and patient the caller has locked.

    Rows are locked in the order of their ids: two who need the same ones do not wait for each
    other. What expired long ago goes as well, a few at a time.
    """
    expired = select(SlotReservation.id).where(SlotReservation.clinic_id == caller.clinic_id)
    in_the_way = expired.where(
        SlotReservation.expires_at <= caller.now,
        SlotReservation.occupied_from < booking.occupied_until,
        SlotReservation.occupied_until > booking.occupied_from,
        _shared(booking),
    )
    ordered = in_the_way.order_by(col(SlotReservation.id)).with_for_update()
    gone = list((await db.exec(ordered)).all())
    forgotten = expired.where(SlotReservation.expires_at <= caller.now - _LONG_GONE)
    forgotten = forgotten.order_by(col(SlotReservation.expires_at), col(SlotReservation.id))
    gone += (await db.exec(forgotten.limit(_SWEPT).with_for_update(skip_locked=True))).all()
    if gone:
        await db.exec(
            delete(SlotReservation).where(
                col(SlotReservation.clinic_id) == caller.clinic_id,
                col(SlotReservation.id).in_(gone),
            )
        )


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
