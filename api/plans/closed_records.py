"""Whose record is closed: nothing new is begun for somebody who is archived or erased."""

from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.problems import IllegalTransition
from models import Patient, TreatmentPlan


async def refuse_closed(db: AsyncSession, plan: TreatmentPlan, *, happened: bool = False) -> None:
    """IllegalTransition where the patient of the plan is archived or erased.

    happened: what is written has taken place, so that an archived record still takes it. The
    caller has locked the patient.
    """
    patient = await found(db, Patient, plan.clinic_id, plan.patient_id)
    if patient.erased_at is not None:
        raise IllegalTransition("erased", [], "This patient's record was erased.")
    if patient.archived_at is not None and not happened:
        raise IllegalTransition("archived", [], "This patient's record is closed.")
