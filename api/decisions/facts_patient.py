"""What the rules are told about the patient: only entries that still stand, as of one day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.facts_entries import Entries, load_entries
from api.decisions.facts_pregnancy import answers_of, pregnancy
from api.decisions.facts_treatments import therapies_on
from models import (
    Allergy,
    AllergyStatus,
    Condition,
    Measurement,
    Medication,
    Patient,
    Screening,
)
from rules import facts

NO_KNOWN_ALLERGIES = "NO_KNOWN_ALLERGIES"
# Recorded to say that somebody asked and there was nothing.
_NONE = frozenset({"NO_MEDICATION", "NO_KNOWN_CONDITIONS"})


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
    """The patient as of `on`. screening: of the session under review, which has the last word."""
    entries = await load_entries(db, patient.clinic_id, {patient.id}, on)
    return patient_on(patient, entries[patient.id], on, screening)


def patient_on(
    patient: Patient, entries: Entries, on: date, screening: Screening | None = None
) -> LoadedPatient:
    """The patient as of `on`, by entries that were loaded for that day or an earlier one.

    A screening that asked what has changed asked about conditions, medicines and procedures.
    """
    allergies, conditions = entries.allergies, entries.conditions
    screenings = _screenings(entries, screening)
    weight_g, weighed_on = _weight(entries.weighed, on, screenings)
    active = _active_codes(conditions, on)
    named = tuple(sorted(_allergy_codes(allergies)))
    asked = any(each.changes_asked for each in screenings)
    medicines = bool(entries.medications) or asked
    known = facts.Patient(
        patient_id=str(patient.id),
        born_on=patient.born_on,
        sex=patient.sex.value,
        allergies=named if allergies else None,
        no_known_allergies=not named and any(_says_none(each) for each in allergies),
        conditions=active if conditions or asked else None,
        medications=_current_codes(entries.medications, on) if medicines else None,
        weight_g=weight_g,
        weighed_on=weighed_on,
        **pregnancy(patient, active, answers_of(screenings, entries.statements)),
    )
    therapies = therapies_on(entries.therapies, on) if entries.therapies or asked else None
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


def _screenings(entries: Entries, current: Screening | None) -> list[Screening]:
    """The newest screenings, newest first; the one under review always leads."""
    if current is None:
        return list(entries.screenings)
    return [current, *(each for each in entries.screenings if each.id != current.id)]


def _weight(
    measured: Measurement | None, on: date, screenings: list[Screening]
) -> tuple[int | None, date | None]:
    """The latest weight in g on or before that day, and its day; a fraction of a gram is cut."""
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
