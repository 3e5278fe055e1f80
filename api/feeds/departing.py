"""Noting where a session was that goes to another practitioner or room, however it is moved.

A program that follows a calendar keeps what it once read, and takes out only what it is told is
cancelled. So the calendar that a session leaves must know of it for a while.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, UOWTransaction

from api.database import UnitOfWork
from models import CalendarDeparture, TreatmentSession


@event.listens_for(UnitOfWork, "before_flush")
def _note(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """Before a session's row is written elsewhere: it leaves its trace in the same transaction."""
    for row in list(session.dirty):
        if isinstance(row, TreatmentSession):
            practitioner_id, room_id = _was(row, "practitioner_id"), _was(row, "room_id")
            if practitioner_id is not None or room_id is not None:
                session.add(_departure(session, row, practitioner_id, room_id))


def _departure(
    session: Session, row: TreatmentSession, practitioner_id: UUID | None, room_id: UUID | None
) -> CalendarDeparture:
    now = session.info["now"]
    return CalendarDeparture(
        clinic_id=row.clinic_id,
        session_id=row.id,
        practitioner_id=practitioner_id,
        room_id=room_id,
        starts_at=_was(row, "starts_at") or row.starts_at,
        ends_at=_was(row, "ends_at") or row.ends_at,
        sequence=row.version,
        left_at=now,
        created_at=now,  # rows are stamped before this is told
        updated_at=now,
    )


def _was(row: TreatmentSession, name: str) -> Any:
    """What the database has, where it is about to get something else; otherwise None."""
    history = inspect(row).attrs[name].history
    return history.deleted[0] if history.has_changes() and history.deleted else None
