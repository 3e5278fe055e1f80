"""The cases that wait to be reported, the most urgent first."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from api.decisions.figures import in_force
from api.security import Caller
from api.side_effects.reading import EXPECTED
from api.side_effects.submission_schemas import ReportDue, ReportsQuery
from models import Patient, ReportClock, SideEffect


def listing(caller: Caller, query: ReportsQuery) -> SelectOfScalar[ReportClock]:
    """The clocks that run and that the filters let through."""
    asked: list[ColumnElement[bool]] = [
        col(ReportClock.clinic_id) == caller.clinic_id,
        col(ReportClock.settled_at).is_(None),
    ]
    if query.overdue is not None:
        late = col(ReportClock.due_on) < caller.today
        asked.append(late if query.overdue else col(ReportClock.due_on) >= caller.today)
    if query.due_before is not None:
        asked.append(col(ReportClock.due_on) < query.due_before)
    if query.clock is not None:
        asked.append(col(ReportClock.code) == query.clock)
    if query.patient_id is not None:
        asked.append(col(ReportClock.patient_id) == query.patient_id)
    return select(ReportClock).where(*asked)


async def shown(db: AsyncSession, caller: Caller, clocks: Sequence[ReportClock]) -> list[ReportDue]:
    """The clocks in their order with their cases: two queries whatever their number."""
    figures = (await in_force(db, caller.clinic_id, caller.today)).figures
    effects = await _effects(db, caller, {clock.side_effect_id for clock in clocks})
    numbers = await _record_numbers(db, caller, {clock.patient_id for clock in clocks})
    items = []
    for clock in clocks:
        effect = effects[clock.side_effect_id]
        term, row = figures.effects.get(effect.code), figures.clocks.get(clock.code)
        left = (clock.due_on - caller.today).days
        items.append(
            ReportDue(
                id=clock.id,
                side_effect_id=effect.id,
                patient_id=clock.patient_id,
                patient_record_number=numbers[clock.patient_id],
                code=effect.code,
                term=term.name if term else effect.code,
                grade=effect.grade,
                seriousness=effect.seriousness,
                expected=EXPECTED[effect.expected],
                state=effect.state.value,
                clock=clock.code,
                clock_name=row.name if row else clock.code,
                started_on=clock.started_on,
                due_on=clock.due_on,
                days_left=left,
                overdue=left < 0,
                follow_up_id=clock.follow_up_id,
            )
        )
    return items


async def _effects(db: AsyncSession, caller: Caller, ids: set[UUID]) -> dict[UUID, SideEffect]:
    statement = select(SideEffect).where(
        SideEffect.clinic_id == caller.clinic_id, col(SideEffect.id).in_(ids)
    )
    return {effect.id: effect for effect in await db.exec(statement)}


async def _record_numbers(db: AsyncSession, caller: Caller, ids: set[UUID]) -> dict[UUID, str]:
    statement = select(Patient).where(
        Patient.clinic_id == caller.clinic_id, col(Patient.id).in_(ids)
    )
    return {patient.id: patient.record_number for patient in await db.exec(statement)}
