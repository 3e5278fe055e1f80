"""Reading who and what is taken, by sessions and by reservations, each with its buffers."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession as PlainSession
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.calendars import Resource
from api.availability.spans import Span, Spans, tidy
from models import BookedResource, SlotReservation, TreatmentSession
from models.booking_settings import LONGEST_BUFFER
from models.treatment_session import OCCUPYING_STATES

# How far a session's start may lie from another one that it leaves no room for: a day, and the
# buffers of both.
_REACH = timedelta(days=1) + 2 * LONGEST_BUFFER


class TakenUp(NamedTuple):
    """One session or reservation. occupied: with its buffers; None where it has none."""

    practitioner_id: UUID
    room_id: UUID | None
    patient_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    occupied_from: datetime | None = None
    occupied_until: datetime | None = None


class Whose(NamedTuple):
    """For whom and for what one looks."""

    practitioner_ids: frozenset[UUID]
    room_ids: frozenset[UUID]
    patient_id: UUID | None


async def load_taken(
    db: AsyncSession,
    clinic_id: UUID,
    within: Span,
    whose: Whose,
    now: datetime,
    ignoring: Collection[UUID] = (),
) -> dict[Resource, Spans]:
    """What takes up time around `within`. Plain columns: rows are many, and none is changed."""
    plain: PlainSession = db
    found: list[TakenUp] = []
    for table in (TreatmentSession, SlotReservation):
        statement = select(*(col(getattr(table, name)) for name in TakenUp._fields)).where(
            col(table.clinic_id) == clinic_id,
            col(table.starts_at) > within.start - _REACH,
            col(table.starts_at) < within.end + 2 * LONGEST_BUFFER,
            *_counts(table, now),
            or_(*_touches(table, whose)),
        )  # fmt: skip
        if ignoring:
            statement = statement.where(col(table.id).not_in(ignoring))
        found += [TakenUp(*row) for row in await plain.execute(statement)]
    return by_resource(found, whose)


def by_resource(rows: Iterable[TakenUp], whose: Whose) -> dict[Resource, Spans]:
    """When each of them is taken: a patient for the session, the others with the buffers too."""
    found: dict[Resource, list[Span]] = {}
    for row in rows:
        occupied = Span(row.occupied_from or row.starts_at, row.occupied_until or row.ends_at)
        if row.practitioner_id in whose.practitioner_ids:
            mine = found.setdefault((BookedResource.PRACTITIONER, row.practitioner_id), [])
            mine.append(occupied)
        if row.room_id is not None and row.room_id in whose.room_ids:
            found.setdefault((BookedResource.ROOM, row.room_id), []).append(occupied)
        if row.patient_id is not None and row.patient_id == whose.patient_id:
            mine = found.setdefault((BookedResource.PATIENT, row.patient_id), [])
            mine.append(Span(row.starts_at, row.ends_at))
    return {resource: tidy(spans) for resource, spans in found.items()}


def _counts(table: Any, now: datetime) -> list[ColumnElement[bool]]:
    if table is TreatmentSession:
        return [col(TreatmentSession.state).in_(OCCUPYING_STATES)]
    return [col(SlotReservation.expires_at) > now]


def _touches(table: Any, whose: Whose) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = [
        col(table.practitioner_id).in_(whose.practitioner_ids),
        col(table.room_id).in_(whose.room_ids),
    ]
    if whose.patient_id is not None:
        asked.append(col(table.patient_id) == whose.patient_id)
    return asked
