"""What comes after the record: addenda, and marking as entered in error. Nothing is overwritten."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import touch
from api.preconditions import check
from api.security import Caller
from api.sessions import also_given, moves
from api.sessions.administration_schemas import AddendumCreate, SessionError
from api.sessions.drawing import put_back
from api.sessions.locking import lock_session
from api.sessions.numbering import close_gap
from api.sessions.records import administration_of, standing_screening
from models import (
    Addendum,
    Administration,
    Screening,
    SessionState,
    TreatmentSession,
)


async def add(
    db: AsyncSession, caller: Caller, session_id: UUID, draft: AddendumCreate
) -> tuple[TreatmentSession, Addendum]:
    """Add a note to the record of a performed session; the record itself stays as it is."""
    session = await lock_session(db, caller, session_id)
    moves.require(session, moves.ADDENDA, caller.now)
    administration = await administration_of(db, session)
    addendum = Addendum(
        clinic_id=caller.clinic_id,
        administration_id=administration.id,
        patient_id=session.patient_id,
        text=draft.text,
        reason=draft.reason,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
    )
    db.add(addendum)
    touch(session, db)
    await db.flush()
    audit.record(db, caller, "addendum.added", addendum)
    return session, addendum


async def enter_in_error(
    db: AsyncSession, caller: Caller, session_id: UUID, mistake: SessionError, expected: int
) -> TreatmentSession:
    """Say that the record was wrong: its doses count no more, and its lots get back their volume.

    Where the visit itself never took place, the screening is marked too and the session is
    cancelled; where only the injection was recorded wrongly, the session is open again for the
    right record.
    """
    session = await lock_session(db, caller, session_id)
    check(session, expected)
    moves.require(session, moves.ENTERED_IN_ERROR, caller.now)
    administration = await administration_of(db, session)
    _mark(administration, caller, mistake.reason)
    await put_back(db, caller, administration)
    for other in await also_given.standing(db, session):
        if mistake.what == "session" or other.administration_id is not None:
            also_given.mark_wrong(other, caller, mistake.reason)
    session.completed_at = None
    if mistake.what == "session":
        screening = await standing_screening(db, session)
        if screening is not None:
            _mark(screening, caller, mistake.reason)
        session.state = SessionState.CANCELLED
        session.cancelled_at = caller.now
        session.cancel_reason = mistake.reason
        await close_gap(db, caller, session)
    elif session.checked_in_at is not None:
        session.state = SessionState.CHECKED_IN
    else:
        session.state = SessionState.SCHEDULED
    await db.flush()
    audit.record(db, caller, "administration.entered_in_error", administration)
    audit.record(db, caller, f"session.{_DONE[mistake.what]}", session, reason=mistake.reason)
    return session


_DONE = {"session": "entered_in_error", "administration": "reopened"}


def _mark(row: Administration | Screening, caller: Caller, reason: str) -> None:
    row.entered_in_error_at = caller.now
    row.entered_in_error_by = caller.actor_id
    row.entered_in_error_reason = reason
