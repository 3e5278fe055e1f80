"""The other half of the chart: plans that are not over, sessions past and to come."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.fields import plain, to_decimal
from api.patients.chart_schemas import ChartAlsoGiven, ChartPlan, ChartSession, ChartWindow
from api.security import Caller
from models import (
    AlsoGiven,
    Formula,
    FormulaVersion,
    PlanState,
    ProtocolVersion,
    SessionState,
    TreatmentPlan,
    TreatmentProtocol,
    TreatmentSession,
)

# The window of a plan's next session as of a day. The rules answer it, and they stand above the
# patients: the application passes the question in (`main`), so that no arrow runs up.
WindowOf = Callable[[AsyncSession, Caller, TreatmentPlan, date], Awaitable[Any]]

_SESSIONS = 5
_COMING = (SessionState.SCHEDULED, SessionState.CONFIRMED, SessionState.CHECKED_IN)
_NOT_OVER = (PlanState.ACTIVE, PlanState.ON_HOLD, PlanState.DRAFT)


async def plans(
    db: AsyncSession, caller: Caller, patient_id: UUID, window_of: WindowOf | None
) -> tuple[ChartPlan, ...]:
    """Plans that are not over, newest first, each with what comes next in it."""
    if not caller.may("plans:read"):
        return ()
    rows = await _with_protocols(db, caller, patient_id)
    ids = [plan.id for plan, _, _ in rows]
    formulas = await _formulas(db, caller, [plan.formula_version_id for plan, _, _ in rows])
    completed = await _completed(db, caller, ids)
    following = await _following(db, caller, ids)
    shown = []
    for plan, protocol_name, protocol_version in rows:
        chart_plan = ChartPlan.model_validate(
            plan.model_dump()
            | formulas[plan.formula_version_id]
            | {"protocol_name": protocol_name, "protocol_version": protocol_version}
            | {"sessions_completed": completed.get(plan.id, 0)}
        )
        window = await _window(db, caller, plan, window_of)
        shown.append(chart_plan.with_course(following.get(plan.id), window))
    return tuple(shown)


async def _with_protocols(
    db: AsyncSession, caller: Caller, patient_id: UUID
) -> Sequence[tuple[TreatmentPlan, str, int]]:
    """The plans, each with the name and number of the protocol version that it pins."""
    statement = (
        select(TreatmentPlan, TreatmentProtocol.name, ProtocolVersion.number)
        .join(
            ProtocolVersion,
            (col(ProtocolVersion.clinic_id) == col(TreatmentPlan.clinic_id))
            & (col(ProtocolVersion.id) == col(TreatmentPlan.protocol_version_id)),
        )
        .join(
            TreatmentProtocol,
            (col(TreatmentProtocol.clinic_id) == col(ProtocolVersion.clinic_id))
            & (col(TreatmentProtocol.id) == col(ProtocolVersion.protocol_id)),
        )
        .where(
            TreatmentPlan.clinic_id == caller.clinic_id,
            TreatmentPlan.patient_id == patient_id,
            col(TreatmentPlan.state).in_(_NOT_OVER),
        )
        .order_by(col(TreatmentPlan.id).desc())
    )
    return (await db.exec(statement)).all()


async def _formulas(
    db: AsyncSession, caller: Caller, version_ids: list[UUID]
) -> dict[UUID, dict[str, Any]]:
    """By version: the formula, its name and the number of the version."""
    statement = (
        select(FormulaVersion.id, FormulaVersion.number, Formula.id, Formula.name)
        .join(
            Formula,
            (col(Formula.clinic_id) == col(FormulaVersion.clinic_id))
            & (col(Formula.id) == col(FormulaVersion.formula_id)),
        )
        .where(
            FormulaVersion.clinic_id == caller.clinic_id, col(FormulaVersion.id).in_(version_ids)
        )
    )
    return {
        version_id: {"formula_id": formula_id, "formula_name": name, "formula_version": number}
        for version_id, number, formula_id, name in (await db.exec(statement)).all()
    }


async def _completed(db: AsyncSession, caller: Caller, plan_ids: list[UUID]) -> dict[UUID, int]:
    statement = (
        select(TreatmentSession.plan_id, func.count())
        .where(
            TreatmentSession.clinic_id == caller.clinic_id,
            col(TreatmentSession.plan_id).in_(plan_ids),
            TreatmentSession.state == SessionState.COMPLETED,
        )
        .group_by(col(TreatmentSession.plan_id))
    )
    return dict((await db.exec(statement)).all())


async def _following(
    db: AsyncSession, caller: Caller, plan_ids: list[UUID]
) -> dict[UUID, ChartSession]:
    """The first session to come of each plan."""
    if not caller.may("sessions:read"):
        return {}
    statement = (
        select(TreatmentSession)
        .where(
            TreatmentSession.clinic_id == caller.clinic_id,
            col(TreatmentSession.plan_id).in_(plan_ids),
            col(TreatmentSession.state).in_(_COMING),
        )
        .order_by(col(TreatmentSession.starts_at).desc())
    )
    rows = (await db.exec(statement)).all()
    return {row.plan_id: ChartSession.model_validate(row) for row in rows}


async def _window(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, window_of: WindowOf | None
) -> ChartWindow | None:
    if window_of is None or plan.state is not PlanState.ACTIVE:
        return None
    return ChartWindow.model_validate(await window_of(db, caller, plan, caller.today))


async def recent_sessions(
    db: AsyncSession, caller: Caller, patient_id: UUID
) -> tuple[ChartSession, ...]:
    """The last sessions whose start has passed, newest first, whatever became of them."""
    sessions = await _sessions(
        db,
        caller,
        patient_id,
        col(TreatmentSession.starts_at) <= caller.now,
        col(TreatmentSession.starts_at).desc(),
    )
    others = await _also_given(db, caller, [each.id for each in sessions])
    return tuple(
        each.model_copy(update={"also_given": tuple(others.get(each.id, ()))}) for each in sessions
    )


async def _also_given(
    db: AsyncSession, caller: Caller, session_ids: list[UUID]
) -> dict[UUID, list[ChartAlsoGiven]]:
    """What was given besides the injections, by session, in the order of entry."""
    statement = (
        select(AlsoGiven)
        .where(
            AlsoGiven.clinic_id == caller.clinic_id,
            col(AlsoGiven.session_id).in_(session_ids),
            col(AlsoGiven.entered_in_error_at).is_(None),
        )
        .order_by(col(AlsoGiven.id))
    )
    found: dict[UUID, list[ChartAlsoGiven]] = {}
    for row in await db.exec(statement):
        dose = None if row.dose_micro is None else plain(to_decimal(row.dose_micro, 6))
        shown = ChartAlsoGiven(
            **row.model_dump(include={"ingredient_code", "name", "route", "unit"}), dose=dose
        )
        found.setdefault(row.session_id, []).append(shown)
    return found


async def next_sessions(
    db: AsyncSession, caller: Caller, patient_id: UUID
) -> tuple[ChartSession, ...]:
    """The next sessions that are still to take place, soonest first."""
    is_coming = col(TreatmentSession.state).in_(_COMING)
    return await _sessions(
        db,
        caller,
        patient_id,
        (col(TreatmentSession.starts_at) > caller.now) & is_coming,
        col(TreatmentSession.starts_at).asc(),
    )


async def _sessions(
    db: AsyncSession, caller: Caller, patient_id: UUID, which: Any, order: Any
) -> tuple[ChartSession, ...]:
    if not caller.may("sessions:read"):
        return ()
    statement = (
        select(TreatmentSession)
        .where(
            TreatmentSession.clinic_id == caller.clinic_id,
            TreatmentSession.patient_id == patient_id,
            which,
        )
        .order_by(order)
        .limit(_SESSIONS)
    )
    return tuple(ChartSession.model_validate(row) for row in (await db.exec(statement)).all())
