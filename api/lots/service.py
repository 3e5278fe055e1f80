"""Receiving lots and moving them through their life."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from api import audit
from api.database import locked
from api.fields import to_int
from api.lots.schemas import LotCreate, LotQuery
from api.lots.states import require_move
from api.preconditions import check
from api.problems import FieldError, InvalidRequest, invalid
from api.releasing import release as hold_release
from api.security import Caller
from models import Hold, HoldScope, Ingredient, Lot, LotState


async def receive(db: AsyncSession, caller: Caller, draft: LotCreate) -> Lot:
    """Take a delivery into the cupboard. An expired one can be recorded; it cannot be used.

    Raises InvalidRequest for an unknown ingredient or a receipt in the future.
    """
    _check_days(caller.today, draft.received_on, "/received_on")
    ingredient = await _ingredient(db, caller.clinic_id, draft.ingredient_code)
    volume_ul = to_int(draft.received_volume_ml, 3)
    lot = Lot(
        clinic_id=caller.clinic_id,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
        ingredient_id=ingredient.id,
        ingredient_code=ingredient.code,
        received_volume_ul=volume_ul,
        remaining_volume_ul=volume_ul,
        received_on=draft.received_on or caller.today,
        **draft.model_dump(exclude={"ingredient_code", "received_volume_ml", "received_on"}),
    )
    db.add(lot)
    audit.record(db, caller, "lot.received", lot)
    await db.flush()
    return lot


async def open_container(
    db: AsyncSession, caller: Caller, lot_id: UUID, opened_on: date | None, expected: int
) -> Lot:
    """Date the first puncture. Raises IllegalTransition where it is open or not available."""
    lot = await _asked(db, caller, lot_id, expected, "open")
    day = opened_on or caller.today
    _check_days(caller.today, day, "/opened_on")
    if lot.received_on is not None and day < lot.received_on:
        raise invalid("/opened_on", "before_receipt", "It was opened before it was received.")
    lot.opened_on = day
    audit.record(db, caller, "lot.opened", lot)
    await db.flush()
    return lot


async def quarantine(
    db: AsyncSession, caller: Caller, lot_id: UUID, reason: str, expected: int
) -> Lot:
    """Set the lot aside until somebody has looked; no rule lets it be used meanwhile."""
    lot = await _asked(db, caller, lot_id, expected, "quarantine")
    return await _move(db, caller, lot, LotState.QUARANTINED, "lot.quarantined", reason)


async def set_aside(db: AsyncSession, caller: Caller, lot_id: UUID, reason: str) -> Lot:
    """Quarantine a lot that a hold is about; one that is recalled, used up or quarantined stays
    as it is. Raises NotFound."""
    lot = await locked(db, Lot, caller.clinic_id, lot_id)
    if lot.state not in (LotState.AVAILABLE, LotState.EXPIRED):
        return lot
    return await _move(db, caller, lot, LotState.QUARANTINED, "lot.quarantined", reason)


async def release(
    db: AsyncSession, caller: Caller, lot_id: UUID, reason: str, expected: int
) -> Lot:
    """Put a quarantined lot back into use, and release what holds it; a person's judgement.

    Forbidden where a hold on it is not the caller's to release: what a serious side effect or a
    late nodule has set aside is for the medical director.
    """
    caller.person()
    lot = await _asked(db, caller, lot_id, expected, "release")
    for hold in await holds_on(db, lot):
        await hold_release(db, caller, hold, reason)
    return await _move(db, caller, lot, LotState.AVAILABLE, "lot.released", reason)


async def holds_on(db: AsyncSession, lot: Lot) -> list[Hold]:
    """The holds on the lot that nobody has released, locked, oldest first."""
    statement = select(Hold).where(
        Hold.clinic_id == lot.clinic_id,
        Hold.scope == HoldScope.LOT,
        Hold.lot_id == lot.id,
        col(Hold.released_at).is_(None),
    )
    rows = await db.exec(statement.order_by(col(Hold.id)).with_for_update(key_share=True))
    return list(rows)


async def use_up(db: AsyncSession, caller: Caller, lot_id: UUID, reason: str, expected: int) -> Lot:
    """Nothing is left, or the rest was discarded."""
    lot = await _asked(db, caller, lot_id, expected, "use-up")
    lot.remaining_volume_ul = 0
    return await _move(db, caller, lot, LotState.USED_UP, "lot.used_up", reason)


async def recall(db: AsyncSession, caller: Caller, lot_id: UUID, reason: str, expected: int) -> Lot:
    """Withdraw the lot for good, also one that is used up: the patients are what matters then."""
    lot = await _asked(db, caller, lot_id, expected, "recall")
    return await _move(db, caller, lot, LotState.RECALLED, "lot.recalled", reason)


async def _asked(db: AsyncSession, caller: Caller, lot_id: UUID, expected: int, move: str) -> Lot:
    lot = await locked(db, Lot, caller.clinic_id, lot_id)
    check(lot, expected)
    require_move(lot, move, caller.today)
    return lot


async def _move(
    db: AsyncSession, caller: Caller, lot: Lot, state: LotState, action: str, reason: str
) -> Lot:
    lot.state, lot.state_reason, lot.state_changed_at = state, reason, caller.now
    audit.record(db, caller, action, lot, reason=reason)
    await db.flush()
    return lot


def _check_days(today: date, day: date | None, pointer: str) -> None:
    if day is not None and day > today:
        raise invalid(pointer, "future_day", "This day has not come yet.")


async def _ingredient(db: AsyncSession, clinic_id: UUID, code: str) -> Ingredient:
    """The ingredient with that code or alias; aliases are few and read only when needed."""
    ours = select(Ingredient).where(Ingredient.clinic_id == clinic_id)
    ingredient = (await db.exec(ours.where(Ingredient.code == code))).first()
    if ingredient is not None:
        return ingredient
    for row in await db.exec(ours):
        if code in row.aliases:
            return row
    raise InvalidRequest(
        [FieldError("/ingredient_code", "unknown_ingredient", "The formulary has no such code.")]
    )


def listing(clinic_id: UUID, query: LotQuery, today: date) -> SelectOfScalar[Lot]:
    """The clinic's lots that the filters let through; an expired state is read off the day."""
    asked: list[ColumnElement[bool]] = [col(Lot.clinic_id) == clinic_id]
    if query.ingredient_code is not None:
        asked.append(col(Lot.ingredient_code) == query.ingredient_code)
    if query.lot_number is not None:
        asked.append(col(Lot.lot_number) == query.lot_number)
    if query.expires_before is not None:
        asked.append(col(Lot.expires_on) < query.expires_before)
    if query.state is not None:
        asked.append(_in_state(query.state, today))
    return select(Lot).where(*asked)


def _in_state(state: LotState, today: date) -> ColumnElement[bool]:
    stored = col(Lot.state) == state
    if state is LotState.AVAILABLE:
        return stored & (col(Lot.expires_on) >= today)
    if state is LotState.EXPIRED:
        past = (col(Lot.state) == LotState.AVAILABLE) & (col(Lot.expires_on) < today)
        return or_(stored, past)
    return stored
