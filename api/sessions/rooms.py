"""Whether a room has what a plan needs of it."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Mapped
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.problems import Problem
from api.security import Caller
from models import Room, TreatmentPlan, TreatmentSession


class RoomLacksFeatures(Problem):
    """The plan needs a room with features that this one lacks, or no room was named."""

    name, status, title = "room-lacks-features", 409, "The plan needs another room"
    what_to_do = (
        "`missing` are the features of the plan's `room_features` that the room lacks; all of them"
        " where no room was named. `rooms` are those in use that have every one: book one of them."
        " Where there is none, equip a room and say so in its `features`."
    )


def suits(plan: TreatmentPlan, room: Room | None) -> bool:
    """Whether the plan's sessions can take place there; None is nowhere in particular."""
    return set(plan.room_features) <= set(room.features if room else ())


async def check_room(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, room_id: UUID | None
) -> None:
    """RoomLacksFeatures where the plan's sessions cannot take place there."""
    if not plan.room_features:
        return
    room = None if room_id is None else await found(db, Room, caller.clinic_id, room_id)
    if not suits(plan, room):
        missing = _missing(plan.room_features, () if room is None else room.features)
        raise await lacking(db, caller, plan, list(missing))


async def what_rooms_lack(
    db: AsyncSession, sessions: Collection[ColumnElement[bool]]
) -> dict[UUID, tuple[str, ...]]:
    """What the rooms of booked sessions lack of what their plans need, in the order of the plan.

    sessions: what a TreatmentSession must meet. Only those that miss something are answered.
    """
    table, plan, room = TreatmentSession, TreatmentPlan, Room
    statement = (
        select(table.id, plan.room_features, room.features)
        .join(plan, _row(plan, col(table.plan_id)))
        .outerjoin(room, _row(room, col(table.room_id)))
        .where(*sessions, col(plan.room_features) != ())
    )
    found = {
        session_id: _missing(needed, has or ())
        for session_id, needed, has in await db.exec(statement)
    }
    return {session_id: missing for session_id, missing in found.items() if missing}


def _row(table: type[TreatmentPlan | Room], key: Mapped[Any]) -> ColumnElement[bool]:
    same_clinic = col(table.clinic_id) == col(TreatmentSession.clinic_id)
    return and_(same_clinic, col(table.id) == key)


def _missing(needed: Collection[str], has: Collection[str]) -> tuple[str, ...]:
    return tuple(each for each in needed if each not in has)


async def lacking(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, missing: list[str]
) -> RoomLacksFeatures:
    """The problem that names what is missing, and where it is."""
    statement = (
        select(Room)
        .where(Room.clinic_id == caller.clinic_id, col(Room.active).is_(True))
        .order_by(col(Room.name), col(Room.id))
    )
    fit = [
        {"id": str(room.id), "name": room.name}
        for room in await db.exec(statement)
        if suits(plan, room)
    ]
    return RoomLacksFeatures("The room lacks what the plan needs.", missing=missing, rooms=fit)
