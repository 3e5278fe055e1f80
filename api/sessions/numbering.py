"""Which of the plan's sessions a new one is, and the phase that this number falls in.

The number is the lowest that no live session of the plan holds, and stays with the session when
it is moved. A cancelled or missed session gives its number back: the course is not a session
shorter because somebody did not come.
"""

from itertools import count

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.sessions.moves import LIVE
from models import ProtocolPhase, ProtocolVersion, TreatmentPlan, TreatmentSession

MAINTENANCE = "maintenance"


async def next_number(db: AsyncSession, plan: TreatmentPlan) -> int:
    """The number of the plan's next session, from 1. The patient is locked, so it is unique."""
    statement = select(TreatmentSession.session_number).where(
        TreatmentSession.clinic_id == plan.clinic_id,
        TreatmentSession.plan_id == plan.id,
        col(TreatmentSession.state).in_(LIVE),
    )
    taken = set((await db.exec(statement)).all())
    return next(number for number in count(1) if number not in taken)


async def phase_of(db: AsyncSession, plan: TreatmentPlan, number: int) -> str | None:
    """The name of the protocol's phase of that session; None beyond the protocol's end."""
    statement = (
        select(ProtocolPhase)
        .where(
            ProtocolPhase.clinic_id == plan.clinic_id,
            ProtocolPhase.protocol_version_id == plan.protocol_version_id,
        )
        .order_by(col(ProtocolPhase.position))
    )
    last = 0
    for phase in await db.exec(statement):
        last += phase.sessions
        if number <= last:
            return phase.name
    version = await db.get_one(ProtocolVersion, (plan.clinic_id, plan.protocol_version_id))
    return None if version.maintenance_target_days is None else MAINTENANCE
