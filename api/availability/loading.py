"""Reading calendars: a bounded number of queries, whatever the size of the clinic."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession as PlainSession
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.calendars import Calendars
from api.availability.spans import Span
from api.availability.taken import Whose, load_taken
from api.availability.written import Absent, AtWork, Shut, Weekly, Written
from api.clock import local_day
from models import Closure, OpeningHours, TimeOff, WorkingHours


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
    return await with_taken(db, clinic_id, hours, whose, now, _ids(ignoring))


async def with_taken(
    db: AsyncSession,
    clinic_id: UUID,
    hours: Calendars,
    whose: Whose,
    now: datetime,
    ignoring: Collection[UUID] = (),
) -> Calendars:
    """The same calendars, with who and what is taken."""
    within = Span(hours.since, hours.until)
    return replace(
        hours,
        taken=await load_taken(db, clinic_id, within, whose, now, ignoring),
        known=hours.known | ({whose.patient_id} if whose.patient_id else set()),
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
    written = await read(db, clinic_id, zone, since, until, practitioner_ids, room_ids)
    return written.calendars(zone, since, until, not_before)


async def read(
    db: AsyncSession,
    clinic_id: UUID,
    zone: ZoneInfo,
    since: datetime,
    until: datetime,
    practitioner_ids: Collection[UUID],
    room_ids: Collection[UUID] = (),
) -> Written:
    """What the clinic wrote, for any stretch between `since` and `until`."""
    # Plain columns: rows are many, and none is changed.
    plain: PlainSession = db
    away = select(
        col(TimeOff.id), col(TimeOff.staff_member_id), col(TimeOff.starts_at), col(TimeOff.ends_at)
    ).where(
        col(TimeOff.clinic_id) == clinic_id,
        col(TimeOff.staff_member_id).in_(practitioner_ids),
        col(TimeOff.ends_at) > since,
        col(TimeOff.starts_at) < until,
    ).order_by(col(TimeOff.starts_at), col(TimeOff.id))  # fmt: skip
    opening = select(*_weekly(OpeningHours)).where(col(OpeningHours.clinic_id) == clinic_id)
    working = select(
        col(WorkingHours.staff_member_id), col(WorkingHours.room_id), *_weekly(WorkingHours)
    ).where(
        col(WorkingHours.clinic_id) == clinic_id,
        col(WorkingHours.staff_member_id).in_(practitioner_ids),
    )  # fmt: skip
    closures = _closures(clinic_id, zone, since, until, room_ids)
    return Written(
        people=practitioner_ids,
        rooms=room_ids,
        opening=tuple([Weekly(*row) for row in await plain.execute(opening)]),
        working=tuple(
            [AtWork(row[0], row[1], Weekly(*row[2:])) for row in await plain.execute(working)]
        ),
        closures=tuple([Shut(*row) for row in await plain.execute(closures)]),
        away=tuple([Absent(*row) for row in await plain.execute(away)]),
    )


def _weekly(table: Any) -> list[Any]:
    return [col(getattr(table, name)) for name in Weekly._fields]


def _closures(
    clinic_id: UUID, zone: ZoneInfo, since: datetime, until: datetime, room_ids: Collection[UUID]
) -> Any:
    """Closures of the clinic and of these rooms, in time order."""
    columns = [col(getattr(Closure, name)) for name in Shut._fields]
    return (
        select(*columns)
        .where(
            col(Closure.clinic_id) == clinic_id,
            col(Closure.ends_on) >= local_day(since, zone),
            col(Closure.starts_on) <= local_day(until, zone),
            col(Closure.removed_at).is_(None),
            or_(col(Closure.room_id).is_(None), col(Closure.room_id).in_(room_ids)),
        )
        .order_by(col(Closure.starts_on), col(Closure.id))
    )
