"""Making and releasing reservations."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from api import audit
from api.availability.booking_settings import HowToBook, how_to_book, kind_of
from api.availability.horizon import refuse_too_far
from api.database import found, locked
from api.problems import NotFound, invalid
from api.scheduling.reservation_schemas import ReservationAt
from api.security import Caller
from api.sessions.availability import refuse_conflicts
from api.sessions.conflicts import flush_booking
from api.sessions.locking import check_resources, lock_resources
from api.sessions.numbering import foreseen_place
from api.sessions.occupying import Booking
from api.sessions.reserved import forget
from api.sessions.rooms import check_room
from models import Patient, SlotReservation, TreatmentPlan


async def reserve(db: AsyncSession, caller: Caller, draft: ReservationAt) -> SlotReservation:
    """Keep the slot free until the reservation expires.

    Raises OutsideCalendars where a calendar refuses, ScheduleConflict where somebody or something
    is taken then. Whether the rules will allow the booking is asked when it is made.
    """
    if draft.starts_at < caller.now.replace(second=0, microsecond=0):
        raise invalid("/starts_at", "in_the_past", "Time is reserved ahead.")
    refuse_too_far(caller.now, draft.starts_at)
    patient_id = await _lock(db, caller, draft)
    await check_resources(db, caller, draft.practitioner_id, draft.room_id)
    booking = Booking(
        session_id=uuid7(),
        patient_id=patient_id,
        practitioner_id=draft.practitioner_id,
        room_id=draft.room_id,
        starts_at=draft.starts_at,
        ends_at=draft.starts_at + timedelta(minutes=draft.duration_minutes),
    )
    settings = await how_to_book(db, caller.clinic_id)
    booking = await _with_buffers(db, caller, draft, settings, booking)
    not_before = settings.not_before(caller.now)
    await refuse_conflicts(db, caller, None, booking, not_before=not_before)
    await forget(db, caller)
    row = SlotReservation(
        clinic_id=caller.clinic_id,
        id=booking.session_id,
        practitioner_id=booking.practitioner_id,
        room_id=booking.room_id,
        patient_id=patient_id,
        plan_id=draft.plan_id,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        occupied_from=booking.occupied_from,
        occupied_until=booking.occupied_until,
        expires_at=caller.now + timedelta(minutes=draft.expires_in_minutes),
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
    )
    db.add(row)
    await flush_booking(db, booking)
    audit.record(db, caller, "reservation.made", row)
    return row


async def _with_buffers(
    db: AsyncSession,
    caller: Caller,
    draft: ReservationAt,
    settings: HowToBook,
    booking: Booking,
) -> Booking:
    """With the buffers that the plan's session will have; without a plan nobody knows which."""
    if draft.plan_id is None:
        return booking
    plan = await found(db, TreatmentPlan, caller.clinic_id, draft.plan_id)
    await check_room(db, caller, plan, draft.room_id)
    buffers = settings.usual[kind_of(*await foreseen_place(db, plan, draft.starts_at))].buffers
    return replace(booking, before=buffers.before, after=buffers.after)


async def _lock(db: AsyncSession, caller: Caller, draft: ReservationAt) -> UUID | None:
    """Everything that the reservation takes, in the order in which everybody locks."""
    patient_id = None
    if draft.plan_id is not None:
        plan = await found(db, TreatmentPlan, caller.clinic_id, draft.plan_id)
        patient_id = plan.patient_id
        await locked(db, Patient, caller.clinic_id, patient_id)
    await lock_resources(db, caller, {draft.practitioner_id}, {draft.room_id})
    return patient_id


async def in_force(db: AsyncSession, caller: Caller, reservation_id: UUID) -> SlotReservation:
    """The reservation, or NotFound: an expired one has vanished."""
    row = await found(db, SlotReservation, caller.clinic_id, reservation_id)
    if row.expires_at <= caller.now:
        raise NotFound
    return row


async def release(db: AsyncSession, caller: Caller, reservation_id: UUID) -> None:
    """Give its time up before it expires."""
    row = await locked(db, SlotReservation, caller.clinic_id, reservation_id)
    if row.expires_at <= caller.now:
        raise NotFound
    audit.record(db, caller, "reservation.released", row)
    await db.delete(row)
    await db.flush()
