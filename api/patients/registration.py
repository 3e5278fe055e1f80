"""Registering somebody once: the record number, the words to find them by, possible duplicates."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.patients import names
from api.problems import PossibleDuplicate
from models import Counter, Patient, PatientSearchTerm

_SERIES = "patient_record"
_MOST_CANDIDATES = 20
_MOST_COMPARED = 500


async def next_record_number(db: AsyncSession, clinic_id: UUID) -> str:
    """The clinic's next record number, such as "P-000042".

    Holds the counter until the transaction ends: registrations of one clinic queue here, so each
    number is given once, without gaps, and each registration sees the ones before it.
    """
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    first = dialect.insert(Counter).values(clinic_id=clinic_id, name=_SERIES, value=0)
    await db.exec(first.on_conflict_do_nothing())
    taken = (
        update(Counter)
        .where(col(Counter.clinic_id) == clinic_id, col(Counter.name) == _SERIES)
        .values(value=col(Counter.value) + 1)
        .returning(col(Counter.value))
        .execution_options(synchronize_session=False)
    )
    return f"P-{(await db.exec(taken)).scalar_one():06d}"


async def index_words(db: AsyncSession, patient: Patient) -> None:
    """Write the words by which `patient`, already flushed, is found; earlier ones go."""
    owner = {"clinic_id": patient.clinic_id, "patient_id": patient.id}
    await db.exec(
        delete(PatientSearchTerm)
        .where(
            col(PatientSearchTerm.clinic_id) == patient.clinic_id,
            col(PatientSearchTerm.patient_id) == patient.id,
        )
        .execution_options(synchronize_session=False)
    )
    found_by = names.terms(
        patient.given_name, patient.family_name, patient.record_number, patient.phone_digits
    )
    rows = [owner | {"term": term} for term in sorted(found_by)]
    await db.exec(insert(PatientSearchTerm).values(rows))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is compared of a patient who is registered already."""

    id: UUID
    record_number: str
    search_text: str


async def refuse_duplicate(
    db: AsyncSession, clinic_id: UUID, compared: str, born_on: date, phone_digits: str | None
) -> None:
    """PossibleDuplicate where somebody has the same birthday and a similar name, or the phone.

    The candidates are named by id and record number, with what they share and nothing else:
    personal data does not go into problem documents.
    """
    shared: dict[UUID, tuple[_Known, list[str]]] = {}
    for known in await _born_on(db, clinic_id, born_on):
        if names.similar(known.search_text, compared):
            shared[known.id] = (known, ["born_on", "name"])
    if phone_digits is not None:
        for known in await _with_phone(db, clinic_id, phone_digits):
            shared.setdefault(known.id, (known, []))[1].append("phone")
    if not shared:
        return
    candidates: list[dict[str, Any]] = [
        {"id": str(known.id), "record_number": known.record_number, "same": same}
        for known, same in sorted(shared.values(), key=lambda pair: -len(pair[1]))
    ]
    raise PossibleDuplicate(
        "Somebody like this is registered already.", candidates=candidates[:_MOST_CANDIDATES]
    )


def _compared(clinic_id: UUID) -> Any:
    columns = (col(Patient.id), col(Patient.record_number), col(Patient.search_text))
    return select(*columns).where(Patient.clinic_id == clinic_id).limit(_MOST_COMPARED)


async def _born_on(db: AsyncSession, clinic_id: UUID, born_on: date) -> list[_Known]:
    rows = await db.exec(_compared(clinic_id).where(Patient.born_on == born_on))
    return [_Known(*row) for row in rows]


async def _with_phone(db: AsyncSession, clinic_id: UUID, phone_digits: str) -> list[_Known]:
    """Patients whose number ends like this one; short numbers must be the same."""
    ending = select(PatientSearchTerm.patient_id).where(
        PatientSearchTerm.clinic_id == clinic_id,
        PatientSearchTerm.term == names.phone_key(phone_digits),
    )
    matching = _compared(clinic_id).where(
        col(Patient.id).in_(ending), col(Patient.phone_digits).is_not(None)
    )
    return [_Known(*row) for row in await db.exec(matching)]
