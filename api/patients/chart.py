"""The chart of a patient: one call, and a number of queries that does not grow with the history."""

from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.patients import chart_clinical as clinical
from api.patients import chart_course as course
from api.patients.allergies import NONE_KNOWN, AllergyRead
from api.patients.assessments import ASSESSMENTS
from api.patients.chart_schemas import ChartAlerts, ChartRead
from api.patients.conditions import NONE_PRESENT, ConditionRead
from api.patients.consents import CONSENTS
from api.patients.measurements import MeasurementRead
from api.patients.medications import NONE_TAKEN, MedicationRead
from api.patients.records import standing
from api.patients.schemas import PatientRead, age_years
from api.patients.therapies import TherapyRead
from api.security import Caller
from models import Allergy, AllergyStatus, Condition, Medication, Patient, Screening, Therapy


async def of_patient(
    db: AsyncSession, caller: Caller, patient_id: UUID, window_of: course.WindowOf | None
) -> ChartRead:
    """Everything that the chart screen shows, as of the caller's today."""
    patient = await found(db, Patient, caller.clinic_id, patient_id)
    screenings = await clinical.recent_screenings(db, caller, patient_id)
    medications = await clinical.lasting(
        db, caller, Medication, patient_id, col(Medication.stopped_on)
    )
    therapies = await clinical.lasting(db, caller, Therapy, patient_id, col(Therapy.ended_on))
    measured = await clinical.latest_measurements(db, caller, patient_id)
    shedding = await clinical.shedding_scores(db, caller, patient_id)
    assessed = await clinical.latest_assessments(db, caller, patient_id)
    consents = await clinical.newest_consents(db, caller, patient_id)
    return ChartRead.model_validate(
        {
            "patient": PatientRead.model_validate(patient),
            "age_years": age_years(patient.born_on, caller.today),
            "alerts": await _alerts(db, caller, patient, screenings),
            "medications": [
                MedicationRead.of(row) for row in medications if row.code != NONE_TAKEN
            ],
            "medications_asked": bool(medications),
            "therapies": [TherapyRead.of(row) for row in therapies],
            "weight": clinical.latest_weight(caller, measured, screenings),
            "measurements": [MeasurementRead.of(row) for row in measured],
            "shedding": [MeasurementRead.of(row) for row in shedding],
            "assessment": next(iter(await ASSESSMENTS.shown(db, caller, assessed)), None),
            "consents": await CONSENTS.shown(db, caller, consents),
            "plans": await course.plans(db, caller, patient_id, window_of),
            "recent_sessions": await course.recent_sessions(db, caller, patient_id),
            "next_sessions": await course.next_sessions(db, caller, patient_id),
        }
    )


async def _alerts(
    db: AsyncSession, caller: Caller, patient: Patient, screenings: list[Screening]
) -> ChartAlerts:
    is_active = col(Allergy.status) == AllergyStatus.ACTIVE
    allergies = await standing(db, Allergy, caller.clinic_id, patient.id, is_active)
    conditions = await clinical.lasting(db, caller, Condition, patient.id, col(Condition.ended_on))
    return ChartAlerts(
        allergies=tuple(AllergyRead.of(row) for row in allergies if row.code != NONE_KNOWN),
        allergies_asked=bool(allergies),
        conditions=tuple(ConditionRead.of(row) for row in conditions if row.code != NONE_PRESENT),
        pregnancy=await clinical.pregnancy(db, caller, patient, screenings),
        holds=await clinical.holds_in_force(db, caller, patient.id),
        side_effects=await clinical.open_effects(db, caller, patient.id),
    )
