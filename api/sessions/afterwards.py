"""What moving or cancelling one session means for the patient's others."""

from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.decisions.changes import judge_now
from api.decisions.matters import Scheduling
from api.decisions.service import preview
from api.security import Caller
from api.sessions.afterwards_schemas import Afterwards, NextSession
from models import SessionState, TreatmentPlan, TreatmentSession

_TO_COME = (SessionState.SCHEDULED, SessionState.CONFIRMED)


async def afterwards(db: AsyncSession, caller: Caller, session: TreatmentSession) -> Afterwards:
    """The next booked session of the plan as the scheduling rules see it now, and which others
    came onto the review worklist because of this write; a dry run shows the same.

    The patient's other sessions are judged here, in the transaction of the write.
    """
    looked = await judge_now(db)
    news = tuple(
        each.session.id
        for each in sorted(looked, key=lambda each: each.session.starts_at)
        if each.news and each.session.id != session.id
    )
    told = Afterwards(next_session=await _next_session(db, caller, session), needs_review=news)
    decision: dict[str, Any] | None = db.info.get("decision")
    if decision is not None:
        decision |= told.model_dump(mode="json")
    return told


async def _next_session(
    db: AsyncSession, caller: Caller, session: TreatmentSession
) -> NextSession | None:
    coming = await _after(db, session)
    if coming is None:
        return None
    plan = await found(db, TreatmentPlan, caller.clinic_id, session.plan_id)
    matter = Scheduling(
        plan,
        coming.id,
        coming.session_number,
        coming.starts_at,
        coming.ends_at,
        coming.practitioner_id,
    )
    return NextSession(
        id=coming.id,
        session_number=coming.session_number,
        starts_at=coming.starts_at,
        findings=await preview(db, caller, matter),
    )


async def _after(db: AsyncSession, session: TreatmentSession) -> TreatmentSession | None:
    """The plan's first booked session behind this one, or behind where it was to be."""
    statement = (
        select(TreatmentSession)
        .where(
            TreatmentSession.clinic_id == session.clinic_id,
            TreatmentSession.plan_id == session.plan_id,
            TreatmentSession.id != session.id,
            TreatmentSession.starts_at >= session.starts_at,
            col(TreatmentSession.state).in_(_TO_COME),
        )
        .order_by(col(TreatmentSession.starts_at))
        .limit(1)
    )
    return (await db.exec(statement)).first()
