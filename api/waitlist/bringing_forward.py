"""Moving a booked session to freed time that is earlier; the place it leaves is offered on."""

from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.decisions.service import Decided
from api.problems import IllegalTransition
from api.security import Caller
from api.sessions import booking
from api.sessions.locking import lock_to_move
from api.sessions.occupying import Booking
from api.sessions.reserved import consume
from api.sessions.schemas import SessionPatch
from api.waitlist.offering import earlier, fell_away
from api.waitlist.schemas import OfferAccept
from models import FreedSlot, TreatmentSession, WaitlistEntry


async def to_move(
    db: AsyncSession, caller: Caller, entry: WaitlistEntry, slot: FreedSlot
) -> TreatmentSession | None:
    """The session that the entry would have earlier; None where one is to be booked.

    The caller holds the patient's row, so nobody moves it meanwhile. Raises IllegalTransition
    where it has taken place, or has been moved before the freed time.
    """
    if entry.session_id is None:
        return None
    session = await found(db, TreatmentSession, caller.clinic_id, entry.session_id)
    if not earlier(session, slot.starts_at):
        raise IllegalTransition(session.state, [], "It would not be earlier than what is booked.")
    return None if fell_away(session) else session


async def move(
    db: AsyncSession,
    caller: Caller,
    session: TreatmentSession,
    entry: WaitlistEntry,
    slot: FreedSlot,
    answers: OfferAccept,
) -> tuple[TreatmentSession, Decided | None]:
    """As any rescheduling: all rules and conflicts, and what it leaves is told of as free."""
    await lock_to_move(db, caller, session.id, slot.practitioner_id, slot.room_id)
    if answers.reservation_id is not None:
        wanted = Booking(
            session_id=session.id,
            patient_id=session.patient_id,
            practitioner_id=slot.practitioner_id,
            room_id=slot.room_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
        )
        await consume(db, caller, answers.reservation_id, wanted)
    patch = SessionPatch(
        starts_at=slot.starts_at,
        duration_minutes=entry.duration_minutes,
        practitioner_id=slot.practitioner_id,
        room_id=slot.room_id,
        overrides=answers.overrides,
        acknowledged=answers.acknowledged,
    )
    return await booking.reschedule(db, caller, session.id, patch, session.version)
