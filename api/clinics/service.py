"""Changing the clinic and its rooms."""

from dataclasses import replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.availability.reasons import Calendar
from api.clinics.schemas import ClinicPatch, RoomCreate, RoomPatch
from api.database import locked
from api.fields import Body
from api.preconditions import check
from api.problems import AlreadyExists, FieldError, InvalidRequest, NotFound
from api.security import Caller
from api.sessions.outside import Changed, nobody_outside, sessions_outside
from api.sessions.outside_schemas import Outside
from models import Clinic, Room
from models.base import Record

_CLINIC_REQUIRED = frozenset({"name", "country", "time_zone", "language"})
_ROOM_REQUIRED = frozenset({"name", "features", "active"})


def _merge(row: Record, patch: Body, required: frozenset[str]) -> None:
    """Apply what the patch names; null removes, except where a value is required."""
    changes: dict[str, Any] = {name: getattr(patch, name) for name in patch.model_fields_set}
    nulls = sorted(name for name in required if name in changes and changes[name] is None)
    if nulls:
        raise InvalidRequest(
            [FieldError(f"/{name}", "required", "This cannot be removed.") for name in nulls]
        )
    for name, value in changes.items():
        setattr(row, name, value)


async def change_clinic(
    db: AsyncSession, caller: Caller, patch: ClinicPatch, expected: int
) -> Clinic:
    """A new time zone moves the clinic's hours; whom that leaves outside is listed for review."""
    clinic = await db.get(
        Clinic, caller.clinic_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if clinic is None:
        raise NotFound
    check(clinic, expected)
    before = clinic.time_zone
    _merge(clinic, patch, _CLINIC_REQUIRED)
    audit.record_clinic(db, caller, "clinic.changed", clinic)
    await db.flush()
    if clinic.time_zone != before:
        # The same hours are other instants now: sessions may lie outside, or inside again.
        there = replace(caller, zone=ZoneInfo(clinic.time_zone))
        await sessions_outside(db, there, Changed(frozenset(Calendar)))
    return clinic


async def add_room(db: AsyncSession, caller: Caller, draft: RoomCreate) -> Room:
    """A room for one session at a time; names are unique in the clinic."""
    room = Room(clinic_id=caller.clinic_id, name=draft.name, features=draft.features)
    db.add(room)
    audit.record(db, caller, "room.added", room)
    await _flush_named(db)
    return room


async def change_room(
    db: AsyncSession, caller: Caller, room_id: UUID, patch: RoomPatch, expected: int
) -> tuple[Room, Outside]:
    """Booked sessions stay in a room that goes out of use, or loses what their plans need; they are
    listed for review."""
    room = await locked(db, Room, caller.clinic_id, room_id)
    check(room, expected)
    active, features = room.active, set(room.features)
    _merge(room, patch, _ROOM_REQUIRED)
    audit.record(db, caller, "room.changed", room)
    await _flush_named(db)
    felt = set[Calendar]()
    if room.active != active:
        felt.add(Calendar.ROOM_INACTIVE)
    if set(room.features) != features:
        felt.add(Calendar.ROOM_FEATURES)
    if not felt:
        return room, nobody_outside(db)
    return room, await sessions_outside(db, caller, Changed(frozenset(felt), room_id=room.id))


async def _flush_named(db: AsyncSession) -> None:
    try:
        await db.flush()
    except IntegrityError:
        raise AlreadyExists("Another room has this name.") from None
