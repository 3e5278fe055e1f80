"""What the rules are told about the patient: only entries that still stand, as of one day."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models import (
    Allergy,
    AllergyStatus,
    ClinicalRecord,
    Condition,
    Consent,
    Measurement,
    Medication,
    Patient,
    PregnancyStatus,
    Screening,
    Therapy,
    TreatmentSession,
)
from rules import facts

NO_KNOWN_ALLERGIES = "NO_KNOWN_ALLERGIES"
_NONE_TAKEN = "NO_MEDICATION"
# Done on one day, so that they are over even where nobody entered an end.
_PROCEDURES = frozenset(
    {
        "PRP", "MICRONEEDLING", "HAIR_TRANSPLANT", "LASER", "PEEL", "BOTULINUM", "FILLER",
        "CHEMICAL_HAIR_TREATMENT", "VACCINE", "DENTAL_WORK", "LOCAL_STEROID",
    }
)  # fmt: skip
_RECENT_SCREENINGS = 3
_NEWEST_CONSENTS = 50

Entry = TypeVar("Entry", bound=ClinicalRecord)


def standing(kind: type[Entry], clinic_id: UUID, patient_id: UUID) -> SelectOfScalar[Entry]:
    """The patient's entries of one kind that were not entered in error."""
    return select(kind).where(
        kind.clinic_id == clinic_id,
        kind.patient_id == patient_id,
        col(kind.entered_in_error_at).is_(None),
    )


async def load_patient(
    db: AsyncSession, patient: Patient, on: date, screening: Screening | None = None
) -> facts.Patient:
    """The patient as of `on`. screening: of the session under review, which has the last word."""
    whose = (patient.clinic_id, patient.id)
    allergies = (await db.exec(standing(Allergy, *whose))).all()
    conditions = (await db.exec(standing(Condition, *whose))).all()
    medications = (await db.exec(standing(Medication, *whose))).all()
    screenings = await _screenings(db, *whose, screening)
    weight_g, weighed_on = await _weight(db, whose, on, screenings)
    active = _active_codes(conditions, on)
    named = tuple(sorted(_allergy_codes(allergies)))
    asked = bool(conditions) or any(each.changes_asked for each in screenings)
    return facts.Patient(
        patient_id=str(patient.id),
        born_on=patient.born_on,
        sex=patient.sex.value,
        allergies=named if allergies else None,
        no_known_allergies=not named and any(a.code == NO_KNOWN_ALLERGIES for a in allergies),
        conditions=active if asked else None,
        medications=_current_codes(medications, on) if medications else None,
        weight_g=weight_g,
        weighed_on=weighed_on,
        **_pregnancy(patient, active, screenings),
    )


def _allergy_codes(allergies: Sequence[Allergy]) -> set[str]:
    active = [a for a in allergies if a.status is AllergyStatus.ACTIVE]
    codes = {a.code for a in active} | {a.ingredient_code for a in active if a.ingredient_code}
    return codes - {NO_KNOWN_ALLERGIES}


def _active_codes(conditions: Sequence[Condition], on: date) -> tuple[str, ...]:
    lasting = [c for c in conditions if _covers(c.onset_on, c.ended_on, on)]
    return tuple(sorted({c.code for c in lasting}))


def _current_codes(medications: Sequence[Medication], on: date) -> tuple[str, ...]:
    current = [m for m in medications if _covers(m.started_on, m.stopped_on, on)]
    return tuple(sorted({m.code for m in current} - {_NONE_TAKEN}))


def _covers(first: date | None, last: date | None, on: date) -> bool:
    """Both days included; an open side has no end."""
    return (first is None or first <= on) and (last is None or last >= on)


async def _screenings(
    db: AsyncSession, clinic_id: UUID, patient_id: UUID, current: Screening | None
) -> list[Screening]:
    """The newest screenings, newest first; the one under review always leads."""
    statement = (
        standing(Screening, clinic_id, patient_id)
        .join(
            TreatmentSession,
            (col(TreatmentSession.clinic_id) == col(Screening.clinic_id))
            & (col(TreatmentSession.id) == col(Screening.session_id)),
        )
        .where(TreatmentSession.clinic_id == clinic_id, TreatmentSession.patient_id == patient_id)
        .order_by(col(TreatmentSession.starts_at).desc())
        .limit(_RECENT_SCREENINGS)
    )
    earlier = (await db.exec(statement)).all()
    if current is None:
        return list(earlier)
    return [current, *(each for each in earlier if each.id != current.id)]


