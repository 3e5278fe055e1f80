"""What the rules are told about the lots drawn from, and about readiness for an emergency."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import distinct, func
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import AdministeredLot, Administration, Clinic, Lot
from rules import facts


async def load_lots(
    db: AsyncSession, clinic_id: UUID, patient_id: UUID, lot_ids: Iterable[UUID]
) -> tuple[facts.LotInUse, ...]:
    """The lots in the order in which the request names them; one that is not there is left out."""
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
            opened_on=lot.opened_on,
            opened_days_max=lot.in_use_days,
            other_patients=others.get(lot.id, 0),
            excipient_classes=tuple(sorted(lot.excipient_classes)),
        )
        for lot_id in wanted
        if (lot := lots.get(lot_id))
    )


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
    db: AsyncSession, clinic_id: UUID, observed_minutes: int | None, first_exposure: bool
) -> facts.Emergency:
    """The clinic's kit, and how long this patient was observed."""
    clinic = await db.get(Clinic, clinic_id)
    return facts.Emergency(
        kit_checked_on=clinic.emergency_kit_checked_on if clinic else None,
        adrenaline_expires_on=clinic.adrenaline_expires_on if clinic else None,
        observed_minutes=observed_minutes,
        first_exposure=first_exposure,
    )
