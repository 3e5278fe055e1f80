"""Reading calendars: a bounded number of queries, whatever the size of the clinic."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.calendars import Calendars, Working
from api.availability.reasons import Calendar, Reason
from api.availability.spans import Span, Spans, clip, tidy
from api.availability.taken import Whose, load_taken
from api.availability.weekly import LocalDays
from api.clock import local_day
from models import Closure, OpeningHours, TimeOff, WorkingHours

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
    now: datetime,
    not_before: datetime | None = None,
    patient_id: UUID | None = None,
    ignoring: UUID | Collection[UUID] | None = None,
) -> Calendars:
    """The calendars of these people and rooms from `since` until just before `until`.

    now: reservations that have not expired by then count. not_before: the earliest start that is
    taken; `since` if not said. ignoring: sessions that are about to be moved, or a
    reservation that is about to be used, and so take up nothing.
    """
    hours = await load_hours(
        db, clinic_id, zone, since, until, practitioner_ids, room_ids, not_before=not_before
    )
    whose = Whose(frozenset(practitioner_ids), frozenset(room_ids), patient_id)
    return replace(
        hours,
        taken=await load_taken(db, clinic_id, Span(since, until), whose, now, _ids(ignoring)),
        known=hours.known | ({patient_id} if patient_id else set()),
    )


def _ids(ignoring: UUID | Collection[UUID] | None) -> Collection[UUID]:
    if ignoring is None:
        return ()
    return (ignoring,) if isinstance(ignoring, UUID) else ignoring


async def load_hours(
    db: AsyncSession,
    clinic_id: UUID,
    zone: ZoneInfo,
    since: datetime,
    until: datetime,
    practitioner_ids: Collection[UUID],
    room_ids: Collection[UUID] = (),
    *,
    not_before: datetime | None = None,
) -> Calendars:
    """As `load`, without looking at who and what is taken: enough for `restrictions`."""
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
        known=frozenset({*practitioner_ids, *room_ids}),
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


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, tuple[Value, ...]]:
    groups: dict[Key, list[Value]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}
