"""Whom to call: active plans whose next session nobody has booked.

Windows are read off the rules (`api.decisions`), so they cannot be searched by: plans are gone
through in the order of how long they have waited, a bounded number of them for each request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import func, literal, select, tuple_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import local_day
from api.decisions.windows_of_many import windows
from api.paging import Page, Pager
from api.problems import invalid
from api.security import Caller
from api.worklists.due_ranking import rank
from api.worklists.due_schemas import DueItem, DueQuery, FollowUp
from api.worklists.schemas import ReviewPatient
from models import Patient, PlanState, SessionState, TreatmentPlan, TreatmentSession

if TYPE_CHECKING:
    from rules.window import Window

HORIZON = timedelta(days=180)
_BOOKED = (SessionState.SCHEDULED, SessionState.CONFIRMED, SessionState.CHECKED_IN)
_LIVE = (*_BOOKED, SessionState.COMPLETED)
_FALLEN = (SessionState.CANCELLED, SessionState.NO_SHOW)
_CHUNK, _CHUNKS = 100, 4


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A plan without a session ahead, and since when it waits."""

    plan: TreatmentPlan
    patient: Patient
    since: datetime


async def list_due(
    db: AsyncSession, caller: Caller, request: Request, query: DueQuery
) -> tuple[Page[DueItem], Pager]:
    """Those who have waited longest first. A page may be short where many are not due yet."""
    on = query.on or caller.today
    if not caller.today <= on <= caller.today + HORIZON:
        raise invalid("/on", "horizon", "Give a day from today to 180 days ahead.")
    if query.with_total:
        raise invalid("/with_total", "not_offered", "This list is not counted.")
    pager = Pager(request, query, caller.clinic_id)
    after = pager.after()
    items: list[DueItem] = []
    for _ in range(_CHUNKS):
        candidates = await _candidates(db, caller, query, after)
        due = await _due(db, caller, candidates, on)
        for candidate in candidates[:_CHUNK]:
            after = [candidate.since, candidate.plan.id]
            item = due.get(candidate.plan.id)
            if item is not None and _wanted(item, query):
                items.append(item)
            if len(items) == query.limit:
                last = candidate is candidates[-1]
                cursor = None if last else pager.cursor(after)
                return Page[DueItem](items=items, next_cursor=cursor), pager
        if len(candidates) <= _CHUNK:
            return Page[DueItem](items=items), pager
    return Page[DueItem](items=items, next_cursor=pager.cursor(after or [])), pager


def _wanted(item: DueItem, query: DueQuery) -> bool:
    if query.status and item.status not in query.status:
        return False
    return query.follow_up is None or query.follow_up == (item.follow_up is not None)


async def _candidates(
    db: AsyncSession, caller: Caller, query: DueQuery, after: Sequence[Any] | None
) -> list[_Candidate]:
    """A chunk and one more, so that it shows whether there are more."""
    waiting = _waiting(caller, query).subquery()
    since = waiting.c.since
    statement = (
        select(TreatmentPlan, Patient, since)
        .join(
            waiting,
            (col(TreatmentPlan.clinic_id) == caller.clinic_id)
            & (col(TreatmentPlan.id) == waiting.c.id),
        )
        .join(
            Patient,
            (col(Patient.clinic_id) == col(TreatmentPlan.clinic_id))
            & (col(Patient.id) == col(TreatmentPlan.patient_id)),
        )
        .where(col(Patient.archived_at).is_(None))
        .order_by(since, waiting.c.id)
        .limit(_CHUNK + 1)
    )
    if after is not None:
        last = tuple_(literal(after[0], since.type), literal(after[1], waiting.c.id.type))
        statement = statement.where(tuple_(since, waiting.c.id) > last)
    return [_Candidate(*row) for row in (await db.execute(statement)).all()]


def _waiting(caller: Caller, query: DueQuery) -> Any:
    """Active plans with nothing booked from now on, and their last session's start."""
    plan, session = TreatmentPlan, TreatmentSession
    of_plan = (col(session.clinic_id) == caller.clinic_id) & (col(session.plan_id) == col(plan.id))
    last = (
        select(func.max(col(session.starts_at)))
        .where(of_plan, col(session.state).in_(_LIVE))
        .scalar_subquery()
    )
    ahead = select(col(session.id)).where(
        of_plan, col(session.state).in_(_BOOKED), col(session.starts_at) >= caller.now
    )
    statement: Any = select(
        col(plan.id).label("id"),
        func.coalesce(last, col(plan.activated_at), col(plan.created_at)).label("since"),
    ).where(
        col(plan.clinic_id) == caller.clinic_id,
        col(plan.state) == PlanState.ACTIVE,
        ~ahead.exists(),
    )
    if query.practitioner_id is not None:
        statement = statement.where(col(plan.practitioner_id) == query.practitioner_id)
    return statement


async def _due(
    db: AsyncSession, caller: Caller, candidates: Sequence[_Candidate], on: date
) -> dict[UUID, DueItem]:
    """By plan: what is to be done about it on the day, where anything is."""
    found = await windows(db, caller, [each.plan for each in candidates], on)
    fallen, begun = await _fallen(db, caller, candidates)
    items = {}
    for each in candidates:
        plan_id = each.plan.id
        follow_up = fallen.get(plan_id)
        since = local_day(each.since, caller.zone)
        ranked = rank(found[plan_id], on, since, follow_up, plan_id in begun)
        if ranked is not None:
            shown = _item(caller, each, found[plan_id], follow_up)
            items[plan_id] = DueItem(
                **shown, status=ranked.status, priority=ranked.priority, reason=ranked.reason
            )
    return items


async def _fallen(
    db: AsyncSession, caller: Caller, candidates: Sequence[_Candidate]
) -> tuple[dict[UUID, FollowUp], set[UUID]]:
    """By plan, the last session that fell away after all that stand; and who ever had one."""
    since = {each.plan.id: each.since for each in candidates}
    session = TreatmentSession
    statement = (
        select(session)
        .where(
            col(session.clinic_id) == caller.clinic_id,
            col(session.plan_id).in_(since),
            col(session.state).in_((*_FALLEN, *_LIVE)),
        )
        .order_by(col(session.starts_at), col(session.id))
    )
    fallen: dict[UUID, FollowUp] = {}
    begun: set[UUID] = set()
    for row in (await db.execute(statement)).scalars():
        begun.add(row.plan_id)
        if row.state in _FALLEN:
            fallen[row.plan_id] = FollowUp(
                session_id=row.id,
                state=row.state.value,
                starts_at=row.starts_at,
                reason=row.cancel_reason,
            )
        else:
            fallen.pop(row.plan_id, None)
    return fallen, begun


def _item(
    caller: Caller, candidate: _Candidate, window: "Window", follow_up: FollowUp | None
) -> dict[str, Any]:
    patient = candidate.patient
    named = caller.may("patients:read")
    return {
        "plan_id": candidate.plan.id,
        "patient": ReviewPatient(
            id=patient.id,
            given_name=patient.given_name if named else None,
            family_name=patient.family_name if named else None,
            record_number=patient.record_number if named else None,
        ),
        "practitioner_id": candidate.plan.practitioner_id,
        "session_number": window.session_number,
        "phase": window.phase,
        "earliest_on": window.earliest_on,
        "target_on": window.target_on,
        "latest_on": window.latest_on,
        "waiting_since": candidate.since,
        "follow_up": follow_up,
    }
