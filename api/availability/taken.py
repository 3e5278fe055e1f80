"""Reading who and what is taken, by sessions and by reservations, each with its buffers."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Table,
    bindparam,
    func,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession as PlainSession
from sqlalchemy.types import NullType
from sqlmodel import SQLModel
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
_SESSIONS = SQLModel.metadata.tables[str(TreatmentSession.__tablename__)]
_RESERVATIONS = SQLModel.metadata.tables[str(SlotReservation.__tablename__)]


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
    values = {
        "clinic_id": clinic_id,
        "practitioner_ids": whose.practitioner_ids,
        "room_ids": whose.room_ids,
        "patient_id": whose.patient_id,
        "begins_after": within.start - _REACH,
        "begins_before": within.end + 2 * LONGEST_BUFFER,
        "ends_after": within.start - LONGEST_BUFFER,
        "now": now,
        "ignoring": ignoring,
    }
    found: list[Any] = []
    for statement in _STATEMENTS:
        found += (await plain.execute(statement, values)).all()
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


def _raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column whose values are left as the database gives them."""
    return type_coerce(column, NullType())


def _several(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


def _taken(table: Table, counts: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Practitioners and rooms with their buffers; and the patient, who needs none."""
    of = table.c
    around = [
        of.clinic_id == bindparam("clinic_id"),
        of.starts_at > bindparam("begins_after"),
        of.starts_at < bindparam("begins_before"),
        of.id.not_in(_several("ignoring")),
        counts,
    ]
    occupied_from = func.coalesce(of.occupied_from, of.starts_at)
    occupied_until = func.coalesce(of.occupied_until, of.ends_at)
    resources = select(
        _raw(of.practitioner_id), _raw(of.room_id), null(), occupied_from, occupied_until
    ).where(
        *around,
        occupied_until > bindparam("ends_after"),
        or_(
            of.practitioner_id.in_(_several("practitioner_ids")),
            of.room_id.in_(_several("room_ids")),
        ),
    )
    patient = select(null(), null(), _raw(of.patient_id), of.starts_at, of.ends_at).where(
        *around, of.patient_id == bindparam("patient_id")
    )
    return union_all(resources, patient)


_STATEMENTS = (
    _taken(_SESSIONS, _SESSIONS.c.state.in_(OCCUPYING_STATES)),
    _taken(_RESERVATIONS, _RESERVATIONS.c.expires_at > bindparam("now")),
)
