"""The gate before every session: the screening is recorded and the rules are asked."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found
from api.decisions.matters import CheckIn
from api.decisions.service import Decided, decide
from api.plans import states
from api.plans.holds import refuse_if_held
from api.preconditions import check
from api.problems import NotFound, invalid
from api.security import Caller
from api.sessions import also_given, moves
from api.sessions.locking import lock_session_and_plan
from api.sessions.screening_schemas import CheckInCreate, columns
from models import (
    Consent,
    PlanState,
    Screening,
    SessionState,
    TreatmentPlan,
    TreatmentSession,
)


async def check_in(
    db: AsyncSession, caller: Caller, session_id: UUID, draft: CheckInCreate, expected: int
) -> tuple[TreatmentSession, Screening, Decided]:
    """Record the screening and let the session go on, or Refused.

    Raises IllegalTransition where the plan is on hold, whatever the screening says.
    """
    session, plan = await lock_session_and_plan(db, caller, session_id)
    check(session, expected)
    moves.require(session, moves.CHECK_IN, caller.now)
    await refuse_held(db, session, plan)
    await _check_screening(db, caller, session, draft)
    screening = Screening(
        clinic_id=caller.clinic_id,
        patient_id=session.patient_id,
        session_id=session.id,
        screened_at=caller.now,
        screened_on=caller.today,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
        **columns(draft),
    )
    others = await also_given.rows_of(db, caller, session, draft.also_given)
    matter = CheckIn(plan, session, screening, also_given=tuple(others))
    decided = await decide(db, caller, matter, draft)
    screening.decision_id = session.check_in_decision_id = decided.id
    db.add_all([screening, *others])
    session.state = SessionState.CHECKED_IN
    session.checked_in_at = caller.now
    await db.flush()
    audit.record(db, caller, "session.checked_in", session)
    return session, screening, decided


async def refuse_held(db: AsyncSession, session: TreatmentSession, plan: TreatmentPlan) -> None:
    """IllegalTransition where the plan has ended, or where somebody must look at it first."""
    if plan.state not in (PlanState.ACTIVE, PlanState.ON_HOLD):
        raise states.refusal(plan, "Nothing is given under a plan that is not active.")
    await refuse_if_held(db, plan, session.id)


async def _check_screening(
    db: AsyncSession, caller: Caller, session: TreatmentSession, draft: CheckInCreate
) -> None:
    if draft.identity_confirmed is False:
        raise invalid(
            "/identity_confirmed", "not_confirmed", "Nobody is treated whose identity is in doubt."
        )
    if draft.pregnancy_test_on is not None and draft.pregnancy_test_on > caller.today:
        raise invalid("/pregnancy_test_on", "in_the_future", "This day has not come yet.")
    if draft.consent_id is not None:
        consent = await found(db, Consent, caller.clinic_id, draft.consent_id)
        if consent.patient_id != session.patient_id or consent.entered_in_error_at is not None:
            raise NotFound
