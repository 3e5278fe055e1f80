"""What stands in patients' records: read for many patients at once, made sense of elsewhere.

The number of queries grows neither with the patients nor with anybody's history.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.entries import by_patient, newest, standing
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

_RECENT_SCREENINGS = 3
_RECENT_STATEMENTS = 3


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
    whose = (clinic_id, patients)
    allergies = await by_patient(db, standing(Allergy, *whose))
    conditions = await by_patient(db, standing(Condition, *whose))
    medications = await by_patient(db, standing(Medication, *whose))
    therapies = await by_patient(db, standing(Therapy, *whose))
    screenings = await _screenings(db, *whose)
    stated_on = col(PregnancyStatement.stated_on)
    order = (stated_on.desc(), col(PregnancyStatement.id).desc())
    statements = await by_patient(
        db, newest(PregnancyStatement, *whose, _RECENT_STATEMENTS, order, stated_on <= on)
    )
    weighed = await _weighed(db, *whose, on)
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


async def _screenings(
    db: AsyncSession, clinic_id: UUID, patients: Collection[UUID]
) -> dict[UUID, list[Screening]]:
    """The newest by the start of their sessions."""
    started_at = (
        select(col(TreatmentSession.starts_at))
        .where(
            col(TreatmentSession.clinic_id) == clinic_id,
            col(TreatmentSession.id) == col(Screening.session_id),
        )
        .scalar_subquery()
    )
    order = (started_at.desc(),)
    return await by_patient(db, newest(Screening, clinic_id, patients, _RECENT_SCREENINGS, order))


async def _weighed(
    db: AsyncSession, clinic_id: UUID, patients: Collection[UUID], on: date
) -> dict[UUID, list[Measurement]]:
    order = (col(Measurement.measured_at).desc(), col(Measurement.id).desc())
    weight = (col(Measurement.kind) == "weight", col(Measurement.measured_on) <= on)
    return await by_patient(db, newest(Measurement, clinic_id, patients, 1, order, *weight))
