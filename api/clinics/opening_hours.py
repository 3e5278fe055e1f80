"""When the clinic is open, and how it books. Both change under the clinic's own ETag."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.availability.booking_settings import settings_row
from api.availability.reasons import Calendar
from api.availability.weekly_schemas import WeeklyHoursIn, columns
from api.availability.weekly_schemas import check as check_hours
from api.clinics.calendar_schemas import BookingSettingsPatch
from api.database import touch
from api.preconditions import check
from api.problems import FieldError, InvalidRequest, NotFound
from api.security import Caller
from api.sessions.outside import Changed, sessions_outside
from api.sessions.outside_schemas import Outside
from models import BookingSettings, Clinic, OpeningHours, SessionKind

_OPENING = Changed(frozenset({Calendar.OPENING_HOURS}))


async def lock_clinic(db: AsyncSession, caller: Caller) -> Clinic:
    """The clinic's row, which whoever changes its calendars holds."""
    clinic = await db.get(
        Clinic, caller.clinic_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if clinic is None:
        raise NotFound
    return clinic


async def opening_hours(db: AsyncSession, caller: Caller) -> list[OpeningHours]:
    """All of them, those of other seasons too, by weekday and time."""
    hours = col(OpeningHours.opens_minute), col(OpeningHours.valid_from), col(OpeningHours.id)
    statement = select(OpeningHours).where(OpeningHours.clinic_id == caller.clinic_id)
    return list(await db.exec(statement.order_by(col(OpeningHours.weekday), *hours)))


async def replace_opening_hours(
    db: AsyncSession, caller: Caller, hours: Sequence[WeeklyHoursIn], expected: int
) -> tuple[Clinic, Outside]:
    """These hours and no others. Raises InvalidRequest where two of them overlap."""
    clinic = await lock_clinic(db, caller)
    check(clinic, expected)
    check_hours(hours)
    for row in await opening_hours(db, caller):
        await db.delete(row)
    await db.flush()
    db.add_all(OpeningHours(clinic_id=caller.clinic_id, **columns(each)) for each in hours)
    touch(clinic, db)
    audit.record_clinic(db, caller, "opening_hours.replaced", clinic)
    return clinic, await sessions_outside(db, caller, _OPENING)


async def change_booking_settings(
    db: AsyncSession, caller: Caller, patch: BookingSettingsPatch, expected: int
) -> tuple[Clinic, BookingSettings]:
    """Holds for what is booked from now on; what is booked keeps the buffers it has."""
    clinic = await lock_clinic(db, caller)
    check(clinic, expected)
    named = sorted(patch.model_fields_set)
    nulls = [name for name in named if getattr(patch, name) is None]
    if nulls:
        raise InvalidRequest(
            [FieldError(f"/{name}", "required", "This cannot be removed.") for name in nulls]
        )
    row = await settings_row(db, caller.clinic_id)
    for name, value in _columns(patch).items():
        setattr(row, name, value)
    db.add(row)
    touch(clinic, db)
    audit.record(db, caller, "booking_settings.changed", row)
    await db.flush()
    return clinic, row


def _columns(patch: BookingSettingsPatch) -> dict[str, int]:
    """What the patch names, as the row keeps it."""
    found = {"lead_minutes": patch.lead_time_minutes, "grid_minutes": patch.grid_minutes}
    for kind in SessionKind:
        usual = getattr(patch, kind.value)
        if usual is not None:
            found[f"{kind}_minutes"] = usual.duration_minutes
            found[f"{kind}_before_minutes"] = usual.before_minutes
            found[f"{kind}_after_minutes"] = usual.after_minutes
    return {name: value for name, value in found.items() if value is not None}
