"""`/v1/worklists/due`: whom to call."""

from typing import Annotated

from fastapi import Query, Request, Response, Security

from api.database import ReadDb
from api.paging import Page
from api.routing import Router
from api.security import Caller, read_caller
from api.worklists import due
from api.worklists.due_schemas import DueItem, DueQuery

router = Router(prefix="/v1/worklists", tags=["Worklists"])
Reader = Annotated[Caller, Security(read_caller, scopes=["plans:read", "sessions:read"])]


@router.get("/due", name="list_due", summary="Whose next session nobody has booked")
async def list_due(
    query: Annotated[DueQuery, Query()],
    request: Request,
    response: Response,
    caller: Reader,
    db: ReadDb,
) -> Page[DueItem]:
    """Active plans without a session ahead: due, overdue, lapsed, never booked, or with one that
    was missed or cancelled; with the window, how much it presses and why. Who has waited longest
    comes first. A page may hold fewer than `limit`; go on while there is a `next_cursor`. Names
    need patients:read."""
    page, pager = await due.list_due(db, caller, request, query)
    pager.link(response, page.next_cursor)
    return page
