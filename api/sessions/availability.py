"""Whether a session can take place when it is asked for: calendars, and who and what is taken."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.calendars import Buffers, Calendars
from api.availability.loading import load, load_hours
from api.availability.reasons import Calendar, Reason
from api.decisions.matters import Scheduling
from api.decisions.turns import share_turn
from api.decisions.windows import session_window
from api.security import Caller
from api.sessions import overbooking
from api.sessions.alternatives import Wanted, nearest
from api.sessions.conflict_schemas import Refusal, Slot
from api.sessions.conflicts import ScheduleConflict, conflicts
from api.sessions.occupying import Booking
from api.sessions.refusing import OutsideCalendars, refusal


async def refuse_conflicts(
    db: AsyncSession,
    caller: Caller,
    matter: Scheduling | None,
    booking: Booking,
    *,
    not_before: datetime | None = None,
    calendars: bool = True,
    hours: Calendars | None = None,
) -> None:
    """OutsideCalendars or ScheduleConflict, with the nearest alternatives, where it cannot be.

    matter: None where no rule is asked. not_before: the earliest start, where the clinic's notice
    is asked for. calendars: False for what has already taken place, whatever the clinic's hours.
    hours: what the clinic wrote, where it was loaded in this turn.
    Expired reservations in the way are removed: practitioner, room and patient are locked. Who
    changes a calendar meanwhile comes before or waits.
    """
    await share_turn(db, caller.clinic_id)
    taken = overbooking.without(booking, await conflicts(db, caller, booking))
    refused = False
    if calendars:
        hours = hours or await load_hours(
            db, caller.clinic_id, caller.zone, *_time(booking), *_whose(booking),
            not_before=not_before,
        )  # fmt: skip
        refused = bool(hours.restrictions(*_time(booking), *_places(booking)))
    if not (refused or taken):
        return
    wanted = await _wanted(db, caller, matter, booking)
    around = await _around(db, caller, booking, wanted, not_before)
    slots = _slots(booking, wanted, around)
    if refused:
        reasons = around.restrictions(*_time(booking), *_places(booking))
        raise OutsideCalendars(_refusals(caller, booking, reasons, not_before), taken, slots)
    raise ScheduleConflict(taken, slots)


async def _wanted(
    db: AsyncSession, caller: Caller, matter: Scheduling | None, booking: Booking
) -> Wanted:
    """What was asked for, and the stretches of days on which the plan's spacing allows it."""
    length = booking.ends_at - booking.starts_at
    if matter is None:
        return Wanted(booking.starts_at, length, caller.zone)
    window = await session_window(db, caller, matter)
    runs = tuple((run.first, run.last) for run in window.runs)
    days = runs or ((window.earliest_on, window.latest_on),)
    return Wanted(booking.starts_at, length, caller.zone, days)


async def _around(
    db: AsyncSession,
    caller: Caller,
    booking: Booking,
    wanted: Wanted,
    not_before: datetime | None,
) -> Calendars:
    return await load(
        db, caller.clinic_id, caller.zone, *wanted.reach, *_whose(booking), now=caller.now,
        not_before=max(not_before or caller.now, caller.now), patient_id=booking.patient_id,
        ignoring=booking.session_id,
    )  # fmt: skip


def _slots(booking: Booking, wanted: Wanted, around: Calendars) -> list[Slot]:
    buffers = Buffers(booking.before, booking.after)
    free = around.free(*_places(booking), booking.patient_id, buffers)
    return [
        Slot(
            starts_at=start,
            ends_at=start + wanted.length,
            practitioner_id=booking.practitioner_id,
            room_id=booking.room_id,
        )
        for start in nearest(wanted, free)
    ]


def _refusals(
    caller: Caller, booking: Booking, reasons: Iterable[Reason], not_before: datetime | None
) -> list[Refusal]:
    """In words. Looking around, nothing is offered in the past; that refuses no move."""
    hurried = not_before is not None and booking.starts_at < not_before
    return [
        refusal(each, caller.now if each.calendar is Calendar.LEAD_TIME else each.start)
        for each in reasons
        if hurried or each.calendar is not Calendar.LEAD_TIME
    ]


def _time(booking: Booking) -> tuple[datetime, datetime]:
    return booking.starts_at, booking.ends_at


def _places(booking: Booking) -> tuple[UUID, UUID | None]:
    return booking.practitioner_id, booking.room_id


def _whose(booking: Booking) -> tuple[list[UUID], list[UUID]]:
    return [booking.practitioner_id], [] if booking.room_id is None else [booking.room_id]
