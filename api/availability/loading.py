"""Reading calendars: a bounded number of queries, whatever the size of the clinic."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_
from sqlalchemy import select as plain_select
from sqlalchemy.ext.asyncio import AsyncSession as PlainSession
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.calendars import Calendars, Resource, Working
from api.availability.reasons import Calendar, Reason
from api.availability.spans import Span, Spans, clip, tidy
from api.availability.weekly import LocalDays
from api.clock import local_day
from models import BookedResource, Closure, OpeningHours, TimeOff, TreatmentSession, WorkingHours
from models.booking_settings import LONGEST_BUFFER
from models.treatment_session import OCCUPYING_STATES

# How far a session's start may lie from another one that it leaves no room for: a day, and the
# buffers of both.
_REACH = timedelta(days=1) + 2 * LONGEST_BUFFER
# Offered where neither opening nor working hours were written: seven to nine in the evening.
DAYTIME = (timedelta(hours=7), timedelta(hours=21))

Key = TypeVar("Key")
Value = TypeVar("Value")


async def load(
    db: AsyncSession,
    clinic_id: UUID,
    zone: ZoneInfo,
    since: datetime,
    until: datetime,
    practitioner_ids: Collection[UUID],
    room_ids: Collection[UUID] = (),
    *,
    not_before: datetime | None = None,
    patient_id: UUID | None = None,
    ignoring: UUID | None = None,
) -> Calendars:
    """The calendars of these people and rooms from `since` until just before `until`.

    not_before: the earliest start that is taken; `since` if not said. ignoring: a session that
    is about to be moved, and so takes up nothing.
    """
    days = LocalDays(zone, local_day(since, zone), local_day(until, zone))
    closures = await _closures(db, clinic_id, days, room_ids)
    return Calendars(
        since=since,
        until=until,
        not_before=max(since, not_before or since),
        daytime=clip(_every_day(days), since, until),
        opening=await _opening(db, clinic_id, days, Span(since, until)),
        closed=tuple(reason for room_id, reason in closures if room_id is None),
        room_closed=_grouped((room_id, reason) for room_id, reason in closures if room_id),
        working=await _working(db, clinic_id, days, practitioner_ids),
        away=await _away(db, clinic_id, since, until, practitioner_ids),
        taken=await _taken(
            db, clinic_id, Span(since, until), practitioner_ids, room_ids, patient_id, ignoring
        ),
        known=frozenset({*practitioner_ids, *room_ids, *([patient_id] if patient_id else ())}),
    )


def _every_day(days: LocalDays) -> Spans:
    found: Spans = []
    day = days.first
    while day <= days.last:
        found += days.span(day, *DAYTIME)
        day += timedelta(days=1)
    return tidy(found)


async def _opening(
    db: AsyncSession, clinic_id: UUID, days: LocalDays, within: Span
) -> Spans | None:
    """None where the clinic never wrote opening hours; hours of other seasons count as written."""
    statement = select(OpeningHours).where(OpeningHours.clinic_id == clinic_id)
    hours = (await db.exec(statement)).all()
    return clip(days.weekly(hours), *within) if hours else None


async def _closures(
    db: AsyncSession, clinic_id: UUID, days: LocalDays, room_ids: Collection[UUID]
) -> list[tuple[UUID | None, Reason]]:
    """Closures of the clinic (room None) and of these rooms, in time order."""
    statement = (
        select(Closure)
        .where(
            Closure.clinic_id == clinic_id,
            Closure.ends_on >= days.first,
            Closure.starts_on <= days.last,
            col(Closure.removed_at).is_(None),
            or_(col(Closure.room_id).is_(None), col(Closure.room_id).in_(room_ids)),
        )
        .order_by(col(Closure.starts_on), col(Closure.id))
    )
    return [
        (closure.room_id, Reason(_kind(closure), span.start, span.end, closure.name, closure.id))
        for closure in await db.exec(statement)
        for span in days.whole(closure.starts_on, closure.ends_on)
    ]


def _kind(closure: Closure) -> Calendar:
    if closure.room_id is not None:
        return Calendar.ROOM_CLOSURE
    return Calendar.PUBLIC_HOLIDAY if closure.is_public_holiday else Calendar.CLOSURE


async def _working(
    db: AsyncSession, clinic_id: UUID, days: LocalDays, practitioner_ids: Collection[UUID]
) -> dict[UUID, Working]:
    statement = select(WorkingHours).where(
        WorkingHours.clinic_id == clinic_id,
        col(WorkingHours.staff_member_id).in_(practitioner_ids),
    )
    by_person = _grouped((hours.staff_member_id, hours) for hours in await db.exec(statement))
    working = {}
    for person, hours in by_person.items():
        by_room = _grouped((each.room_id, each) for each in hours)
        anywhere = by_room.pop(None, ())
        working[person] = Working(
            anywhere=days.weekly(anywhere),
            in_room={room: days.weekly(mine) for room, mine in by_room.items() if room},
        )
    return working


async def _away(
    db: AsyncSession,
    clinic_id: UUID,
    since: datetime,
    until: datetime,
    practitioner_ids: Collection[UUID],
) -> dict[UUID, tuple[Reason, ...]]:
    statement = (
        select(TimeOff)
        .where(
            TimeOff.clinic_id == clinic_id,
            col(TimeOff.staff_member_id).in_(practitioner_ids),
            TimeOff.ends_at > since,
            TimeOff.starts_at < until,
        )
        .order_by(col(TimeOff.starts_at), col(TimeOff.id))
    )
    reasons = [
        (row.staff_member_id, Reason(Calendar.TIME_OFF, row.starts_at, row.ends_at, None, row.id))
        for row in await db.exec(statement)
    ]
    return _grouped(reasons)


async def _taken(
    db: AsyncSession,
    clinic_id: UUID,
    within: Span,
    practitioner_ids: Collection[UUID],
    room_ids: Collection[UUID],
    patient_id: UUID | None,
    ignoring: UUID | None,
) -> dict[Resource, Spans]:
    """What sessions take up. Plain columns: thousands of rows are read, none of them changed."""
    table = TreatmentSession
    wanted: list[ColumnElement[bool]] = [
        col(table.practitioner_id).in_(practitioner_ids),
        col(table.room_id).in_(room_ids),
    ]
    if patient_id is not None:
        wanted.append(col(table.patient_id) == patient_id)
    statement = plain_select(
        col(table.practitioner_id), col(table.room_id), col(table.patient_id),
        col(table.starts_at), col(table.ends_at),
        col(table.occupied_from), col(table.occupied_until),
    ).where(
        col(table.clinic_id) == clinic_id,
        col(table.starts_at) > within.start - _REACH,
        col(table.starts_at) < within.end + 2 * LONGEST_BUFFER,
        col(table.state).in_(OCCUPYING_STATES),
        or_(*wanted),
    )  # fmt: skip
    if ignoring is not None:
        statement = statement.where(col(table.id) != ignoring)
    people, rooms = frozenset(practitioner_ids), frozenset(room_ids)
    found: dict[Resource, list[Span]] = {}
    plain: PlainSession = db
    for person, room, patient, start, end, since, until in await plain.execute(statement):
        occupied = Span(since or start, until or end)
        if person in people:
            found.setdefault((BookedResource.PRACTITIONER, person), []).append(occupied)
        if room in rooms:
            found.setdefault((BookedResource.ROOM, room), []).append(occupied)
        if patient == patient_id:
            found.setdefault((BookedResource.PATIENT, patient), []).append(Span(start, end))
    return {resource: tidy(spans) for resource, spans in found.items()}


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, tuple[Value, ...]]:
    groups: dict[Key, list[Value]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}
