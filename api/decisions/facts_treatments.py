"""What the rules are told a patient agreed to, and what else is done to them."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.entries import by_patient, newest, whose
from models import Consent, Therapy
from rules import facts

NOTHING_ELSE = "NO_OTHER_THERAPY"  # recorded to say that somebody asked and there was nothing
# Done on one day, so that they are over even where nobody entered an end.
_PROCEDURES = frozenset(
    {
        "PRP", "MICRONEEDLING", "HAIR_TRANSPLANT", "LASER", "PEEL", "BOTULINUM", "FILLER",
        "CHEMICAL_HAIR_TREATMENT", "VACCINE", "DENTAL_WORK", "LOCAL_STEROID",
    }
)  # fmt: skip
_NEWEST_CONSENTS = newest(Consent, 50, [col(Consent.signed_on).desc(), col(Consent.id).desc()])


async def load_consents(
    db: AsyncSession, clinic_id: UUID, patient_id: UUID
) -> tuple[facts.Consent, ...]:
    """The newest consents, withdrawn ones included: the rule says what they are worth."""
    return (await consents_of_many(db, clinic_id, {patient_id})).get(patient_id, ())


async def consents_of_many(
    db: AsyncSession, clinic_id: UUID, patients: Collection[UUID]
) -> dict[UUID, tuple[facts.Consent, ...]]:
    """By patient, the newest consents, newest first; nobody without any is in it. One query."""
    found = await by_patient(db, _NEWEST_CONSENTS, whose(clinic_id, patients))
    return {patient_id: tuple(map(_consent, rows)) for patient_id, rows in found.items()}


def _consent(row: Consent) -> facts.Consent:
    return facts.Consent(
        document_code=row.document_code,
        signed_on=row.signed_on,
        withdrawn_on=row.withdrawn_on,
        ingredient_codes=tuple(sorted(row.ingredient_codes)),
        valid_days=row.valid_days,
    )


def therapies_on(rows: Sequence[Therapy], on: date) -> tuple[facts.OtherTherapy, ...]:
    """Those begun by `on`, with the last day on which they acted."""
    therapies = [
        facts.OtherTherapy(code=row.code, last_on=_last_on(row, on), area=row.area)
        for row in rows
        if row.started_on <= on and row.code != NOTHING_ELSE
    ]
    return tuple(sorted(therapies, key=lambda each: (each.code, each.last_on, each.area or "")))


def _last_on(therapy: Therapy, on: date) -> date:
    if therapy.ended_on is not None:
        return min(therapy.ended_on, on)
    return therapy.started_on if therapy.code in _PROCEDURES else on
