"""Whether a side effect is one of several: after the same lot, or after the same formula."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import case, func
from sqlalchemy import select as columns
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.security import Caller
from api.side_effects.suspects import lots_used, same_administration
from models import AdministeredLot, Administration, FormulaVersion, SideEffect

_RECENT_DAYS = 30  # "two patients or more in 30 days", section 6.4; taken for formulas as well
_YEAR_DAYS = 365
_SIGNAL_CASES = 3  # fewer are no signal, so that the sessions need not be counted

Rate = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Signals:
    """What else is known of the same term.

    alike: by lot, the patients who had the term after it within 30 days, this one included; only
    lots with another patient. formula_id, rate: the formula; its cases and sessions of the last
    30 days, then of the 12 months before; rate is None where there are too few to be a signal.
    """

    alike: dict[UUID, int]
    formula_id: UUID | None
    rate: Rate | None

    @property
    def lot_patients(self) -> int:
        """Of the lot with most patients; 1 where nobody else had it."""
        return max(self.alike.values(), default=1)


async def signals_of(db: AsyncSession, caller: Caller, effect: SideEffect) -> Signals:
    """Read over what the clinic has recorded; nothing is written."""
    formula_id = None
    if effect.formula_version_id is not None:
        version = await found(db, FormulaVersion, effect.clinic_id, effect.formula_version_id)
        formula_id = version.formula_id
    alike = await _patients_by_lot(db, effect)
    return Signals(alike, formula_id, await _rate(db, caller, effect, formula_id))


async def _patients_by_lot(db: AsyncSession, effect: SideEffect) -> dict[UUID, int]:
    """Onsets at most 30 days apart, both ends included."""
    lots = await lots_used(db, effect.clinic_id, effect.session_id, effect.suspect_lot_ids)
    if effect.onset_on is None or not lots:
        return {}
    span = timedelta(days=_RECENT_DAYS)
    patients = func.count(func.distinct(col(SideEffect.patient_id)))
    statement = (
        columns(col(AdministeredLot.lot_id), patients)
        .join(Administration, same_administration(AdministeredLot))
        .join(
            SideEffect,
            (col(SideEffect.clinic_id) == col(Administration.clinic_id))
            & (col(SideEffect.session_id) == col(Administration.session_id)),
        )
        .where(
            col(AdministeredLot.clinic_id) == effect.clinic_id,
            col(AdministeredLot.lot_id).in_([lot.id for lot in lots]),
            col(Administration.entered_in_error_at).is_(None),
            col(SideEffect.code) == effect.code,
            col(SideEffect.patient_id) != effect.patient_id,
            col(SideEffect.onset_on).between(effect.onset_on - span, effect.onset_on + span),
            col(SideEffect.entered_in_error_at).is_(None),
        )
        .group_by(col(AdministeredLot.lot_id))
    )
    return {lot_id: 1 + others for lot_id, others in await db.execute(statement)}


async def _rate(
    db: AsyncSession, caller: Caller, effect: SideEffect, formula_id: UUID | None
) -> Rate | None:
    if formula_id is None:
        return None
    cut = caller.today - timedelta(days=_RECENT_DAYS)
    start = cut - timedelta(days=_YEAR_DAYS)
    recent_cases, cases_before = await _counted(db, effect, formula_id, start, cut, cases=True)
    if recent_cases < _SIGNAL_CASES:
        return None
    recent, before = await _counted(db, effect, formula_id, start, cut, cases=False)
    return recent_cases, recent, cases_before, before


async def _counted(
    db: AsyncSession,
    effect: SideEffect,
    formula_id: UUID,
    start: date,
    cut: date,
    *,
    cases: bool,
) -> tuple[int, int]:
    """Cases of the term, or sessions, of any version of the formula: after `cut`, and before."""
    kind = SideEffect if cases else Administration
    day = col(SideEffect.onset_on) if cases else col(Administration.performed_on)
    versions = columns(col(FormulaVersion.id)).where(
        col(FormulaVersion.clinic_id) == effect.clinic_id,
        col(FormulaVersion.formula_id) == formula_id,
    )
    statement = columns(
        func.coalesce(func.sum(case((day > cut, 1), else_=0)), 0),
        func.coalesce(func.sum(case((day > cut, 0), else_=1)), 0),
    ).where(
        col(kind.clinic_id) == effect.clinic_id,
        col(kind.formula_version_id).in_(versions),
        col(kind.entered_in_error_at).is_(None),
        day > start,
    )
    if cases:
        statement = statement.where(col(SideEffect.code) == effect.code)
    after, before = (await db.execute(statement)).one()
    return int(after), int(before)
