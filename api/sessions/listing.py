"""Which sessions a list shows."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import col

from api.sessions.schemas import SessionQuery
from models import TreatmentSession


def matching(clinic_id: UUID, query: SessionQuery) -> Select[Any]:
    """The clinic's sessions that meet every filter; `starts_after` is inclusive."""
    statement = select(TreatmentSession).where(col(TreatmentSession.clinic_id) == clinic_id)
    equal = {
        TreatmentSession.practitioner_id: query.practitioner_id,
        TreatmentSession.room_id: query.room_id,
        TreatmentSession.patient_id: query.patient_id,
        TreatmentSession.plan_id: query.plan_id,
    }
    for column, wanted in equal.items():
        if wanted is not None:
            statement = statement.where(col(column) == wanted)
    if query.state:
        statement = statement.where(col(TreatmentSession.state).in_(query.state))
    if query.overbooked is not None:
        on_purpose = col(TreatmentSession.overbooks).is_not(None)
        statement = statement.where(on_purpose if query.overbooked else ~on_purpose)
    if query.starts_after is not None:
        statement = statement.where(col(TreatmentSession.starts_at) >= query.starts_after)
    if query.starts_before is not None:
        statement = statement.where(col(TreatmentSession.starts_at) < query.starts_before)
    return statement
