"""What the rules are told about the lots drawn from, and about readiness for an emergency."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import distinct, func
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import AdministeredLot, Administration, Clinic, Container, Lot, SideEffect
from rules import facts


async def load_lots(
    db: AsyncSession, clinic_id: UUID, patient_id: UUID, lot_ids: Iterable[UUID], on: date
) -> tuple[facts.LotInUse, ...]:
    """The lots in the order in which the request names them; one that is not there is left out.

    A multi-dose container that nobody has opened yet is opened by this use.
    """
    wanted = list(dict.fromkeys(lot_ids))
    statement = select(Lot).where(Lot.clinic_id == clinic_id, col(Lot.id).in_(wanted))
    lots = {lot.id: lot for lot in (await db.exec(statement)).all()}
    others = await _other_patients(db, clinic_id, patient_id, wanted)
    return tuple(
        facts.LotInUse(
            lot_id=str(lot.id),
            ingredient_code=lot.ingredient_code,
            expires_on=lot.expires_on,
            state=lot.state.value,
            lot_number=lot.lot_number,
            container=lot.container.value,
            opened_on=_opened_on(lot, on),
            opened_days_max=lot.in_use_days,
            other_patients=others.get(lot.id, 0),
            excipient_classes=tuple(sorted(lot.excipient_classes)),
        )
        for lot_id in wanted
        if (lot := lots.get(lot_id))
    )


def _opened_on(lot: Lot, on: date) -> date | None:
    return on if lot.opened_on is None and lot.container is Container.MULTI_DOSE else lot.opened_on


async def _other_patients(
    db: AsyncSession, clinic_id: UUID, patient_id: UUID, lot_ids: list[UUID]
) -> dict[UUID, int]:
    statement = (
        columns(col(AdministeredLot.lot_id), func.count(distinct(col(AdministeredLot.patient_id))))
        .join(
            Administration,
            (col(Administration.clinic_id) == col(AdministeredLot.clinic_id))
            & (col(Administration.id) == col(AdministeredLot.administration_id))
            & col(Administration.entered_in_error_at).is_(None),
        )
        .where(
            col(AdministeredLot.clinic_id) == clinic_id,
            col(AdministeredLot.lot_id).in_(lot_ids),
            col(AdministeredLot.patient_id) != patient_id,
        )
        .group_by(col(AdministeredLot.lot_id))
    )
    return {row[0]: row[1] for row in await db.execute(statement)}


async def load_emergency(
    db: AsyncSession,
    clinic_id: UUID,
    kit_checked_on: date | None,
    observed_minutes: int | None,
    first_exposure: bool | None,
) -> facts.Emergency:
    """The clinic's kit, and how long this patient was observed.

    kit_checked_on: as the visit states it; the clinic's own entry counts where it is later.
    """
    clinic = await db.get(Clinic, clinic_id)
    own = clinic.emergency_kit_checked_on if clinic else None
    return facts.Emergency(
        kit_checked_on=max((day for day in (own, kit_checked_on) if day), default=None),
        adrenaline_expires_on=clinic.adrenaline_expires_on if clinic else None,
        observed_minutes=observed_minutes,
        first_exposure=first_exposure,
    )


async def load_readiness(db: AsyncSession, effect: SideEffect) -> facts.Emergency | None:
    """Whether a rescue was at hand in the session before the effect; None where none preceded.

    Whether it was the first exposure was judged then; here the shorter observation counts.
    """
    if effect.session_id is None:
        return None
    statement = select(Administration).where(
        Administration.clinic_id == effect.clinic_id,
        Administration.session_id == effect.session_id,
        col(Administration.entered_in_error_at).is_(None),
    )
    given = (await db.exec(statement)).first()
    if given is None:
        return None
    return await load_emergency(
        db,
        effect.clinic_id,
        given.emergency_kit_checked_on,
        given.observation_minutes,
        first_exposure=False,
    )
