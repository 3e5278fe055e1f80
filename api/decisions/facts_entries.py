"""What stands in patients' records: read for many patients at once, made sense of elsewhere.

The number of queries grows neither with the patients nor with anybody's history.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.entries import CLINIC, by_patient, newest, standing, whose
from models import (
    Allergy,
    Condition,
    Measurement,
    Medication,
    PregnancyStatement,
    Screening,
    Therapy,
    TreatmentSession,
)

_ALLERGIES, _CONDITIONS = standing(Allergy), standing(Condition)
_MEDICATIONS, _THERAPIES = standing(Medication), standing(Therapy)
_SESSION_BEGAN = (
    select(col(TreatmentSession.starts_at))
    .where(
        col(TreatmentSession.clinic_id) == CLINIC,
        col(TreatmentSession.id) == col(Screening.session_id),
    )
    .scalar_subquery()
)
_RECENT_SCREENINGS = newest(Screening, 3, [_SESSION_BEGAN.desc()])
_RECENT_STATEMENTS = newest(
    PregnancyStatement,
    3,
    [col(PregnancyStatement.stated_on).desc(), col(PregnancyStatement.id).desc()],
    col(PregnancyStatement.stated_on) <= bindparam("on"),
)
_WEIGHED = newest(
    Measurement,
    1,
    [col(Measurement.measured_at).desc(), col(Measurement.id).desc()],
    col(Measurement.kind) == "weight",
    col(Measurement.measured_on) <= bindparam("on"),
)


@dataclass(frozen=True, slots=True)
class Entries:
    """One patient's record. weighed: the latest weight, if any.

    screenings, statements (about pregnancy): the newest few, newest first.
    """

    allergies: Sequence[Allergy] = ()
    conditions: Sequence[Condition] = ()
    medications: Sequence[Medication] = ()
    therapies: Sequence[Therapy] = ()
    screenings: Sequence[Screening] = ()
    statements: Sequence[PregnancyStatement] = ()
    weighed: Measurement | None = None


async def load_entries(
    db: AsyncSession, clinic_id: UUID, patients: Collection[UUID], on: date
) -> dict[UUID, Entries]:
    """By patient, everybody named; weights and statements as of `on`. Seven queries.

    Nothing is recorded ahead of its day, so what is true of today is true of every later day.
    """
    values = whose(clinic_id, patients)
    allergies = await by_patient(db, _ALLERGIES, values)
    conditions = await by_patient(db, _CONDITIONS, values)
    medications = await by_patient(db, _MEDICATIONS, values)
    therapies = await by_patient(db, _THERAPIES, values)
    # By the start of their sessions.
    screenings = await by_patient(db, _RECENT_SCREENINGS, values)
    statements = await by_patient(db, _RECENT_STATEMENTS, values | {"on": on})
    weighed = await by_patient(db, _WEIGHED, values | {"on": on})
    return {
        patient_id: Entries(
            allergies=allergies.get(patient_id, ()),
            conditions=conditions.get(patient_id, ()),
            medications=medications.get(patient_id, ()),
            therapies=therapies.get(patient_id, ()),
            screenings=screenings.get(patient_id, ()),
            statements=statements.get(patient_id, ()),
            weighed=weighed.get(patient_id, [None])[0],
        )
        for patient_id in patients
    }
