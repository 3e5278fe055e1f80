"""`/v1/repairs`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response, Security

from api.database import ReadDb, WriteDb
from api.operations.schemas import OperationRead
from api.operations.service import accepted
from api.paging import Page
from api.preconditions import IfMatch, tag
from api.repairs import applying, service
from api.repairs.schemas import RepairApply, RepairCreate, RepairHead, RepairQuery, RepairRead
from api.routing import Router
from api.security import Caller, read_caller, write_caller

router = Router(prefix="/v1/repairs", tags=["Scheduling"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read"])]
_ACCEPTED: dict[str, Any] = {
    "description": "Asked for; the operation says how far it is.",
    "headers": {
        "Location": {"description": "Where it is watched.", "schema": {"type": "string"}},
        "ETag": {"description": "The operation's version.", "schema": {"type": "string"}},
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    },
}
Scheduler = Annotated[Caller, Security(write_caller, scopes=[service.SCOPE])]


@router.post(
    "",
    status_code=202,
    name="propose_repair",
    summary="Propose a repair",
    responses={202: _ACCEPTED},
)
async def propose_repair(
    body: RepairCreate, caller: Scheduler, db: WriteDb, response: Response
) -> OperationRead:
    """Somebody is ill, a room is out of use, the clinic must close: a place is looked for every
    session in that time. Nothing is moved; `args.repair_id` names the repair, the operation says
    how far the work is and can be cancelled."""
    return accepted(response, await service.ask(db, caller, body))


@router.get("", name="list_repairs", summary="List repairs")
async def list_repairs(
    query: Annotated[RepairQuery, Query()],
    caller: Reader,
    db: ReadDb,
    request: Request,
    response: Response,
) -> Page[RepairHead]:
    """Newest first, without their sessions."""
    page, pager = await service.list_repairs(db, caller, request, query)
    pager.link(response, page.next_cursor)
    return page


@router.get("/{repair_id}", name="read_repair", summary="Read a proposal")
async def read_repair(
    repair_id: UUID, caller: Reader, db: ReadDb, response: Response
) -> RepairRead:
    """Every affected session with its place or the reason for none, what the whole costs, and how
    far it may be from the best."""
    repair = await service.read_repair(db, caller, repair_id)
    tag(response, repair)
    return service.shown(repair, await service.moves_of(db, repair))


@router.post(
    "/{repair_id}/apply",
    name="apply_repair",
    summary="Carry a proposal out",
    responses={409: {"description": "`repair-outdated` with `changed`; `illegal-transition`."}},
)
async def apply_repair(
    repair_id: UUID,
    body: RepairApply,
    expected: IfMatch,
    caller: Scheduler,
    db: WriteDb,
    response: Response,
) -> RepairRead:
    """Every proposed move, or none: all rules, calendars and conflicts are asked again. Sessions
    without a place stay as they are. Patients' confirmations of another time are taken back."""
    repair, moves = await applying.apply(db, caller, repair_id, body, expected)
    tag(response, repair)
    return service.shown(repair, moves)
