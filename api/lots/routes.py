"""`/v1/lots`."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, Security

from api.database import ReadDb, WriteDb, found
from api.lots import exposures, service
from api.lots.exposure_schemas import Exposures, LotRecall
from api.lots.look_back import DEFAULT_DAYS
from api.lots.schemas import LotCreate, LotQuery, LotRead, MoveLot, OpenLot
from api.paging import Order, Page, Pager
from api.preconditions import IfMatch, tag
from api.routing import Router
from api.security import Caller, read_caller, write_caller
from models import Lot

router = Router(prefix="/v1/lots", tags=["Lots"])
Reader = Annotated[Caller, Security(read_caller, scopes=["formulas:read"])]
Writer = Annotated[Caller, Security(write_caller, scopes=["lots:write"])]
Releaser = Annotated[Caller, Security(write_caller, scopes=["lots:write", "holds:release"])]
LookBack = Annotated[
    int, Query(ge=1, le=3650, description="How far back to look for the same formula, in days.")
]
LotParams = Annotated[LotQuery, Query()]


@router.post("", status_code=201, name="receive_lot", summary="Receive a lot")
async def receive_lot(draft: LotCreate, response: Response, caller: Writer, db: WriteDb) -> LotRead:
    """A month as expiry, `2027-08`, means the month's last day."""
    lot = await service.receive(db, caller, draft)
    tag(response, lot, f"/v1/lots/{lot.id}")
    return LotRead.of(lot, caller.today)


@router.get("", name="list_lots", summary="List lots")
async def list_lots(
    request: Request, response: Response, query: LotParams, caller: Reader, db: ReadDb
) -> Page[LotRead]:
    """Latest received first."""
    pager = Pager(request, query, caller.clinic_id)
    statement = service.listing(caller.clinic_id, query, caller.today)
    rows, cursor, total = await pager.rows(db, statement, Order((Lot.id,), descending=True))
    pager.link(response, cursor)
    items = [LotRead.of(row, caller.today) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


@router.get("/{lot_id}", name="read_lot", summary="Read a lot")
async def read_lot(lot_id: UUID, response: Response, caller: Reader, db: ReadDb) -> LotRead:
    """One lot, in its state of today."""
    lot = await found(db, Lot, caller.clinic_id, lot_id)
    tag(response, lot)
    return LotRead.of(lot, caller.today)


@router.post("/{lot_id}/open", name="open_lot", summary="Open a container")
async def open_lot(
    lot_id: UUID, body: OpenLot, expected: IfMatch, response: Response, caller: Writer, db: WriteDb
) -> LotRead:
    """Dates the first puncture, from which the days of use after opening are counted."""
    lot = await service.open_container(db, caller, lot_id, body.opened_on, expected)
    tag(response, lot)
    return LotRead.of(lot, caller.today)


@router.post("/{lot_id}/quarantine", name="quarantine_lot", summary="Quarantine a lot")
async def quarantine_lot(
    lot_id: UUID, body: MoveLot, expected: IfMatch, response: Response, caller: Writer, db: WriteDb
) -> LotRead:
    """Sets the lot aside; no administration can use it until it is released."""
    lot = await service.quarantine(db, caller, lot_id, body.reason, expected)
    tag(response, lot)
    return LotRead.of(lot, caller.today)


@router.post("/{lot_id}/release", name="release_lot", summary="Release a quarantined lot")
async def release_lot(
    lot_id: UUID,
    body: MoveLot,
    expected: IfMatch,
    response: Response,
    caller: Releaser,
    db: WriteDb,
) -> LotRead:
    """Puts a quarantined lot back into use, and releases what holds it, where the criteria of
    each hold are met; a recall cannot be undone."""
    lot = await service.release(db, caller, lot_id, body.reason, expected)
    tag(response, lot)
    return LotRead.of(lot, caller.today)


@router.post("/{lot_id}/use-up", name="use_up_lot", summary="Mark a lot as used up")
async def use_up_lot(
    lot_id: UUID, body: MoveLot, expected: IfMatch, response: Response, caller: Writer, db: WriteDb
) -> LotRead:
    """Nothing is left of it, or the rest was discarded."""
    lot = await service.use_up(db, caller, lot_id, body.reason, expected)
    tag(response, lot)
    return LotRead.of(lot, caller.today)


@router.post("/{lot_id}/recall", name="recall_lot", summary="Recall a lot")
async def recall_lot(
    lot_id: UUID, body: MoveLot, expected: IfMatch, response: Response, caller: Writer, db: WriteDb
) -> LotRecall:
    """Withdraws the lot for good and answers everybody it reached, with their open effects."""
    lot = await service.recall(db, caller, lot_id, body.reason, expected)
    tag(response, lot)
    reached = await exposures.exposures(db, caller, lot_id)
    return LotRecall(lot=LotRead.of(lot, caller.today), exposures=reached)


@router.get("/{lot_id}/exposures", name="read_lot_exposures", summary="Who was given this lot")
async def read_lot_exposures(
    lot_id: UUID, caller: Reader, db: ReadDb, look_back_days: LookBack = DEFAULT_DAYS
) -> Exposures:
    """Patients, sessions, contacts and unresolved side effects in one call; and who was lately
    given the same formula from another lot."""
    return await exposures.exposures(db, caller, lot_id, look_back_days)
