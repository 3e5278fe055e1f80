"""Reading who and what is taken, by sessions and by reservations, each with its buffers."""

from collections.abc import Collection
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
    found: dict[Resource, list[Span]] = {}
    for table in (TreatmentSession, SlotReservation):
        statement = select(
            col(table.practitioner_id), col(table.room_id), col(table.patient_id),
            col(table.starts_at), col(table.ends_at),
            col(table.occupied_from), col(table.occupied_until),
        ).where(
            col(table.clinic_id) == clinic_id,
            col(table.starts_at) > within.start - _REACH,
            col(table.starts_at) < within.end + 2 * LONGEST_BUFFER,
            *_counts(table, now),
            or_(*_touches(table, whose)),
        )  # fmt: skip
        if ignoring:
            statement = statement.where(col(table.id).not_in(ignoring))
        for row in await plain.execute(statement):
            _add(found, whose, *row)
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


def _add(
    found: dict[Resource, list[Span]],
    whose: Whose,
    practitioner_id: UUID,
    room_id: UUID | None,
    patient_id: UUID | None,
    start: datetime,
    end: datetime,
    since: datetime | None,
    until: datetime | None,
) -> None:
    occupied = Span(since or start, until or end)
    if practitioner_id in whose.practitioner_ids:
        found.setdefault((BookedResource.PRACTITIONER, practitioner_id), []).append(occupied)
    if room_id in whose.room_ids and room_id is not None:
        found.setdefault((BookedResource.ROOM, room_id), []).append(occupied)
    if patient_id is not None and patient_id == whose.patient_id:
        found.setdefault((BookedResource.PATIENT, patient_id), []).append(Span(start, end))
