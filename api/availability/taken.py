"""Reading who and what is taken, by sessions and by reservations, each with its buffers."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    func,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession as PlainSession
from sqlalchemy.types import NullType
from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.calendars import Resource
from api.availability.spans import Span, Spans, tidy
from models import BookedResource, SlotReservation, TreatmentSession
from models.booking_settings import LONGEST_BUFFER
from models.treatment_session import OCCUPYING_STATES

# How long before what is asked about a session may begin that still takes up some of it: a day,
# and the buffers of both.
_REACH = timedelta(days=1) + 2 * LONGEST_BUFFER
# Tables, not classes: rows are many, and the ORM would take longer over each than all the rest.
_SESSIONS: Table = TreatmentSession.__table__  # type: ignore[attr-defined]
_RESERVATIONS: Table = SlotReservation.__table__  # type: ignore[attr-defined]


class Taken(NamedTuple):
    """From when to when whoever is named is taken. Ids are as the database gives them."""

    practitioner_id: object
    room_id: object
    patient_id: object
    start: datetime
    end: datetime


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
    """What takes up time in `within`, or so close to it that its buffers do."""
    plain: PlainSession = db
    found: list[Any] = []
    for table in (_SESSIONS, _RESERVATIONS):
        counting = [table.c.clinic_id == clinic_id, *_around(table, within), _counts(table, now)]
        if ignoring:
            counting.append(table.c.id.not_in(ignoring))
        statement = union_all(*(each.where(*counting) for each in _selects(table, within, whose)))
        found += (await plain.execute(statement)).all()
    return by_resource(found, whose)


def by_resource(rows: Iterable[Taken], whose: Whose) -> dict[Resource, Spans]:
    """When each of them is taken."""
    people = _by_any_id(BookedResource.PRACTITIONER, whose.practitioner_ids)
    rooms = _by_any_id(BookedResource.ROOM, whose.room_ids)
    patients = _by_any_id(BookedResource.PATIENT, [whose.patient_id] if whose.patient_id else [])
    found: dict[Resource, list[Span]] = defaultdict(list)
    for person, room, patient, start, end in rows:
        span = Span(start, end)
        if person in people:
            found[people[person]].append(span)
        if room in rooms:
            found[rooms[room]].append(span)
        if patient in patients:
            found[patients[patient]].append(span)
    return {resource: tidy(spans) for resource, spans in found.items()}


def _by_any_id(kind: BookedResource, ids: Iterable[UUID]) -> dict[object, Resource]:
    """By id as the databases give it: PostgreSQL as a UUID, SQLite as its 32 digits."""
    return {given: (kind, each) for each in ids for given in (each, each.hex)}


def _selects(table: Table, within: Span, whose: Whose) -> Iterable[Select[Any]]:
    """Practitioners and rooms with their buffers; and the patient, who needs none."""
    of = table.c
    until = func.coalesce(of.occupied_until, of.ends_at)
    yield select(
        _raw(of.practitioner_id),
        _raw(of.room_id),
        null(),
        func.coalesce(of.occupied_from, of.starts_at),
        until,
    ).where(
        until > within.start - LONGEST_BUFFER,
        or_(of.practitioner_id.in_(whose.practitioner_ids), of.room_id.in_(whose.room_ids)),
    )  # fmt: skip
    if whose.patient_id is not None:
        yield select(null(), null(), _raw(of.patient_id), of.starts_at, of.ends_at).where(
            of.patient_id == whose.patient_id
        )


def _around(table: Table, within: Span) -> list[ColumnElement[bool]]:
    """What the indexes know of where a session lies: it begins neither too early nor too late."""
    starts_at = table.c.starts_at
    return [starts_at > within.start - _REACH, starts_at < within.end + 2 * LONGEST_BUFFER]


def _counts(table: Table, now: datetime) -> ColumnElement[bool]:
    if table is _SESSIONS:
        return table.c.state.in_(OCCUPYING_STATES)
    return table.c.expires_at > now


def _raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column whose values are left as the database gives them."""
    return type_coerce(column, NullType())
