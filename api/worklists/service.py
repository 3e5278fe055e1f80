"""Reading the review worklist, and dismissing what needs nothing."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found, locked
from api.decisions.schemas import FindingRead
from api.paging import Order, Page, Pager
from api.preconditions import check
from api.problems import Forbidden, IllegalTransition, NotFound
from api.scopes import Role
from api.security import Caller
from api.worklists.schemas import ReviewItem, ReviewPatient, ReviewQuery, ReviewSession
from models import Patient, TreatmentSession, WorklistEnd, WorklistItem, WorklistKind

_CLINICAL, _NAMES = "clinical:read", "patients:read"
_REVIEWED = (WorklistKind.SESSION, WorklistKind.INCIDENT, WorklistKind.CALENDAR)
_EQUAL = ("kind", "cause", "severity", "practitioner_id", "patient_id", "session_id")


async def list_review(
    db: AsyncSession, caller: Caller, request: Request, query: ReviewQuery
) -> tuple[Page[ReviewItem], Pager]:
    """The next session first. Forbidden to filter by cause without clinical:read."""
    if query.cause is not None:
        caller.require(_CLINICAL)
    closed = col(WorklistItem.closed_at)
    statement = select(WorklistItem).where(
        WorklistItem.clinic_id == caller.clinic_id,
        col(WorklistItem.kind).in_(_REVIEWED),
        closed.is_(None) if query.open else closed.is_not(None),
    )
    for name in _EQUAL:
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(WorklistItem, name) == value)
    pager = Pager(request, query, caller.clinic_id)
    order = Order((WorklistItem.due_at, WorklistItem.id))
    rows, cursor, total = await pager.rows(db, statement, order)
    items = await _shown(db, caller, rows)
    return Page[ReviewItem](items=items, next_cursor=cursor, total=total), pager


async def read_review(db: AsyncSession, caller: Caller, item_id: UUID) -> ReviewItem:
    """One item, open or not."""
    row = await found(db, WorklistItem, caller.clinic_id, item_id)
    if row.kind not in _REVIEWED:
        raise NotFound
    return (await _shown(db, caller, [row]))[0]


async def dismiss(
    db: AsyncSession, caller: Caller, item_id: UUID, reason: str, expected: int
) -> tuple[WorklistItem, ReviewItem]:
    """A person takes it off the list; the same findings do not bring it back.

    Raises Forbidden for a machine, and for an incident where the caller is not the medical
    director; IllegalTransition where it is off the list already.
    """
    person = caller.person()
    row = await locked(db, WorklistItem, caller.clinic_id, item_id)
    if row.kind not in _REVIEWED:
        raise NotFound
    if row.kind is WorklistKind.INCIDENT and Role.MEDICAL_DIRECTOR not in caller.roles:
        raise Forbidden("medical_director", "An incident is closed by the medical director.")
    check(row, expected)
    if row.closed_at is not None:
        raise IllegalTransition("closed", [])
    row.closed_at, row.closed_because = caller.now, WorklistEnd.DISMISSED
    row.closed_by, row.close_reason = person, reason
    what = "incident.closed" if row.kind is WorklistKind.INCIDENT else "worklist_item.dismissed"
    audit.record(db, caller, what, row)
    await db.flush()
    return row, (await _shown(db, caller, [row]))[0]


async def _shown(
    db: AsyncSession, caller: Caller, rows: Sequence[WorklistItem]
) -> list[ReviewItem]:
    """With their sessions and patients, in one query for the page."""
    statement = (
        select(TreatmentSession, Patient)
        .join(
            Patient,
            (col(Patient.clinic_id) == col(TreatmentSession.clinic_id))
            & (col(Patient.id) == col(TreatmentSession.patient_id)),
        )
        .where(
            TreatmentSession.clinic_id == caller.clinic_id,
            col(TreatmentSession.id).in_({row.session_id for row in rows}),
        )
    )
    known = {session.id: (session, patient) for session, patient in await db.exec(statement)}
    return [
        _item(caller, row, *known[row.session_id]) for row in rows if row.session_id is not None
    ]


def _item(
    caller: Caller, row: WorklistItem, session: TreatmentSession, patient: Patient
) -> ReviewItem:
    clinical = caller.may(_CLINICAL) or row.kind is WorklistKind.CALENDAR
    values: dict[str, Any] = row.model_dump(exclude={"findings", "cause", "close_reason"})
    return ReviewItem(
        **values,
        cause=row.cause if clinical else None,
        findings=_findings(row) if clinical else None,
        close_reason=row.close_reason if clinical else None,
        since=row.opened_at,
        patient=_patient(patient) if caller.may(_NAMES) else _nameless(patient),
        session=ReviewSession.model_validate(session),
    )


def _findings(row: WorklistItem) -> tuple[FindingRead, ...]:
    return tuple(FindingRead.model_validate(each) for each in json.loads(row.findings))


def _patient(patient: Patient) -> ReviewPatient:
    return ReviewPatient.model_validate(patient)


def _nameless(patient: Patient) -> ReviewPatient:
    return ReviewPatient(id=patient.id, given_name=None, family_name=None, record_number=None)
