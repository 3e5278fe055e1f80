"""Public holidays of the clinic's country and region, from a maintained library.

They close nothing by themselves: importing a year writes them as closures, each of which can then
be moved, renamed or removed. Importing again adds what is missing and undoes none of that.
"""

import asyncio
from datetime import date
from functools import lru_cache

import holidays
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.clinics.calendar_schemas import HolidayRead, HolidaysRead
from api.clinics.closures import CLOSED, day_bounds
from api.clinics.opening_hours import lock_clinic
from api.problems import invalid
from api.security import Caller
from api.sessions.outside import Changed, sessions_outside
from api.sessions.outside_schemas import Outside
from models import Clinic, Closure


async def public_holidays(db: AsyncSession, caller: Caller, year: int) -> HolidaysRead:
    """The year's holidays, and which of them are closures of the clinic already."""
    clinic = await db.get_one(Clinic, caller.clinic_id)
    named = await _named(clinic, year)
    closures = {each.holiday_on: each for each in await _imported(db, caller, year)}
    known = [(day, closures.get(day)) for day in sorted(named)]
    return HolidaysRead(
        year=year,
        country=clinic.country,
        region=clinic.region if _subdivision(clinic) else None,
        holidays=tuple(
            HolidayRead(
                holiday_on=day,
                name=named[day],
                closure_id=row.id if row is not None and row.removed_at is None else None,
            )
            for day, row in known
        ),
    )


async def import_holidays(
    db: AsyncSession, caller: Caller, year: int
) -> tuple[HolidaysRead, int, Outside]:
    """Write those from today on as closures; how many are new."""
    clinic = await lock_clinic(db, caller)
    known = {each.holiday_on for each in await _imported(db, caller, year)}
    new = [
        Closure(
            clinic_id=caller.clinic_id, starts_on=day, ends_on=day, name=name,
            is_public_holiday=True, holiday_on=day,
        )
        for day, name in sorted((await _named(clinic, year)).items())
        if day not in known and day >= caller.today
    ]  # fmt: skip
    for row in new:
        db.add(row)
        audit.record(db, caller, "closure.added", row, reason="public holidays")
    since, until = day_bounds(caller, date(year, 1, 1), date(year, 12, 31))
    outside = await sessions_outside(db, caller, Changed(CLOSED, since=since, until=until))
    return await public_holidays(db, caller, year), len(new), outside


async def _imported(db: AsyncSession, caller: Caller, year: int) -> list[Closure]:
    """The closures that came from this year's holidays, removed ones too."""
    statement = select(Closure).where(
        Closure.clinic_id == caller.clinic_id,
        col(Closure.holiday_on).between(date(year, 1, 1), date(year, 12, 31)),
    )
    return list(await db.exec(statement))


async def _named(clinic: Clinic, year: int) -> dict[date, str]:
    """The year's holidays by day. Raises InvalidRequest for a country that nobody knows."""
    country, subdivision = clinic.country, _subdivision(clinic)
    if country not in _countries():
        raise invalid(
            "/year", "unknown_country", "No public holidays are known for the clinic's country."
        )
    # The first look at a country reads its rules, which takes a third of a second.
    language = clinic.language.replace("-", "_")
    return await asyncio.to_thread(_of_year, country, subdivision, language, year)


@lru_cache(maxsize=256)
def _of_year(country: str, subdivision: str | None, language: str, year: int) -> dict[date, str]:
    spoken = holidays.list_localized_countries().get(country, [])
    fitting = [each for each in spoken if each == language or each.startswith(language + "_")]
    found = holidays.country_holidays(
        country,
        subdiv=subdivision,
        years=year,
        language=fitting[0] if fitting else None,
    )
    return {day: name[:120] for day, name in found.items() if day.year == year}


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    return holidays.list_supported_countries()


def _subdivision(clinic: Clinic) -> str | None:
    """The region as the library calls it; None where it has no days of its own."""
    part = (clinic.region or "").partition("-")[2]
    return part if part in _countries().get(clinic.country, []) else None
