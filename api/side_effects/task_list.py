"""Reading and closing the tasks of the escalation table."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, not_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from api import audit
from api.database import found, locked
from api.decisions.figures import in_force
from api.preconditions import check
from api.problems import Forbidden, IllegalTransition, NotFound
from api.scopes import Role
from api.security import Caller
from api.side_effects.task_schemas import CloseTask, TaskOutcome, TaskQuery
from models import WorklistEnd, WorklistItem, WorklistKind

_EQUAL = ("cause", "patient_id", "side_effect_id", "lot_id")
_ENDS = {TaskOutcome.DONE: WorklistEnd.PERFORMED, TaskOutcome.NOT_NEEDED: WorklistEnd.DISMISSED}
_PRESCRIBERS = frozenset({Role.MEDICAL_DIRECTOR, Role.PRACTITIONER})
_MAY_CLOSE: dict[str | None, frozenset[Role]] = {
    "medical_director": frozenset({Role.MEDICAL_DIRECTOR}),
    "prescriber": _PRESCRIBERS,
    "nurse": _PRESCRIBERS | {Role.NURSE},
    None: _PRESCRIBERS | {Role.NURSE},
}


def listing(caller: Caller, query: TaskQuery) -> SelectOfScalar[WorklistItem]:
    """The clinic's tasks that the filters let through."""
    closed = col(WorklistItem.closed_at)
    asked: list[ColumnElement[bool]] = [
        col(WorklistItem.clinic_id) == caller.clinic_id,
        col(WorklistItem.kind) == WorklistKind.TASK,
        closed.is_(None) if query.open else closed.is_not(None),
    ]
    for name in _EQUAL:
        value = getattr(query, name)
        if value is not None:
            asked.append(col(getattr(WorklistItem, name)) == value)
    if query.overdue is not None:
        late = closed.is_(None) & (col(WorklistItem.due_at) < caller.now)
        asked.append(late if query.overdue else not_(late))
    return select(WorklistItem).where(*asked)


async def roles(db: AsyncSession, caller: Caller) -> Mapping[str, str | None]:
    """Who closes the tasks of each row of the escalation table in force."""
    figures = (await in_force(db, caller.clinic_id, caller.today)).figures
    return {row.trigger: row.release_role for row in figures.escalations}


async def read_task(db: AsyncSession, caller: Caller, task_id: UUID) -> WorklistItem:
    """One task, open or not; NotFound for what is no task."""
    item = await found(db, WorklistItem, caller.clinic_id, task_id)
    if item.kind is not WorklistKind.TASK:
        raise NotFound
    return item


async def close(
    db: AsyncSession, caller: Caller, task_id: UUID, body: CloseTask, expected: int
) -> WorklistItem:
    """A person takes it off the list. It releases nothing.

    Forbidden to who may not release what the same row holds; IllegalTransition where it is off
    the list already.
    """
    person = caller.person()
    item = await locked(db, WorklistItem, caller.clinic_id, task_id)
    if item.kind is not WorklistKind.TASK:
        raise NotFound
    role = (await roles(db, caller)).get(item.cause)
    if caller.roles.isdisjoint(_MAY_CLOSE.get(role, _MAY_CLOSE["medical_director"])):
        raise Forbidden(role or "clinician", "This task is for another role to close.")
    check(item, expected)
    if item.closed_at is not None:
        raise IllegalTransition("closed", [])
    item.closed_at, item.closed_because = caller.now, _ENDS[body.outcome]
    item.closed_by, item.close_reason = person, body.note
    audit.record(db, caller, "task.closed", item, reason=body.outcome.value)
    await db.flush()
    return item
