"""Noting where a session was that goes to another practitioner or room, however it is moved.

A program that follows a calendar keeps what it once read, and takes out only what it is told is
cancelled. So the calendar that a session leaves must know of it for a while. Whoever makes new
traces removes the old ones.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, event, inspect, select
from sqlalchemy.orm import Session, UOWTransaction
from sqlmodel import col

from api.database import UnitOfWork
from api.feeds.calendars import TOMBSTONE
from models import CalendarDeparture, TreatmentSession

_REMOVED = 500  # at once: more than any transaction makes, so that they never pile up
_MINE = col(CalendarDeparture.clinic_id) == bindparam("clinic_id")
# Those that another transaction is removing just now are left to it.
_OLD = (
    select(col(CalendarDeparture.id))
    .where(_MINE, col(CalendarDeparture.left_at) < bindparam("before"))
    .order_by(col(CalendarDeparture.left_at), col(CalendarDeparture.id))
    .limit(_REMOVED)
    .with_for_update(skip_locked=True)
)
_REMOVE = (
    delete(CalendarDeparture)
    .where(_MINE, col(CalendarDeparture.id).in_(bindparam("ids", expanding=True)))
    .execution_options(synchronize_session=False)
)


@event.listens_for(UnitOfWork, "before_flush")
def _note(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """Before a session's row is written elsewhere: it leaves its trace in the same transaction."""
    for row in list(session.dirty):
        if isinstance(row, TreatmentSession):
            practitioner_id, room_id = _was(row, "practitioner_id"), _was(row, "room_id")
            if practitioner_id is not None or room_id is not None:
                session.add(_departure(session, row, practitioner_id, room_id))
                _forget(session, row.clinic_id)


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


def _forget(session: Session, clinic_id: UUID) -> None:
    """Remove what no calendar shows any more; once in a transaction, however many it moves."""
    if session.info.get("departures_forgotten"):
        return
    session.info["departures_forgotten"] = True
    before = session.info["now"] - TOMBSTONE
    old = session.execute(_OLD, {"clinic_id": clinic_id, "before": before}).scalars().all()
    if old:
        session.execute(_REMOVE, {"clinic_id": clinic_id, "ids": old})


def _was(row: TreatmentSession, name: str) -> Any:
    """What the database has, where it is about to get something else; otherwise None."""
    history = inspect(row).attrs[name].history
    return history.deleted[0] if history.has_changes() and history.deleted else None
