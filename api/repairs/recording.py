"""Writing down that somebody or something is unavailable, once its sessions have been moved."""

from datetime import datetime, time, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from api.clinics import closures
from api.clinics.calendar_schemas import ClosureCreate
from api.clock import local_day
from api.problems import invalid
from api.security import Caller
from api.staff import time_off
from api.staff.hours_schemas import TimeOffCreate
from models import Repair


def check(caller: Caller, repair: Repair) -> None:
    """Forbidden for who may not write that calendar; InvalidRequest where a closure, which is of
    whole local days, could not say it."""
    if repair.practitioner_id is not None:
        caller.require("staff:manage")
        return
    caller.require("clinic:manage")
    walls = (each.astimezone(caller.zone).time() for each in (repair.starts_at, repair.ends_at))
    if any(wall != time(0) for wall in walls):
        raise invalid(
            "/record_unavailability",
            "whole_days",
            "Closures are of whole local days; this begins or ends within one.",
        )


async def record(db: AsyncSession, caller: Caller, repair: Repair) -> None:
    """The time off or the closure, as if it were entered by hand. What stayed in it is on the
    review worklist then."""
    if repair.practitioner_id is not None:
        away = TimeOffCreate(
            starts_at=repair.starts_at, ends_at=repair.ends_at, reason=repair.reason
        )
        await time_off.add(db, caller, repair.practitioner_id, away)
        return
    closed = ClosureCreate(
        starts_on=max(local_day(repair.starts_at, caller.zone), caller.today),
        ends_on=local_day(_before(repair.ends_at), caller.zone),
        name=repair.reason,
        room_id=repair.room_id,
    )
    await closures.close(db, caller, closed)


def _before(end: datetime) -> datetime:
    """An instant of the last day; the end itself belongs to the next."""
    return end - timedelta(microseconds=1)
