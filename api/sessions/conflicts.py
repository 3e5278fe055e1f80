"""Who and what is taken: nobody is treated, and no room is used, twice at the same time.

The services look first and say with whom it collides; the database has the last word
(`models.guards`), so a mistake here cannot book anything twice.
"""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import violated
from api.problems import Problem
from api.security import Caller
from api.sessions.conflict_schemas import Conflict, Slot
from api.sessions.moves import LIVE
from api.sessions.occupying import Booking
from api.sessions.reserved import reserved
from models import BookedResource, SlotReservation, TreatmentSession
from models.booking_settings import LONGEST_BUFFER

# The database allows no longer session, and no longer buffer behind it, so what overlaps started
# less than this before.
LONGEST = timedelta(days=1) + LONGEST_BUFFER


class ScheduleConflict(Problem):
    """The practitioner, the room or the patient is taken then."""

    name, status, title = "schedule-conflict", 409, "Somebody or something is taken at that time"
    what_to_do = (
        "`conflicts` says who or what is taken, and when; `alternatives` are the nearest free"
        " times of the same length for the same people and room. Book one of them."
    )

    def __init__(self, conflicts: Iterable[Conflict], alternatives: Iterable[Slot] = ()) -> None:
        super().__init__(
            conflicts=[each.model_dump(mode="json", exclude_none=True) for each in conflicts],
            alternatives=[each.model_dump(mode="json") for each in alternatives],
        )


async def conflicts(db: AsyncSession, caller: Caller, booking: Booking) -> list[Conflict]:
    """What stands in the way of the booking: one entry per session or reservation and resource;
    empty if it is free. Expired reservations are removed: the caller has locked what it takes."""
    others: list[TreatmentSession | SlotReservation] = [
        *await _sessions(db, caller, booking),
        *await reserved(db, caller, booking),
    ]
    shown = caller.may("sessions:read")
    return [
        Conflict(
            resource=resource,
            starts_at=taken.taken(resource)[0],
            ends_at=taken.taken(resource)[1],
            session_id=other.id if shown and isinstance(other, TreatmentSession) else None,
            reserved_until=other.expires_at if isinstance(other, SlotReservation) else None,
        )
        for other, taken in [(each, Booking.of(each)) for each in others]
        for resource in booking.shares(taken)
    ]


async def _sessions(db: AsyncSession, caller: Caller, booking: Booking) -> list[TreatmentSession]:
    """Other sessions that may be in its way, in time order."""
    shared = [col(TreatmentSession.practitioner_id) == booking.practitioner_id]
    if booking.patient_id is not None:
        shared.append(col(TreatmentSession.patient_id) == booking.patient_id)
    if booking.room_id is not None:
        shared.append(col(TreatmentSession.room_id) == booking.room_id)
    statement = (
        select(TreatmentSession)
        .where(
            TreatmentSession.clinic_id == caller.clinic_id,
            TreatmentSession.id != booking.session_id,
            col(TreatmentSession.state).in_(LIVE),
            TreatmentSession.starts_at > booking.occupied_from - LONGEST,
            TreatmentSession.starts_at < booking.occupied_until + LONGEST_BUFFER,
            or_(*shared),
        )
        .order_by(col(TreatmentSession.starts_at), col(TreatmentSession.id))
    )
    return list((await db.exec(statement)).all())


async def flush_booking(db: AsyncSession, booking: Booking) -> None:
    """Write the booking, or ScheduleConflict where the database itself refuses the overlap."""
    try:
        await db.flush()
    except IntegrityError as error:
        guard = violated(error)
        for resource in BookedResource:
            if f"no_overlap_{resource}" in guard:
                taken = Conflict(
                    resource=resource, starts_at=booking.starts_at, ends_at=booking.ends_at
                )
                raise ScheduleConflict([taken]) from None
        raise
