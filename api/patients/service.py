"""Registering patients, finding them, and changing who they are."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

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
_FEW = 500
_ByName = tuple[Any, Any, Any]
_BY_NAME: _ByName = (col(Patient.family_name), col(Patient.given_name), col(Patient.id))
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

    The cursor is the id of the page's last patient, which says nothing about them.
    """
    words = names.asked(question.q or "")
    if not words and question.born_on is None:
        raise invalid("/q", "nothing_asked", "Give letters or digits to look for, or a birthday.")
    last = await _last_of_page(db, caller, question.cursor)
    names_in_order = _BY_NAME
    statement = select(Patient).where(Patient.clinic_id == caller.clinic_id)
    if words:
        few = await _with_words(db, caller.clinic_id, words)
        if few is None:
            statement = statement.where(*(_has_word(caller.clinic_id, word) for word in words))
        elif not few:
            return [], None
        else:
            statement = statement.where(col(Patient.id).in_(few))
            names_in_order = _computed()
    if question.born_on is not None:
        statement = statement.where(Patient.born_on == question.born_on)
        names_in_order = _computed()
    if last is not None:
        statement = statement.where(
            tuple_(*names_in_order) > tuple_(last.family_name, last.given_name, last.id)
        )
    return await _page(db, statement.order_by(*names_in_order), question.limit)


async def _page(
    db: AsyncSession, statement: SelectOfScalar[Patient], limit: int
) -> tuple[list[Patient], str | None]:
    rows = list((await db.exec(statement.limit(limit + 1))).all())
    more, rows = len(rows) > limit, rows[:limit]
    return rows, str(rows[-1].id) if more else None


async def _with_words(db: AsyncSession, clinic_id: UUID, words: list[str]) -> list[UUID] | None:
    """Ids of the patients who have all the words, or None where they are many.

    Few are fetched by their ids, so that the cost is theirs and not the clinic's. With many,
    walking the names in their order soon comes upon the next page.
    """
    first, *others = (_with_word(clinic_id, word) for word in words)
    for other in others:
        first = first.where(col(PatientSearchTerm.patient_id).in_(other))
    ids = list((await db.exec(first.distinct().limit(_FEW + 1))).all())
    return ids if len(ids) <= _FEW else None


def _with_word(clinic_id: UUID, word: str) -> SelectOfScalar[UUID]:
    """Ids of the patients one of whose words begins like this: one range of the index."""
    return select(PatientSearchTerm.patient_id).where(
        PatientSearchTerm.clinic_id == clinic_id,
        PatientSearchTerm.term >= word,
        PatientSearchTerm.term < word + _LAST_LETTER,
    )


def _has_word(clinic_id: UUID, word: str) -> ColumnElement[bool]:
    return col(Patient.id).in_(_with_word(clinic_id, word))


def _computed() -> _ByName:
    """The same order, computed: an index on it would tempt the database to walk everybody."""
    family_name, given_name, row_id = _BY_NAME
    return family_name.concat(""), given_name.concat(""), row_id


async def _last_of_page(db: AsyncSession, caller: Caller, cursor: str | None) -> Patient | None:
    if cursor is None:
        return None
    try:
        last = await db.get(Patient, (caller.clinic_id, UUID(cursor)))
    except ValueError:
        last = None
    if last is None:
        raise invalid("/cursor", "cursor", "This cursor does not belong to this search.")
    return last
