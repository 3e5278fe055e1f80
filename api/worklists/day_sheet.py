"""Everything for one day in one answer, in a number of queries that does not grow with the day."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.security import Caller
from api.sessions.moves import possible
from api.worklists import day_sheet_patients, day_sheet_supplies
from api.worklists.day_sheet_schemas import (
    DaySession,
    DaySheet,
    DaySheetQuery,
    SheetFormula,
    SheetPatient,
)
from models import Patient, Room, SessionState, StaffMember, TreatmentPlan, TreatmentSession

_TO_COME = (SessionState.SCHEDULED, SessionState.CONFIRMED, SessionState.CHECKED_IN)
_NAMES = "patients:read"


def bounds(on: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants between which a local day lies; 23 or 25 hours apart where the clocks change."""
    start = datetime.combine(on, time.min, zone)
    end = datetime.combine(on + timedelta(days=1), time.min, zone)
    return start.astimezone(UTC), end.astimezone(UTC)


async def read(db: AsyncSession, caller: Caller, query: DaySheetQuery) -> DaySheet:
    """The day's sessions by start, with what each of the caller's scopes adds."""
    on = query.on or caller.today
    rows = await _rows(db, caller, query, on)
    sessions = [session for session, *_ in rows]
    plans = {plan.id: plan for _, plan, *_ in rows}
    formulas = await day_sheet_supplies.formulas(db, caller, list(plans.values()))
    patients = {session.patient_id for session in sessions}
    about = {
        "alerts": await day_sheet_patients.alerts(db, caller, patients, on),
        "holds": await day_sheet_patients.holds(db, caller, sessions),
        "findings": await day_sheet_patients.findings(db, caller, [each.id for each in sessions]),
        "formulas": formulas,
    }
    mixed = _mixed(sessions, formulas)
    return DaySheet(
        on=on,
        time_zone=caller.zone.key,
        items=tuple(_session(caller, row, about) for row in rows),
        supplies=await day_sheet_supplies.supplies(db, caller, mixed, on),
    )


def _mixed(
    sessions: Sequence[TreatmentSession], formulas: dict[UUID, SheetFormula]
) -> list[tuple[TreatmentSession, SheetFormula]]:
    """Each session still to be performed, with what it gets."""
    to_come = [each for each in sessions if each.state in _TO_COME]
    return [(each, formulas[each.plan_id]) for each in to_come if each.plan_id in formulas]


async def _rows(db: AsyncSession, caller: Caller, query: DaySheetQuery, on: date) -> Sequence[Any]:
    """The day's sessions with plan, patient, names of practitioner and room."""
    session = TreatmentSession
    start, end = bounds(on, caller.zone)

    def same(parent: Any, key: str) -> Any:
        return and_(parent.clinic_id == session.clinic_id, parent.id == getattr(session, key))

    statement: Any = (
        select(session, TreatmentPlan, Patient, col(StaffMember.display_name), col(Room.name))
        .join(TreatmentPlan, same(TreatmentPlan, "plan_id"))
        .join(Patient, same(Patient, "patient_id"))
        .join(StaffMember, same(StaffMember, "practitioner_id"))
        .outerjoin(Room, same(Room, "room_id"))
        .where(
            col(session.clinic_id) == caller.clinic_id,
            col(session.starts_at) >= start,
            col(session.starts_at) < end,
            col(session.state) != SessionState.CANCELLED,
        )
        .order_by(col(session.starts_at), col(session.id))
    )
    for column, wanted in (
        (session.practitioner_id, query.practitioner_id),
        (session.room_id, query.room_id),
    ):
        if wanted is not None:
            statement = statement.where(col(column) == wanted)
    return list((await db.execute(statement)).all())


def _session(caller: Caller, row: Any, about: dict[str, Any]) -> DaySession:
    session, _, patient, practitioner, room = row
    return DaySession(
        **session.model_dump(),
        possible=possible(session, caller.now),
        practitioner_name=practitioner,
        room_name=room,
        patient=_patient(caller, patient),
        alerts=about["alerts"].get(session.patient_id),
        holds=about["holds"][session.id],
        findings=about["findings"].get(session.id),
        formula=about["formulas"].get(session.plan_id),
    )


def _patient(caller: Caller, patient: Patient) -> SheetPatient:
    if caller.may(_NAMES):
        return SheetPatient.model_validate(patient)
    unknown = dict.fromkeys(set(SheetPatient.model_fields) - {"id"})
    return SheetPatient(id=patient.id, **unknown)
