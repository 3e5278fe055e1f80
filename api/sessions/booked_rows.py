"""A booking as a session's row: made, asked to move, and moved."""

from datetime import timedelta

from api.clock import local_day
from api.security import Caller
from api.sessions import overbooking
from api.sessions.occupying import Booking
from api.sessions.schemas import SessionCreate, SessionPatch
from models import SessionState, TreatmentPlan, TreatmentSession


def new_session(
    caller: Caller, draft: SessionCreate, plan: TreatmentPlan, booking: Booking, number: int
) -> TreatmentSession:
    """The row of a new booking."""
    return TreatmentSession(
        clinic_id=caller.clinic_id,
        id=booking.session_id,
        plan_id=plan.id,
        patient_id=plan.patient_id,
        practitioner_id=booking.practitioner_id,
        room_id=booking.room_id,
        session_number=number,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        occupied_from=booking.kept_from,
        occupied_until=booking.kept_until,
        scheduled_on=local_day(booking.starts_at, caller.zone),
        time_zone=caller.zone.key,
        notes=draft.notes,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
    )


def moved(caller: Caller, session: TreatmentSession, patch: SessionPatch) -> Booking:
    """What the session would take, were it moved as asked."""
    starts_at = patch.starts_at or session.starts_at
    length = session.ends_at - session.starts_at
    if patch.duration_minutes is not None:
        length = timedelta(minutes=patch.duration_minutes)
    return Booking(
        session_id=session.id,
        patient_id=session.patient_id,
        practitioner_id=patch.practitioner_id or session.practitioner_id,
        room_id=patch.room_id if "room_id" in patch.model_fields_set else session.room_id,
        starts_at=starts_at,
        ends_at=starts_at + length,
        overbooks=overbooking.asked(caller, patch.overbook),
    )


def apply(session: TreatmentSession, booking: Booking, caller: Caller, patch: SessionPatch) -> None:
    """Write the booking on the session; a new start takes the confirmation back."""
    overbooking.mark(session, patch.overbook)
    if booking.starts_at != session.starts_at and session.state is SessionState.CONFIRMED:
        session.state = SessionState.SCHEDULED
        session.confirmed_at = None
    session.starts_at, session.ends_at = booking.starts_at, booking.ends_at
    session.occupied_from, session.occupied_until = booking.kept_from, booking.kept_until
    session.scheduled_on = local_day(booking.starts_at, caller.zone)
    session.time_zone = caller.zone.key
    session.practitioner_id, session.room_id = booking.practitioner_id, booking.room_id
