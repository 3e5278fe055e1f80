"""Registering patients, finding them, and changing who they are."""

from uuid import UUID

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import locked
from api.patients import names
from api.patients.registration import index_words, next_record_number, refuse_duplicate
from api.patients.schemas import PatientChange, PatientCreate, PatientSearch
from api.preconditions import check
from api.problems import invalid
from api.security import Caller
from models import Patient, PatientSearchTerm

_LAST_LETTER = "\U0010ffff"
_FOUND_BY = frozenset({"given_name", "family_name", "phone"})


async def register(
    db: AsyncSession, caller: Caller, draft: PatientCreate, *, allow_duplicate: bool
) -> Patient:
    """A new patient with the next record number.

    Raises PossibleDuplicate unless `allow_duplicate`; InvalidRequest for a birthday to come.
    """
    _refuse_unborn(caller, draft.born_on)
    number = await next_record_number(db, caller.clinic_id)  # first: it makes registrations queue
    patient = Patient(
        **dict(draft),
        clinic_id=caller.clinic_id,
        record_number=number,
        search_text=names.search_text(draft.given_name, draft.family_name),
        phone_digits=names.digits(draft.phone),
    )
    if not allow_duplicate:
        await refuse_duplicate(
            db, caller.clinic_id, patient.search_text, draft.born_on, patient.phone_digits
        )
    db.add(patient)
    audit.record(db, caller, "patient.registered", patient, patient_id=patient.id)
    await db.flush()
    await index_words(db, patient)
    return patient


async def change(
    db: AsyncSession, caller: Caller, patient_id: UUID, expected: int, patch: PatientChange
) -> Patient:
    """Correct or complete a patient's demographics; what the patch leaves out stays."""
    patient = await locked(db, Patient, caller.clinic_id, patient_id)
    check(patient, expected)
    said = {name: getattr(patch, name) for name in patch.model_fields_set}
    if "born_on" in said:
        _refuse_unborn(caller, patch.born_on)
    for name, value in said.items():
        setattr(patient, name, value)
    patient.search_text = names.search_text(patient.given_name, patient.family_name)
    patient.phone_digits = names.digits(patient.phone)
    audit.record(db, caller, "patient.changed", patient, patient_id=patient.id)
    await db.flush()
    if said.keys() & _FOUND_BY:
        await index_words(db, patient)
    return patient


def _refuse_unborn(caller: Caller, born_on: object) -> None:
    if born_on > caller.today:  # type: ignore[operator]
        raise invalid("/born_on", "in_the_future", "A birthday is not in the future.")


async def search(
    db: AsyncSession, caller: Caller, question: PatientSearch
) -> tuple[list[Patient], str | None]:
    """Patients who match every word, by name, and the cursor of the next page.

    The cursor is the id of the page's last patient, which says nothing about them. Each word
    walks one range of the words' index, so the cost does not grow with the clinic.
    """
    words = names.asked(question.q or "")
    if not words and question.born_on is None:
        raise invalid("/q", "nothing_asked", "Give letters or digits to look for, or a birthday.")
    statement = select(Patient).where(Patient.clinic_id == caller.clinic_id)
    for word in words:
        statement = statement.where(_has_word(caller.clinic_id, word))
    if question.born_on is not None:
        statement = statement.where(Patient.born_on == question.born_on)
    order = (col(Patient.family_name), col(Patient.given_name), col(Patient.id))
    if question.cursor is not None:
        last = await _last_of_page(db, caller, question.cursor)
        statement = statement.where(
            tuple_(*order) > tuple_(last.family_name, last.given_name, last.id)
        )
    rows = list((await db.exec(statement.order_by(*order).limit(question.limit + 1))).all())
    more = len(rows) > question.limit
    rows = rows[: question.limit]
    return rows, str(rows[-1].id) if more else None


def _has_word(clinic_id: UUID, word: str) -> ColumnElement[bool]:
    beginning = (
        select(PatientSearchTerm.patient_id)
        .where(PatientSearchTerm.clinic_id == clinic_id)
        .where(PatientSearchTerm.term >= word, PatientSearchTerm.term < word + _LAST_LETTER)
    )
    return col(Patient.id).in_(beginning)


async def _last_of_page(db: AsyncSession, caller: Caller, cursor: str) -> Patient:
    try:
        last = await db.get(Patient, (caller.clinic_id, UUID(cursor)))
    except ValueError:
        last = None
    if last is None:
        raise invalid("/cursor", "cursor", "This cursor does not belong to this search.")
    return last
