"""Asking for a repair, and reading one."""

import json
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from fastapi import Request
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from api import audit
from api.database import found
from api.fields import to_decimal
from api.operations import service as operations
from api.paging import Order, Page, Pager
from api.problems import invalid
from api.repairs.affected import affected
from api.repairs.planning import REPAIR
from api.repairs.schemas import (
    RepairCreate,
    RepairHead,
    RepairMove,
    RepairQuery,
    RepairRead,
    RepairWeights,
)
from api.security import Caller
from api.solving import placing
from models import Operation, OperationItem, Repair, Room, StaffMember, TreatmentSession

SCOPE = "sessions:schedule"
MOST_SESSIONS = 500
_HORIZON = timedelta(days=180)


async def ask(db: AsyncSession, caller: Caller, body: RepairCreate) -> Operation:
    """Have a proposal worked out. InvalidRequest for a time that makes no sense, or too much."""
    _check(caller, body)
    repair = Repair(
        clinic_id=caller.clinic_id,
        practitioner_id=body.unavailable.practitioner_id,
        room_id=body.unavailable.room_id,
        starts_at=body.from_,
        ends_at=body.to,
        reason=body.reason,
        options=json.dumps(
            body.model_dump(include={"practitioners", "horizon_days", "seconds"}), sort_keys=True
        ),
        operation_id=uuid7(),
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
    )
    if repair.practitioner_id is not None:
        await found(db, StaffMember, caller.clinic_id, repair.practitioner_id)
    if repair.room_id is not None:
        await found(db, Room, caller.clinic_id, repair.room_id)
    statement = affected(
        select(func.count()).select_from(TreatmentSession), caller.clinic_id, repair, caller.now
    )
    if (await db.exec(statement)).one() > MOST_SESSIONS:
        raise invalid(
            "/to", "too_many", f"More than {MOST_SESSIONS} sessions: repair shorter stretches."
        )
    args = {"repair_id": str(repair.id)}
    operation = await operations.ask(db, caller, REPAIR, SCOPE, args)
    repair.operation_id = operation.id
    db.add(repair)
    audit.record(db, caller, "repair.requested", repair)
    await db.flush()
    return operation


def _check(caller: Caller, body: RepairCreate) -> None:
    said = body.unavailable
    named = [said.practitioner_id, said.room_id, said.clinic]
    if sum(each is not None for each in named) != 1:
        raise invalid("/unavailable", "exactly_one", "Say who, which room, or the clinic.")
    if body.to <= body.from_:
        raise invalid("/to", "reversed", "This is not after the beginning.")
    if body.to <= caller.now:
        raise invalid("/to", "in_the_past", "This has passed; nothing can be moved.")
    if body.from_ > caller.now + _HORIZON:
        raise invalid("/from", "too_far", f"At most {_HORIZON.days} days ahead.")


async def read_repair(db: AsyncSession, caller: Caller, repair_id: UUID) -> Repair:
    """The repair, or NotFound."""
    return await found(db, Repair, caller.clinic_id, repair_id)


async def moves_of(db: AsyncSession, repair: Repair) -> list[RepairMove]:
    """Its sessions by their start; empty until it is proposed."""
    statement = (
        select(OperationItem.data)
        .where(
            OperationItem.clinic_id == repair.clinic_id,
            OperationItem.operation_id == repair.operation_id,
        )
        .order_by(col(OperationItem.position))
    )
    return [RepairMove.model_validate_json(data) for data in await db.exec(statement)]


def head(repair: Repair) -> RepairHead:
    """The repair without its sessions."""
    same = set(RepairHead.model_fields) - {"clinic", "gap", "seconds"}
    return RepairHead(
        **repair.model_dump(include=same),
        clinic=repair.practitioner_id is None and repair.room_id is None,
        gap=None if repair.gap_e4 is None else str(to_decimal(repair.gap_e4, 4)),
        seconds=None if repair.worked_ms is None else f"{to_decimal(repair.worked_ms, 3)}",
    )


def shown(repair: Repair, moves: Sequence[RepairMove]) -> RepairRead:
    """The repair with its sessions."""
    return RepairRead(
        **head(repair).model_dump(),
        weights=RepairWeights(
            without_place=placing.WITHOUT_PLACE,
            patient_moved=placing.PATIENT_MOVED,
            day_off_target=placing.DAY_OFF_TARGET,
            other_practitioner=placing.OTHER_PRACTITIONER,
        ),
        moves=tuple(moves),
    )


async def list_repairs(
    db: AsyncSession, caller: Caller, request: Request, query: RepairQuery
) -> tuple[Page[RepairHead], Pager]:
    """Newest first."""
    statement = select(Repair).where(Repair.clinic_id == caller.clinic_id)
    if query.state is not None:
        statement = statement.where(Repair.state == query.state)
    pager = Pager(request, query, caller.clinic_id)
    order = Order((Repair.recorded_at, Repair.id), descending=True)
    rows, cursor, total = await pager.rows(db, statement, order)
    return Page[RepairHead](items=[head(r) for r in rows], next_cursor=cursor, total=total), pager
