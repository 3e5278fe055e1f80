"""What a side effect may come from: the suspected session, and what was given in it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from api.database import found
from api.problems import FieldError, InvalidRequest, invalid
from api.security import Caller
from models import (
    AdministeredDose,
    AdministeredLot,
    Administration,
    Ingredient,
    Lot,
    PlanState,
    SideEffect,
    TreatmentPlan,
    TreatmentSession,
)

_INERT = ("diluent", "buffer")


@dataclass(frozen=True, slots=True)
class Onset:
    """When it began: the local day, and the instant where it is known."""

    on: date
    at: datetime | None


async def performed_session(
    db: AsyncSession, caller: Caller, patient_id: UUID, session_id: UUID | None, onset: Onset
) -> Administration | None:
    """The suspected session's record: of the named session, else the latest before the onset.

    None where the patient had none by then. Raises NotFound for an unknown session and
    InvalidRequest for one of another patient, or one that was not performed.
    """
    if session_id is None:
        return await _latest_before(db, caller, patient_id, onset)
    session = await found(db, TreatmentSession, caller.clinic_id, session_id)
    if session.patient_id != patient_id:
        raise invalid("/session_id", "other_patient", "This session is another patient's.")
    statement = _performed(caller, patient_id).where(Administration.session_id == session_id)
    record = (await db.exec(statement)).first()
    if record is None:
        raise invalid("/session_id", "not_performed", "Nothing was given in this session.")
    return record


def _performed(caller: Caller, patient_id: UUID) -> SelectOfScalar[Administration]:
    return select(Administration).where(
        Administration.clinic_id == caller.clinic_id,
        Administration.patient_id == patient_id,
        col(Administration.entered_in_error_at).is_(None),
    )


async def _latest_before(
    db: AsyncSession, caller: Caller, patient_id: UUID, onset: Onset
) -> Administration | None:
    """On the day of onset itself, only a session before the instant of onset counts."""
    statement = _performed(caller, patient_id).where(col(Administration.performed_on) <= onset.on)
    if onset.at is not None:
        statement = statement.where(col(Administration.performed_at) <= onset.at)
    newest = statement.order_by(
        col(Administration.performed_on).desc(), col(Administration.performed_at).desc()
    )
    return (await db.exec(newest.limit(1))).first()


async def check_named(
    db: AsyncSession, caller: Caller, codes: tuple[str, ...], lot_ids: tuple[UUID, ...]
) -> None:
    """InvalidRequest, with a pointer to each ingredient or lot that the clinic does not have."""
    errors: list[FieldError] = []
    if codes:
        statement = select(Ingredient.code).where(
            Ingredient.clinic_id == caller.clinic_id, col(Ingredient.code).in_(codes)
        )
        known_codes = set(await db.exec(statement))
        errors += [
            FieldError(
                f"/suspect_ingredient_codes/{index}",
                "unknown_ingredient",
                "The formulary has no such code.",
            )
            for index, code in enumerate(codes)
            if code not in known_codes
        ]
    if lot_ids:
        lots = select(Lot.id).where(Lot.clinic_id == caller.clinic_id, col(Lot.id).in_(lot_ids))
        known_lots = set(await db.exec(lots))
        errors += [
            FieldError(f"/suspect_lot_ids/{index}", "unknown_lot", "The clinic has no such lot.")
            for index, lot_id in enumerate(lot_ids)
            if lot_id not in known_lots
        ]
    if errors:
        raise InvalidRequest(errors)


async def doses_given(
    db: AsyncSession, clinic_id: UUID, session_id: UUID | None
) -> list[AdministeredDose]:
    """Doses of the suspected session, by ingredient code; empty without one."""
    if session_id is None:
        return []
    statement = (
        select(AdministeredDose)
        .join(Administration, same_administration(AdministeredDose))
        .where(
            AdministeredDose.clinic_id == clinic_id,
            Administration.session_id == session_id,
            col(Administration.entered_in_error_at).is_(None),
        )
        .order_by(col(AdministeredDose.ingredient_code))
    )
    return list(await db.exec(statement))


async def active_codes(
    db: AsyncSession, clinic_id: UUID, session_id: UUID | None
) -> tuple[str, ...]:
    """Ingredients given in the suspected session, without diluents and buffers; sorted."""
    doses = await doses_given(db, clinic_id, session_id)
    statement = select(Ingredient.id).where(
        Ingredient.clinic_id == clinic_id,
        col(Ingredient.id).in_([dose.ingredient_id for dose in doses]),
        col(Ingredient.role).in_(_INERT),
    )
    inert = set(await db.exec(statement))
    return tuple(dose.ingredient_code for dose in doses if dose.ingredient_id not in inert)


async def lots_used(
    db: AsyncSession, clinic_id: UUID, session_id: UUID | None, named: tuple[str, ...]
) -> list[Lot]:
    """Lots drawn from in the suspected session, and those named; in the order of their ids."""
    wanted = {UUID(text) for text in named}
    if session_id is not None:
        used = _lots_of_session(clinic_id).where(Administration.session_id == session_id)
        wanted |= set(await db.exec(used))
    if not wanted:
        return []
    rows = select(Lot).where(Lot.clinic_id == clinic_id, col(Lot.id).in_(wanted))
    return list(await db.exec(rows.order_by(col(Lot.id))))


def same_administration(
    part: type[AdministeredDose] | type[AdministeredLot],
) -> ColumnElement[bool]:
    return (col(Administration.clinic_id) == col(part.clinic_id)) & (
        col(Administration.id) == col(part.administration_id)
    )


async def plans_concerned(db: AsyncSession, effect: SideEffect) -> tuple[UUID, ...]:
    """The plan that it is attributed to; without one, the patient's running plans, because none
    of them is excluded. Sorted."""
    if effect.plan_id is not None:
        return (effect.plan_id,)
    statement = select(TreatmentPlan.id).where(
        TreatmentPlan.clinic_id == effect.clinic_id,
        TreatmentPlan.patient_id == effect.patient_id,
        col(TreatmentPlan.state).in_((PlanState.ACTIVE, PlanState.ON_HOLD)),
    )
    return tuple(await db.exec(statement.order_by(col(TreatmentPlan.id))))


def _lots_of_session(clinic_id: UUID) -> SelectOfScalar[UUID]:
    return (
        select(AdministeredLot.lot_id)
        .join(Administration, same_administration(AdministeredLot))
        .where(
            AdministeredLot.clinic_id == clinic_id,
            col(Administration.entered_in_error_at).is_(None),
        )
    )
