"""What the rules are told about the other sessions of a plan."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.entries import CLINIC
from models import Administration, SessionState, TreatmentPlan, TreatmentSession
from rules import facts

BOOKED = (SessionState.SCHEDULED, SessionState.CONFIRMED, SessionState.CHECKED_IN)
_LIVE = (*BOOKED, SessionState.COMPLETED)
# Built once: every decision asks it.
_VISITS = (
    select(
        col(TreatmentSession.plan_id),
        col(TreatmentSession.id),
        col(TreatmentSession.session_number),
        col(TreatmentSession.state),
        col(TreatmentSession.scheduled_on),
        col(TreatmentSession.starts_at),
        col(Administration.performed_on),
        col(Administration.administered_ul),
    )
    .outerjoin(
        Administration,
        (col(Administration.clinic_id) == col(TreatmentSession.clinic_id))
        & (col(Administration.session_id) == col(TreatmentSession.id))
        & col(Administration.entered_in_error_at).is_(None),
    )
    .where(
        col(TreatmentSession.clinic_id) == CLINIC,
        col(TreatmentSession.plan_id).in_(bindparam("plans", expanding=True)),
        col(TreatmentSession.state).in_(_LIVE),
    )
    .order_by(col(TreatmentSession.starts_at), col(TreatmentSession.id))
)


class Visit(NamedTuple):
    """A session that takes or took place, with what its standing administration says, if any."""

    session_id: UUID
    session_number: int
    state: SessionState
    scheduled_on: date
    starts_at: datetime
    performed_on: date | None
    administered_ul: int | None

    def known(self) -> facts.PlanSession | None:
        """As spacing counts it; None where nothing is booked and nothing was injected.

        Performed ones count on the day they were performed, booked ones on their day.
        """
        if self.state in BOOKED:
            return facts.PlanSession(self.session_number, self.scheduled_on, performed=False)
        if not self.administered_ul or self.performed_on is None:
            return None
        return facts.PlanSession(self.session_number, self.performed_on, performed=True)


async def visits_of_many(
    db: AsyncSession, clinic_id: UUID, plans: Collection[UUID]
) -> dict[UUID, list[Visit]]:
    """By plan, its sessions by their start, those cancelled and missed left out. One query."""
    values = {"clinic_id": clinic_id, "plans": sorted(plans)}
    visits: dict[UUID, list[Visit]] = {}
    for plan_id, *visit in await db.execute(_VISITS, values):
        visits.setdefault(plan_id, []).append(Visit(*visit))
    return visits


async def load_sessions(
    db: AsyncSession, plan: TreatmentPlan, on: date, reach_days: int, under_review: UUID | None
) -> tuple[facts.PlanSession, ...]:
    """The plan's other sessions, as `within` has them."""
    visits = await visits_of_many(db, plan.clinic_id, {plan.id})
    others = [each for each in visits.get(plan.id, ()) if each.session_id != under_review]
    return within(others, on, reach_days)


def within(visits: Sequence[Visit], on: date, reach_days: int) -> tuple[facts.PlanSession, ...]:
    """Those booked within reach of `on`, and the last performed before that."""
    reach = timedelta(days=reach_days)
    near, before = [], []
    for visit in visits:
        known = visit.known()
        if known is None or visit.scheduled_on > on + reach:
            continue
        if visit.scheduled_on >= on - reach:
            near.append(known)
        elif known.performed:
            before.append((visit.scheduled_on, known))
    latest = [max(before, key=lambda each: each[0])[1]] if before else []
    return tuple(sorted([*near, *latest], key=lambda each: (each.on, each.number)))
