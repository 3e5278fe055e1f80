"""What is there before anything is moved: who and what is free, and which sessions are affected."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.booking_settings import HowToBook, how_to_book
from api.availability.calendars import Calendars
from api.availability.loading import load
from api.availability.reasons import Calendar, Reason
from api.availability.spans import Span, Spans
from api.clock import local_day
from api.repairs.affected import busy_patients, load_affected
from api.repairs.candidates import Moving
from api.repairs.needs import Possible, load_possible
from api.security import Caller
from models import PlanState, Repair

_MOVABLE = (PlanState.ACTIVE, PlanState.ON_HOLD)


@dataclass(frozen=True, slots=True)
class Scene:
    """All that the places are picked from."""

    caller: Caller
    how: HowToBook
    possible: Possible
    calendars: Calendars
    busy: dict[UUID, Spans]
    moving: list[Moving]
    horizon: datetime


async def load_scene(db: AsyncSession, caller: Caller, repair: Repair) -> Scene:
    """The sessions of the repair, and calendars in which they take up nothing."""
    options = json.loads(repair.options)
    how = await how_to_book(db, caller.clinic_id)
    booked = await load_affected(db, caller, repair, caller.now)
    possible = await load_possible(db, caller)
    horizon = caller.now + timedelta(days=options["horizon_days"])
    ids = [each.session.id for each in booked]
    patients = {each.session.patient_id for each in booked}
    calendars = await load(
        db, caller.clinic_id, caller.zone, caller.now, horizon,
        possible.people, [room.id for room in possible.rooms], now=caller.now, ignoring=ids,
    )  # fmt: skip
    busy = await busy_patients(
        db, caller.clinic_id, patients, Span(caller.now, horizon + timedelta(days=1)), ids
    )
    moving = [Moving(each, local_day(each.session.starts_at, caller.zone)) for each in booked]
    for each in moving:
        _close(each)
    return Scene(caller, how, possible, _without(calendars, repair), busy, moving, horizon)


def _close(moving: Moving) -> None:
    """Sessions that the ordinary rescheduling would not touch."""
    plan, patient = moving.booked.plan, moving.booked.patient
    if plan.state not in _MOVABLE:
        moving.code, moving.why = "plan_state", f"The plan is {plan.state.replace('_', ' ')}."
    elif patient.archived_at is not None or patient.erased_at is not None:
        moving.code, moving.why = "record_closed", "The patient's record is closed."


def _without(calendars: Calendars, repair: Repair) -> Calendars:
    """The same calendars, with what the repair says is unavailable."""
    start, end = repair.starts_at, repair.ends_at
    if repair.practitioner_id is not None:
        away = dict(calendars.away)
        reason = Reason(Calendar.TIME_OFF, start, end)
        away[repair.practitioner_id] = (*away.get(repair.practitioner_id, ()), reason)
        return replace(calendars, away=away, _made={})
    if repair.room_id is not None:
        closed = dict(calendars.room_closed)
        reason = Reason(Calendar.ROOM_CLOSURE, start, end)
        closed[repair.room_id] = (*closed.get(repair.room_id, ()), reason)
        return replace(calendars, room_closed=closed, _made={})
    reason = Reason(Calendar.CLOSURE, start, end)
    return replace(calendars, closed=(*calendars.closed, reason), _made={})
