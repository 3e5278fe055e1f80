"""What the rules are told about the patient: only entries that still stand, as of one day."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    PregnancyStatement,
    PregnancyStatus,
    Screening,
    Therapy,
    TreatmentSession,
)
from rules import facts

NO_KNOWN_ALLERGIES = "NO_KNOWN_ALLERGIES"
# Recorded to say that somebody asked and there was nothing.
_NONE = frozenset({"NO_MEDICATION", "NO_KNOWN_CONDITIONS", "NO_OTHER_THERAPY"})
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


@dataclass(frozen=True, slots=True)
class LoadedPatient:
    """The patient as the rules see them. therapies: None where nobody asked about any.

    tested_negative: ingredients to which an allergy was tested and refuted.
    """

    patient: facts.Patient
    therapies: tuple[facts.OtherTherapy, ...] | None
    tested_negative: frozenset[str]


async def load_patient(
    db: AsyncSession, patient: Patient, on: date, screening: Screening | None = None
) -> LoadedPatient:
    """The patient as of `on`. screening: of the session under review, which has the last word.

    A screening that asked what has changed asked about conditions, medicines and procedures.
    """
    whose = (patient.clinic_id, patient.id)
    allergies = (await db.exec(standing(Allergy, *whose))).all()
    conditions = (await db.exec(standing(Condition, *whose))).all()
    medications = (await db.exec(standing(Medication, *whose))).all()
    screenings = await _screenings(db, *whose, screening)
    weight_g, weighed_on = await _weight(db, whose, on, screenings)
    active = _active_codes(conditions, on)
    named = tuple(sorted(_allergy_codes(allergies)))
    asked = any(each.changes_asked for each in screenings)
    known = facts.Patient(
        patient_id=str(patient.id),
        born_on=patient.born_on,
        sex=patient.sex.value,
        allergies=named if allergies else None,
        no_known_allergies=not named and any(_says_none(each) for each in allergies),
        conditions=active if conditions or asked else None,
        medications=_current_codes(medications, on) if medications or asked else None,
        weight_g=weight_g,
        weighed_on=weighed_on,
        **_pregnancy(patient, active, await _answers(db, whose, on, screenings)),
    )
    therapies = await _therapies(db, whose, on, asked)
    return LoadedPatient(known, therapies, frozenset(_refuted_codes(allergies)))


def _refuted_codes(allergies: Sequence[Allergy]) -> set[str]:
    refuted = [a for a in allergies if a.status is AllergyStatus.REFUTED]
    return {a.ingredient_code for a in refuted if a.ingredient_code}


def _says_none(allergy: Allergy) -> bool:
    """That there are none; an allergy recorded since has refuted it, for good."""
    return allergy.code == NO_KNOWN_ALLERGIES and allergy.status is AllergyStatus.ACTIVE


def _allergy_codes(allergies: Sequence[Allergy]) -> set[str]:
    active = [a for a in allergies if a.status is AllergyStatus.ACTIVE]
    codes = {a.code for a in active} | {a.ingredient_code for a in active if a.ingredient_code}
    return codes - {NO_KNOWN_ALLERGIES}


def _active_codes(conditions: Sequence[Condition], on: date) -> tuple[str, ...]:
    lasting = [c for c in conditions if _covers(c.onset_on, c.ended_on, on)]
    return tuple(sorted({c.code for c in lasting} - _NONE))


def _current_codes(medications: Sequence[Medication], on: date) -> tuple[str, ...]:
    current = [m for m in medications if _covers(m.started_on, m.stopped_on, on)]
    return tuple(sorted({m.code for m in current} - _NONE))


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


Answers = Sequence[Screening | PregnancyStatement]


async def _answers(
    db: AsyncSession, whose: tuple[UUID, UUID], on: date, screenings: list[Screening]
) -> Answers:
    """What was answered about pregnancy, newest first, at visits and between them.

    On one day the visit counts: the screening is asked last.
    """
    statement = (
        standing(PregnancyStatement, *whose)
        .where(col(PregnancyStatement.stated_on) <= on)
        .order_by(col(PregnancyStatement.stated_on).desc(), col(PregnancyStatement.id).desc())
        .limit(_RECENT_SCREENINGS)
    )
    stated = (await db.exec(statement)).all()
    return sorted([*screenings, *stated], key=_asked_on, reverse=True)


def _asked_on(answer: Screening | PregnancyStatement) -> date:
    return answer.screened_on if isinstance(answer, Screening) else answer.stated_on


def _pregnancy(patient: Patient, conditions: tuple[str, ...], answers: Answers) -> dict[str, Any]:
    """Every question takes its newest answer; a standing condition outweighs an answer of no."""
    asked = next((a for a in answers if a.pregnancy_status is not None), None)
    tested = next((a for a in answers if a.pregnancy_test_result is not None), None)
    status = asked.pregnancy_status if asked else None
    potential = _newest(answers, "childbearing_potential")
    if potential is None:
        potential = patient.childbearing_potential
    if potential is None and status is PregnancyStatus.NOT_APPLICABLE:
        potential = False
    pregnant = "PREGNANCY" in conditions or status is PregnancyStatus.PREGNANT
    known = status is PregnancyStatus.NOT_PREGNANT
    return {
        "childbearing_potential": potential,
        "pregnancy": "pregnant" if pregnant else "not_pregnant" if known else None,
        "pregnancy_asked_on": _asked_on(asked) if asked else None,
        "pregnancy_test": _value(tested.pregnancy_test_result) if tested else None,
        "pregnancy_tested_on": (tested.pregnancy_test_on or None) if tested else None,
        "lactating": "LACTATION" in conditions or _newest(answers, "lactating"),
        "effective_contraception": _newest(answers, "contraception_effective"),
    }


def _newest(answers: Answers, question: str) -> bool | None:
    given = (getattr(each, question) for each in answers)
    return next((answer for answer in given if answer is not None), None)


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


async def _therapies(
    db: AsyncSession, whose: tuple[UUID, UUID], on: date, asked: bool
) -> tuple[facts.OtherTherapy, ...] | None:
    """Other treatments with the last day on which they acted; what goes on acts on `on` itself."""
    rows = await load_therapies(db, *whose)
    return therapies_on(rows, on) if rows or asked else None


async def load_therapies(db: AsyncSession, clinic_id: UUID, patient_id: UUID) -> Sequence[Therapy]:
    """The patient's other treatments, of whatever day."""
    return (await db.exec(standing(Therapy, clinic_id, patient_id))).all()


def therapies_on(rows: Sequence[Therapy], on: date) -> tuple[facts.OtherTherapy, ...]:
    """Those begun by `on`, with the last day on which they acted."""
    therapies = [
        facts.OtherTherapy(code=row.code, last_on=_last_on(row, on), area=row.area)
        for row in rows
        if row.started_on <= on and row.code not in _NONE
    ]
    return tuple(sorted(therapies, key=lambda each: (each.code, each.last_on, each.area or "")))


def _last_on(therapy: Therapy, on: date) -> date:
    if therapy.ended_on is not None:
        return min(therapy.ended_on, on)
    return therapy.started_on if therapy.code in _PROCEDURES else on
