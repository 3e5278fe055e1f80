"""Sessions that one transaction books for one plan: what is the same for all is loaded once.

The plan may be booked, and all that they take is locked: who changes calendars, figures or records
meanwhile comes before or waits. What was booked so far is looked at anew for each.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.booking_settings import HowToBook, how_to_book
from api.availability.calendars import Calendars
from api.availability.loading import load_hours
from api.clock import local_day
from api.decisions.facts_series import SeriesFacts, load_series
from api.decisions.turns import share_turn
from api.security import Caller
from models import TreatmentPlan


@dataclass(frozen=True, slots=True)
class Series:
    """hours: calendars of all whom and what the sessions take, with the clinic's notice."""

    plan: TreatmentPlan
    how: HowToBook
    hours: Calendars
    facts: SeriesFacts


async def begin_series(
    db: AsyncSession,
    caller: Caller,
    plan: TreatmentPlan,
    times: Collection[tuple[datetime, datetime]],
    people: Collection[UUID],
    rooms: Collection[UUID],
) -> Series:
    """For sessions from and until these times, at least one.

    The caller has asked whether the plan may be booked, and has locked patient, people, rooms and
    plan.
    """
    await share_turn(db, caller.clinic_id)
    begin, end = min(start for start, _ in times), max(end for _, end in times)
    how = await how_to_book(db, caller.clinic_id)
    hours = await load_hours(
        db, caller.clinic_id, caller.zone, begin, end, people, rooms,
        not_before=how.not_before(caller.now),
    )  # fmt: skip
    days = local_day(begin, caller.zone), local_day(end, caller.zone)
    return Series(plan, how, hours, await load_series(db, caller, plan, days))
