"""`/v1/clinic` and `/v1/rooms`."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response, Security
from sqlmodel import select

from api.clinics import service
from api.clinics.schemas import (
    ClinicPatch,
    ClinicRead,
    RoomChanged,
    RoomCreate,
    RoomPatch,
    RoomRead,
)
from api.database import ReadDb, WriteDb, found
from api.paging import Order, Page, PageParams, Pager
from api.preconditions import IfMatch, tag
from api.routing import DryRun, Router
from api.security import Caller, read_caller, write_caller
from models import Clinic, Room

router = Router(prefix="/v1", tags=["Clinic"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read"])]
Manager = Annotated[Caller, Security(write_caller, scopes=["clinic:manage"])]


@router.get("/clinic", name="read_clinic", summary="Read the clinic")
async def read_clinic(response: Response, caller: Reader, db: ReadDb) -> ClinicRead:
    """The clinic that the credential belongs to."""
    clinic = await db.get_one(Clinic, caller.clinic_id)
    tag(response, clinic)
    return ClinicRead.model_validate(clinic)


@router.patch("/clinic", name="change_clinic", summary="Change the clinic")
async def change_clinic(
    patch: ClinicPatch, expected: IfMatch, response: Response, caller: Manager, db: WriteDb
) -> ClinicRead:
    """JSON merge patch. A new time zone changes what a day is from now on, not the past."""
    clinic = await service.change_clinic(db, caller, patch, expected)
    tag(response, clinic)
    return ClinicRead.model_validate(clinic)


@router.post("/rooms", status_code=201, name="add_room", summary="Add a room")
async def add_room(draft: RoomCreate, response: Response, caller: Manager, db: WriteDb) -> RoomRead:
    """A room takes one session at a time."""
    room = await service.add_room(db, caller, draft)
    tag(response, room, f"/v1/rooms/{room.id}")
    return RoomRead.model_validate(room)


@router.get("/rooms", name="list_rooms", summary="List rooms")
async def list_rooms(
    request: Request, response: Response, page: PageParams, caller: Reader, db: ReadDb
) -> Page[RoomRead]:
    """By name, inactive ones too."""
    pager = Pager(request, page, caller.clinic_id)
    statement = select(Room).where(Room.clinic_id == caller.clinic_id)
    rows, cursor, total = await pager.rows(db, statement, Order((Room.name,)))
    pager.link(response, cursor)
    items = [RoomRead.model_validate(row) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


@router.get("/rooms/{room_id}", name="read_room", summary="Read a room")
async def read_room(room_id: UUID, response: Response, caller: Reader, db: ReadDb) -> RoomRead:
    """One room, in use or not."""
    room = await found(db, Room, caller.clinic_id, room_id)
    tag(response, room)
    return RoomRead.model_validate(room)


@router.patch("/rooms/{room_id}", name="change_room", summary="Change a room")
async def change_room(
    room_id: UUID,
    patch: RoomPatch,
    expected: IfMatch,
    response: Response,
    caller: Manager,
    db: WriteDb,
    dry_run: DryRun = False,
) -> RoomChanged:
    """JSON merge patch. Booked sessions keep a room that goes out of use, or loses a feature that
    their plans need: `outside` tells which, and they are on the review worklist until they are
    moved to another or cancelled, or the room is again what they need."""
    room, outside = await service.change_room(db, caller, room_id, patch, expected)
    tag(response, room)
    return RoomChanged(**dict(RoomRead.model_validate(room)), outside=outside)
