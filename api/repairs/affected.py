"""Which sessions a repair is about, and what is known of each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.spans import Span, Spans, tidy
from api.security import Caller
from api.sessions.moves import LIVE
from models import Patient, Repair, SessionState, TreatmentPlan, TreatmentSession

_TO_COME = (SessionState.SCHEDULED, SessionState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Booked:
    """An affected session with its plan; patient: whose record may be closed."""

    session: TreatmentSession
    plan: TreatmentPlan
    patient: Patient


def affected(statement: Any, clinic_id: UUID, repair: Repair, now: datetime) -> Any:
    """Restrict a statement to the sessions to come that need what is unavailable."""
    statement = statement.where(
        col(TreatmentSession.clinic_id) == clinic_id,
        col(TreatmentSession.state).in_(_TO_COME),
        col(TreatmentSession.starts_at) >= now,
        col(TreatmentSession.starts_at) < repair.ends_at,
        col(TreatmentSession.ends_at) > repair.starts_at,
    )
    if repair.practitioner_id is not None:
        return statement.where(col(TreatmentSession.practitioner_id) == repair.practitioner_id)
    if repair.room_id is not None:
        return statement.where(col(TreatmentSession.room_id) == repair.room_id)
    return statement


async def load_affected(
    db: AsyncSession, caller: Caller, repair: Repair, now: datetime
) -> list[Booked]:
    """Those sessions by their start."""
    statement = (
        select(TreatmentSession, TreatmentPlan, Patient)
        .join(
            TreatmentPlan,
            (col(TreatmentPlan.clinic_id) == col(TreatmentSession.clinic_id))
            & (col(TreatmentPlan.id) == col(TreatmentSession.plan_id)),
        )
        .join(
            Patient,
            (col(Patient.clinic_id) == col(TreatmentSession.clinic_id))
            & (col(Patient.id) == col(TreatmentSession.patient_id)),
        )
        .order_by(col(TreatmentSession.starts_at), col(TreatmentSession.id))
    )
    rows = await db.execute(affected(statement, caller.clinic_id, repair, now))
    return [Booked(*row) for row in rows]


async def busy_patients(
    db: AsyncSession,
    clinic_id: UUID,
    patient_ids: Collection[UUID],
    within: Span,
    moving: Sequence[UUID],
) -> dict[UUID, Spans]:
    """When these patients have other sessions."""
    statement = select(
        col(TreatmentSession.patient_id),
        col(TreatmentSession.starts_at),
        col(TreatmentSession.ends_at),
    ).where(
        col(TreatmentSession.clinic_id) == clinic_id,
        col(TreatmentSession.patient_id).in_(patient_ids),
        col(TreatmentSession.state).in_(LIVE),
        col(TreatmentSession.starts_at) < within.end,
        col(TreatmentSession.ends_at) > within.start,
        col(TreatmentSession.id).not_in(moving),
    )
    found: dict[UUID, list[Span]] = {}
    for patient_id, start, end in await db.execute(statement):
        found.setdefault(patient_id, []).append(Span(start, end))
    return {patient_id: tidy(spans) for patient_id, spans in found.items()}
