"""`/v1/slots`: when somebody can come."""

from typing import Annotated

from fastapi import Query, Request, Response, Security

from api.database import ReadDb
from api.paging import Pager
from api.routing import Router
from api.scheduling import slots
from api.scheduling.slot_schemas import SlotPage, SlotQuery
from api.security import Caller, read_caller

router = Router(prefix="/v1/slots", tags=["Scheduling"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read"])]


@router.get(
    "",
    name="list_slots",
    summary="Find slots",
    responses={409: {"description": "The plan is not active."}},
)
async def list_slots(
    request: Request,
    response: Response,
    query: Annotated[SlotQuery, Query()],
    caller: Reader,
    db: ReadDb,
) -> SlotPage:
    """Times that rules, calendars, people and rooms allow, best first, each with the reason why it
    stands there. What is offered can be booked as it is: by default it asks for no answer."""
    pager = Pager(request, query, caller.clinic_id)
    page = await slots.find(db, caller, query, pager)
    pager.link(response, page.next_cursor)
    return page
