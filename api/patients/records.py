"""What is done with every entry of a patient's record: write it, complete it, mark it as wrong.

Nothing here overwrites what was observed. The patient's row is locked first, so that a decision
of the rules and a new entry about the same patient come one after the other.
"""

from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.clock import local_day
from api.database import found, locked
from api.fields import Body
from api.paging import PageQuery, Pager
from api.patients.record_kind import RecordKind
from api.preconditions import check
from api.problems import FieldError, IllegalTransition, InvalidRequest, NotFound, invalid
from api.security import Caller
from models import ClinicalRecord, Patient

Row = TypeVar("Row", bound=ClinicalRecord)
_SKEW = timedelta(minutes=5)  # other machines' clocks run ahead by as much


async def write(
    db: AsyncSession, caller: Caller, kind: RecordKind[Row], patient_id: UUID, draft: Body
) -> Row:
    """A new entry; NotFound where the patient is unknown, InvalidRequest for what cannot be."""
    patient = await locked(db, Patient, caller.clinic_id, patient_id)
    _refuse_impossible_days(caller, kind, patient, draft)
    columns = await kind.columns(db, caller, patient_id, draft)
    _refuse_reversed(kind, columns)
    row = kind.table(
        **columns,
        clinic_id=caller.clinic_id,
        patient_id=patient_id,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
    )
    db.add(row)
    audit.record(db, caller, f"{kind.noun}.recorded", row)
    await db.flush()
    await kind.afterwards(db, caller, row, draft)
    return row


async def page(
    db: AsyncSession,
    caller: Caller,
    kind: RecordKind[Row],
    patient_id: UUID,
    query: PageQuery,
    pager: Pager,
) -> tuple[list[Row], str | None, int | None]:
    """A page of the patient's entries, newest first, the wrong ones included and marked."""
    await found(db, Patient, caller.clinic_id, patient_id)
    statement = select(kind.table).where(
        kind.table.clinic_id == caller.clinic_id,
        kind.table.patient_id == patient_id,
        *kind.filters(query),
    )
    return await pager.rows(db, statement, kind.newest_first)


async def read(
    db: AsyncSession, caller: Caller, kind: RecordKind[Row], patient_id: UUID, record_id: UUID
) -> Row:
    """One entry of this patient; another patient's is NotFound."""
    return _of(await found(db, kind.table, caller.clinic_id, record_id), patient_id)


async def lock(
    db: AsyncSession,
    caller: Caller,
    kind: RecordKind[Row],
    patient_id: UUID,
    record_id: UUID,
    expected: int,
) -> Row:
    """One entry, to be changed: the patient locked, then the row, then its version checked."""
    await locked(db, Patient, caller.clinic_id, patient_id)
    row = _of(await locked(db, kind.table, caller.clinic_id, record_id), patient_id)
    check(row, expected)
    if row.entered_in_error_at is not None:
        raise IllegalTransition("entered_in_error", [])
    return row


def _of(row: Row, patient_id: UUID) -> Row:
    if row.patient_id != patient_id:
        raise NotFound
    return row


async def complete(
    db: AsyncSession, caller: Caller, kind: RecordKind[Row], row: Row, patch: Body
) -> Row:
    """Apply a merge patch to a locked entry: it ended, or its status became known."""
    patient = await found(db, Patient, caller.clinic_id, row.patient_id)
    _refuse_impossible_days(caller, kind, patient, patch)
    said = {name: getattr(patch, name) for name in patch.model_fields_set}
    _refuse_reversed(kind, row.model_dump() | said)
    for name, value in said.items():
        setattr(row, name, value)
    audit.record(db, caller, f"{kind.noun}.changed", row)
    await db.flush()
    await kind.afterwards(db, caller, row, patch)
    return row


async def mark_wrong(
    db: AsyncSession, caller: Caller, kind: RecordKind[Row], row: Row, reason: str
) -> Row:
    """Mark a locked entry as entered in error: it stays readable and no longer counts."""
    row.entered_in_error_at = caller.now
    row.entered_in_error_by = caller.actor_id
    row.entered_in_error_reason = reason
    audit.record(db, caller, f"{kind.noun}.entered_in_error", row, reason=reason)
    await db.flush()
    await kind.once_wrong(db, caller, row, None)
    return row


async def standing(
    db: AsyncSession, table: type[Row], clinic_id: UUID, patient_id: UUID, *conditions: Any
) -> list[Row]:
    """The patient's entries that are not entered in error and meet the conditions."""
    statement = select(table).where(
        table.clinic_id == clinic_id,
        table.patient_id == patient_id,
        col(table.entered_in_error_at).is_(None),
        *conditions,
    )
    return list((await db.exec(statement.order_by(col(table.id)))).all())


def _refuse_impossible_days(
    caller: Caller, kind: RecordKind[Row], patient: Patient, body: Body
) -> None:
    """InvalidRequest for a day that has not come yet, or on which the patient was not born."""
    errors = []
    for name in kind.past:
        given = getattr(body, name, None)
        if given is None:
            continue
        day = local_day(given, caller.zone) if isinstance(given, datetime) else given
        ahead = given > caller.now + _SKEW if isinstance(given, datetime) else day > caller.today
        if ahead:
            errors.append(FieldError(f"/{name}", "in_the_future", "This lies in the future."))
        elif day < patient.born_on:
            errors.append(FieldError(f"/{name}", "before_birth", "This lies before the birth."))
    if errors:
        raise InvalidRequest(errors)


def _refuse_reversed(kind: RecordKind[Row], columns: dict[str, Any]) -> None:
    if kind.span is None:
        return
    first, last = kind.span
    begins, ends = columns.get(first), columns.get(last)
    if begins is not None and ends is not None and ends < begins:
        raise invalid(f"/{last}", "before_its_start", "This lies before its start.")