def _pregnancy(
    patient: Patient, conditions: tuple[str, ...], screenings: list[Screening]
) -> dict[str, Any]:
    """Every question takes its newest answer; a standing condition outweighs an answer of no."""
    asked = next((s for s in screenings if s.pregnancy_status is not None), None)
    tested = next((s for s in screenings if s.pregnancy_test_result is not None), None)
    status = asked.pregnancy_status if asked else None
    potential = patient.childbearing_potential
    answer = _newest(screenings, "childbearing_potential")
    if potential is None:
        potential = False if status is PregnancyStatus.NOT_APPLICABLE else answer
    pregnant = "PREGNANCY" in conditions or status is PregnancyStatus.PREGNANT
    known = status is PregnancyStatus.NOT_PREGNANT
    return {
        "childbearing_potential": potential,
        "pregnancy": "pregnant" if pregnant else "not_pregnant" if known else None,
        "pregnancy_asked_on": asked.screened_on if asked else None,
        "pregnancy_test": _value(tested.pregnancy_test_result) if tested else None,
        "pregnancy_tested_on": (tested.pregnancy_test_on or None) if tested else None,
        "lactating": "LACTATION" in conditions or _newest(screenings, "lactating"),
        "effective_contraception": _newest(screenings, "contraception_effective"),
    }


def _newest(screenings: list[Screening], question: str) -> bool | None:
    answers = (getattr(each, question) for each in screenings)
    return next((answer for answer in answers if answer is not None), None)


def _value(code: Any) -> str | None:
    return None if code is None else str(code.value)


async def _weight(
    db: AsyncSession, whose: tuple[UUID, UUID], on: date, screenings: list[Screening]
) -> tuple[int | None, date | None]:
    """The latest weight in g on or before that day, and its day; a fraction of a gram is cut."""
    statement = (
        standing(Measurement, *whose)
        .where(Measurement.kind == "weight", col(Measurement.measured_on) <= on)
        .order_by(col(Measurement.measured_at).desc(), col(Measurement.id).desc())
        .limit(1)
    )
    measured = (await db.exec(statement)).first()
    weighed = [
        (each.screened_on, each.weight_g)
        for each in screenings
        if each.weight_g is not None and each.screened_on <= on
    ]
    if measured is not None and measured.unit == "kg" and measured.value_scaled is not None:
        grams = measured.value_scaled * 1000 // 10 ** (measured.value_places or 0)
        weighed.append((measured.measured_on, grams))
    if not weighed:
        return None, None
    day, grams = max(weighed, key=lambda each: each[0])
    return grams, day


async def load_consents(
    db: AsyncSession, clinic_id: UUID, patient_id: UUID
) -> tuple[facts.Consent, ...]:
    """The newest consents, withdrawn ones included: the rule says what they are worth."""
    statement = (
        standing(Consent, clinic_id, patient_id)
        .order_by(col(Consent.signed_on).desc(), col(Consent.id).desc())
        .limit(_NEWEST_CONSENTS)
    )
    return tuple(
        facts.Consent(
            document_code=each.document_code,
            signed_on=each.signed_on,
            withdrawn_on=each.withdrawn_on,
            ingredient_codes=tuple(sorted(each.ingredient_codes)),
            valid_days=each.valid_days,
        )
        for each in (await db.exec(statement)).all()
    )


async def load_therapies(
    db: AsyncSession, clinic_id: UUID, patient_id: UUID, on: date
) -> tuple[facts.OtherTherapy, ...]:
    """Other treatments with the last day on which they acted; what goes on acts on `on` itself."""
    rows = (await db.exec(standing(Therapy, clinic_id, patient_id))).all()
    therapies = [
        facts.OtherTherapy(code=row.code, last_on=_last_on(row, on), area=row.area)
        for row in rows
        if row.started_on <= on
    ]
    return tuple(sorted(therapies, key=lambda each: (each.code, each.last_on, each.area or "")))


def _last_on(therapy: Therapy, on: date) -> date:
    if therapy.ended_on is not None:
        return min(therapy.ended_on, on)
    return therapy.started_on if therapy.code in _PROCEDURES else on
