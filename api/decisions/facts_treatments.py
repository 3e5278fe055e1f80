"""What the rules are told a patient agreed to, and what else is done to them."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.entries import standing
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
_NEWEST_CONSENTS = 50


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


async def therapies_of(
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
        if row.started_on <= on and row.code != NOTHING_ELSE
    ]
    return tuple(sorted(therapies, key=lambda each: (each.code, each.last_on, each.area or "")))


def _last_on(therapy: Therapy, on: date) -> date:
    if therapy.ended_on is not None:
        return min(therapy.ended_on, on)
    return therapy.started_on if therapy.code in _PROCEDURES else on
