"""`/v1/reservations`: keeping a slot free while a booking is completed."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, Security
from sqlmodel import col, select

from api.database import ReadDb, WriteDb
from api.paging import Order, Page, Pager
from api.preconditions import tag
from api.routing import Router
from api.scheduling import reservations
from api.scheduling.reservation_schemas import (
    ReservationCreate,
    ReservationQuery,
    ReservationRead,
)
from api.security import Caller, read_caller, write_caller
from models import SlotReservation

router = Router(prefix="/v1/reservations", tags=["Scheduling"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read"])]
Scheduler = Annotated[Caller, Security(write_caller, scopes=["sessions:schedule"])]


@router.post(
    "",
    status_code=201,
    name="reserve_slot",
    summary="Keep a slot free",
    responses={
        409: {
            "description": "`schedule-conflict` with `conflicts` and `alternatives`;"
            " `outside-calendars` with `refused_by`, `conflicts` and `alternatives`."
        }
    },
)
async def reserve_slot(
    draft: ReservationCreate, caller: Scheduler, db: WriteDb, response: Response
) -> ReservationRead:
    """For five minutes, unless told otherwise, nobody else can book or reserve this time. Name the
    reservation when booking; without a booking it vanishes by itself. No rule is asked yet. The
    start may be given on the clinic's clocks: `local_starts_at`."""
    row = await reservations.reserve(db, caller, draft.at(caller.zone))
    tag(response, row, f"/v1/reservations/{row.id}")
    return ReservationRead.model_validate(row)


@router.get("", name="list_reservations", summary="List reservations")
async def list_reservations(
    request: Request,
    response: Response,
    query: Annotated[ReservationQuery, Query()],
    caller: Reader,
    db: ReadDb,
) -> Page[ReservationRead]:
    """Those in force, the next to expire first."""
    statement = select(SlotReservation).where(
        SlotReservation.clinic_id == caller.clinic_id, SlotReservation.expires_at > caller.now
    )
    for name in ("practitioner_id", "room_id"):
        wanted = getattr(query, name)
        if wanted is not None:
            statement = statement.where(getattr(SlotReservation, name) == wanted)
    pager = Pager(request, query, caller.clinic_id)
    order = Order((col(SlotReservation.expires_at), col(SlotReservation.id)))
    rows, cursor, total = await pager.rows(db, statement, order)
    pager.link(response, cursor)
    items = [ReservationRead.model_validate(row) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


@router.get("/{reservation_id}", name="read_reservation", summary="Read a reservation")
async def read_reservation(
    reservation_id: UUID, caller: Reader, db: ReadDb, response: Response
) -> ReservationRead:
    """One that is in force; an expired, consumed or released one is not there any more."""
    row = await reservations.in_force(db, caller, reservation_id)
    tag(response, row)
    return ReservationRead.model_validate(row)


@router.delete(
    "/{reservation_id}",
    status_code=204,
    name="release_reservation",
    summary="Give a reserved slot up",
)
async def release_reservation(reservation_id: UUID, caller: Scheduler, db: WriteDb) -> Response:
    """Its time is free again at once. A reservation never changes, so no If-Match is asked for."""
    await reservations.release(db, caller, reservation_id)
    return Response(status_code=204)
