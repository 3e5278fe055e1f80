"""What a front desk notes about a booked session: confirmed, cancelled, missed."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.availability import freeing
from api.preconditions import check
from api.security import Caller
from api.sessions import moves
from api.sessions.locking import lock_session
from api.sessions.numbering import close_gap
from models import SessionState, TreatmentSession


async def confirm(
    db: AsyncSession, caller: Caller, session_id: UUID, expected: int
) -> TreatmentSession:
    """The patient has said that they will come."""
    session = await _to_move(db, caller, session_id, moves.CONFIRM, expected)
    session.state = SessionState.CONFIRMED
    session.confirmed_at = caller.now
    return await _written(db, caller, session, "session.confirmed")


async def cancel(
    db: AsyncSession, caller: Caller, session_id: UUID, reason: str, expected: int
) -> TreatmentSession:
    """The session will not take place; its time and its number are free again."""
    session = await _to_move(db, caller, session_id, moves.CANCEL, expected)
    session.state = SessionState.CANCELLED
    session.cancelled_at = caller.now
    session.cancel_reason = reason
    await close_gap(db, caller, session)
    await _written(db, caller, session, "session.cancelled")
    await freeing.tell(db, caller, freeing.Freed.of(session))
    return session


async def no_show(
    db: AsyncSession, caller: Caller, session_id: UUID, expected: int
) -> TreatmentSession:
    """The start has passed and nobody came; its number is free again."""
    session = await _to_move(db, caller, session_id, moves.NO_SHOW, expected)
    session.state = SessionState.NO_SHOW
    session.no_show_at = caller.now
    await close_gap(db, caller, session)
    await _written(db, caller, session, "session.missed")
    await freeing.tell(db, caller, freeing.Freed.of(session))
    return session


async def _to_move(
    db: AsyncSession, caller: Caller, session_id: UUID, move: str, expected: int
) -> TreatmentSession:
    session = await lock_session(db, caller, session_id)
    check(session, expected)
    moves.require(session, move, caller.now)
    return session


async def _written(
    db: AsyncSession, caller: Caller, session: TreatmentSession, action: str
) -> TreatmentSession:
    await db.flush()
    audit.record(db, caller, action, session, reason=session.cancel_reason)
    return session
