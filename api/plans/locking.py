"""What every write on a plan holds: the patient first, then the plan."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found, locked
from api.preconditions import check
from api.security import Caller
from models import Patient, TreatmentPlan


async def locked_plan(
    db: AsyncSession, caller: Caller, plan_id: UUID, expected: int
) -> TreatmentPlan:
    """The plan, its patient locked before it, in the version that the caller has seen."""
    plan = await found(db, TreatmentPlan, caller.clinic_id, plan_id)
    await locked(db, Patient, caller.clinic_id, plan.patient_id)
    plan = await locked(db, TreatmentPlan, caller.clinic_id, plan_id)
    check(plan, expected)
    return plan
