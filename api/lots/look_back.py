"""Who was given the same formula lately, from whatever lot: the wider circle of a look-back.

Three queries whatever the number of patients, over indexes that begin with the clinic.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.lots.exposure_schemas import Contact, FormulaExposure
from api.security import Caller
from models import AdministeredLot, Administration, Formula, FormulaVersion, Patient

DEFAULT_DAYS = 90  # "look-back all patients with same lot or formula in 90 d", section 6.4


async def formulas_of_lot(db: AsyncSession, clinic_id: UUID, lot_id: UUID) -> set[UUID]:
    """The formulas in which something of the lot was given."""
    statement = (
        select(FormulaVersion.formula_id)
        .join(
            Administration,
            (col(Administration.clinic_id) == col(FormulaVersion.clinic_id))
            & (col(Administration.formula_version_id) == col(FormulaVersion.id)),
        )
        .join(
            AdministeredLot,
            (col(AdministeredLot.clinic_id) == col(Administration.clinic_id))
            & (col(AdministeredLot.administration_id) == col(Administration.id)),
        )
        .where(
            AdministeredLot.clinic_id == clinic_id,
            AdministeredLot.lot_id == lot_id,
            col(Administration.entered_in_error_at).is_(None),
        )
        .distinct()
    )
    return set(await db.exec(statement))


async def given_same_formula(
    db: AsyncSession,
    caller: Caller,
    formula_ids: Iterable[UUID],
    days: int,
    *,
    without: Iterable[UUID] = (),
) -> list[FormulaExposure]:
    """One entry per patient and formula given in the last `days` days, today included; latest
    first. without: patients who are known already."""
    wanted = set(formula_ids)
    if not wanted:
        return []
    sessions: dict[tuple[UUID, UUID], list[tuple[date, UUID]]] = {}
    known = set(without)
    for formula_id, given in await _given(db, caller, wanted, days):
        if given.patient_id not in known:
            entry = sessions.setdefault((given.patient_id, formula_id), [])
            entry.append((given.performed_on, given.session_id))
    people = await _people(db, caller, {patient_id for patient_id, _ in sessions})
    names = await _names(db, caller, wanted)
    shown = caller.may("patients:read")
    return [
        FormulaExposure(
            patient_id=patient_id,
            record_number=people[patient_id].record_number,
            formula_id=formula_id,
            formula_name=names[formula_id],
            first_on=min(on for on, _ in given_on),
            last_on=max(on for on, _ in given_on),
            session_ids=[session_id for _, session_id in given_on],
            contact=Contact.model_validate(people[patient_id]) if shown else None,
        )
        for (patient_id, formula_id), given_on in sessions.items()
    ]


async def _given(
    db: AsyncSession, caller: Caller, formula_ids: set[UUID], days: int
) -> list[tuple[UUID, Administration]]:
    since = caller.today - timedelta(days=days)
    statement = (
        select(col(FormulaVersion.formula_id), Administration)
        .join(
            Administration,
            (col(Administration.clinic_id) == col(FormulaVersion.clinic_id))
            & (col(Administration.formula_version_id) == col(FormulaVersion.id)),
        )
        .where(
            FormulaVersion.clinic_id == caller.clinic_id,
            col(FormulaVersion.formula_id).in_(formula_ids),
            col(Administration.entered_in_error_at).is_(None),
            col(Administration.performed_on) >= since,
        )
        .order_by(col(Administration.performed_on).desc(), col(Administration.id).desc())
    )
    return list(await db.exec(statement))


async def _people(db: AsyncSession, caller: Caller, ids: set[UUID]) -> dict[UUID, Patient]:
    statement = select(Patient).where(
        Patient.clinic_id == caller.clinic_id, col(Patient.id).in_(ids)
    )
    return {patient.id: patient for patient in await db.exec(statement)}


async def _names(db: AsyncSession, caller: Caller, ids: set[UUID]) -> dict[UUID, str]:
    statement = select(Formula).where(
        Formula.clinic_id == caller.clinic_id, col(Formula.id).in_(ids)
    )
    return {formula.id: formula.name for formula in await db.exec(statement)}
