"""`/v1/operations`."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Request, Response, Security

from api.database import ReadDb, WriteDb, database_of
from api.operations import service
from api.operations.schemas import OperationQuery, OperationRead
from api.paging import Page
from api.preconditions import IfMatch, always_whole, tag
from api.routing import Router
from api.security import Caller, read_caller, write_caller

router = Router(prefix="/v1/operations", tags=["Operations"])
# Each kind of operation needs its own scope, which the row names.
Reader = Annotated[Caller, Security(read_caller)]
Canceller = Annotated[Caller, Security(write_caller)]
Prefer = Annotated[
    str | None,
    Header(
        max_length=200,
        description="`wait=N`: answer when it has ended, or after N seconds, at most 20.",
        examples=["wait=10"],
    ),
]


@router.get("", name="list_operations", summary="List long work")
async def list_operations(
    query: Annotated[OperationQuery, Query()],
    caller: Reader,
    db: ReadDb,
    request: Request,
    response: Response,
) -> Page[OperationRead]:
    """Those of the kinds that the caller may see, newest first."""
    page, pager = await service.list_operations(db, caller, request, query)
    pager.link(response, page.next_cursor)
    return page


@router.get("/{operation_id}", name="read_operation", summary="How far long work is")
async def read_operation(
    operation_id: UUID,
    caller: Reader,
    db: ReadDb,
    request: Request,
    response: Response,
    prefer: Prefer = None,
) -> OperationRead:
    """Status, progress and, once it succeeded, the result. `Retry-After` while it goes on."""
    row = await service.read(db, caller, operation_id)
    patience = service.wished_wait(prefer)
    if patience is not None:
        await db.commit()  # the connection goes back while we wait
        row = await service.until_ended(database_of(request), row, patience)
        response.headers["Preference-Applied"] = f"wait={int(patience.total_seconds())}"
    if row.status not in service.ENDED:
        response.headers["Retry-After"] = "1"
    always_whole(request)  # progress does not count versions
    tag(response, row)
    return OperationRead.of(row)


@router.post("/{operation_id}/cancel", name="cancel_operation", summary="Cancel long work")
async def cancel_operation(
    operation_id: UUID, expected: IfMatch, caller: Canceller, db: WriteDb, response: Response
) -> OperationRead:
    """What waits is cancelled at once; what runs stops after its present step and keeps it.

    For who asked for it, and for who manages the clinic.
    """
    row = await service.cancel(db, caller, operation_id, expected)
    tag(response, row)
    return OperationRead.of(row)
