"""`/v1/worklists/tasks`."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, Security

from api.database import ReadDb, WriteDb
from api.paging import Order, Page, Pager
from api.preconditions import IfMatch, always_whole, tag
from api.routing import Router
from api.security import Caller, read_caller, write_caller
from api.side_effects import task_list
from api.side_effects.task_schemas import CloseTask, TaskQuery, TaskRead
from models import WorklistItem

router = Router(prefix="/v1/worklists/tasks", tags=["Worklists"])
Reader = Annotated[Caller, Security(read_caller, scopes=["side_effects:read"])]
Closer = Annotated[
    Caller, Security(write_caller, scopes=["side_effects:report", "side_effects:read"])
]
Params = Annotated[TaskQuery, Query()]


@router.get("", name="list_tasks", summary="What the escalation table asks people to do")
async def list_tasks(
    request: Request, response: Response, query: Params, caller: Reader, db: ReadDb
) -> Page[TaskRead]:
    """Reviews, cultures, look-backs, signals of a lot or a formula, exposures in pregnancy: due
    soonest first."""
    pager = Pager(request, query, caller.clinic_id)
    order = Order((WorklistItem.due_at, WorklistItem.id))
    rows, cursor, total = await pager.rows(db, task_list.listing(caller, query), order)
    pager.link(response, cursor)
    roles = await task_list.roles(db, caller)
    items = [TaskRead.of(row, roles.get(row.cause), caller.now) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


@router.get("/{task_id}", name="read_task", summary="Read a task")
async def read_task(
    task_id: UUID, request: Request, response: Response, caller: Reader, db: ReadDb
) -> TaskRead:
    """Open or not; with what was done."""
    always_whole(request)
    item = await task_list.read_task(db, caller, task_id)
    tag(response, item)
    return TaskRead.of(item, (await task_list.roles(db, caller)).get(item.cause), caller.now)


@router.post(
    "/{task_id}/close",
    name="close_task",
    summary="Close a task",
    responses={409: {"description": "It is off the list already."}},
)
async def close_task(
    task_id: UUID,
    body: CloseTask,
    expected: IfMatch,
    response: Response,
    caller: Closer,
    db: WriteDb,
) -> TaskRead:
    """Done, or not needed and why. Holds stay until somebody releases them."""
    item = await task_list.close(db, caller, task_id, body, expected)
    tag(response, item)
    return TaskRead.of(item, (await task_list.roles(db, caller)).get(item.cause), caller.now)
