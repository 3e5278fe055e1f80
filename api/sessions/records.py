"""Reading what was recorded of a session."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.fields import to_decimal
from api.problems import NotFound
from api.security import Caller
from api.sessions import also_given
from api.sessions.administration_schemas import (
    AddendumRead,
    AdministrationRead,
    AreaRead,
    DoseRead,
    ErrorMark,
    Quantity,
    UsedLot,
)
from api.sessions.also_given_schemas import AlsoGivenRead
from api.sessions.screening_schemas import ScreeningRead
from models import (
    Addendum,
    AdministeredArea,
    AdministeredDose,
    AdministeredLot,
    Administration,
    Formula,
    FormulaVersion,
    Lot,
    Screening,
    TreatmentSession,
)


async def standing_screening(db: AsyncSession, session: TreatmentSession) -> Screening | None:
    """The session's screening that is not entered in error; None where there is none."""
    statement = select(Screening).where(
        Screening.clinic_id == session.clinic_id,
        Screening.session_id == session.id,
        col(Screening.entered_in_error_at).is_(None),
    )
    return (await db.exec(statement)).first()


async def screening_of(db: AsyncSession, caller: Caller, session_id: UUID) -> Screening:
    """The session's standing screening, else the latest wrong one, or NotFound."""
    session = await found(db, TreatmentSession, caller.clinic_id, session_id)
    standing = await standing_screening(db, session)
    if standing is not None:
        return standing
    statement = (
        select(Screening)
        .where(Screening.clinic_id == session.clinic_id, Screening.session_id == session.id)
        .order_by(col(Screening.screened_at).desc(), col(Screening.id).desc())
    )
    wrong = (await db.exec(statement)).first()
    if wrong is None:
        raise NotFound
    return wrong


async def standing_administration(
    db: AsyncSession, session: TreatmentSession
) -> Administration | None:
    """The session's administration that is not entered in error; None where there is none."""
    statement = select(Administration).where(
        Administration.clinic_id == session.clinic_id,
        Administration.session_id == session.id,
        col(Administration.entered_in_error_at).is_(None),
    )
    return (await db.exec(statement)).first()


async def administration_of(db: AsyncSession, session: TreatmentSession) -> Administration:
    """The session's standing administration, else the latest wrong one, or NotFound."""
    standing = await standing_administration(db, session)
    if standing is not None:
        return standing
    statement = (
        select(Administration)
        .where(
            Administration.clinic_id == session.clinic_id,
            Administration.session_id == session.id,
        )
        .order_by(col(Administration.recorded_at).desc(), col(Administration.id).desc())
    )
    wrong = (await db.exec(statement)).first()
    if wrong is None:
        raise NotFound
    return wrong


async def read_administration(
    db: AsyncSession, session: TreatmentSession, administration: Administration
) -> AdministrationRead:
    """The whole record: areas, doses, lots, what else was given and addenda, in six queries."""
    version = await db.get_one(
        FormulaVersion, (session.clinic_id, administration.formula_version_id)
    )
    formula = await db.get_one(Formula, (session.clinic_id, version.formula_id))
    return AdministrationRead(
        **administration.model_dump(),
        session_state=session.state,
        formula_id=formula.id,
        formula_version=version.number,
        administered_ml=to_decimal(administration.administered_ul, 3),
        discarded_ml=to_decimal(administration.discarded_ul, 3),
        areas=await _areas(db, administration),
        doses=await _doses(db, administration),
        lots=await _lots(db, administration),
        also_given=await _also_given(db, session, administration),
        addenda=await _addenda(db, administration),
        entered_in_error=_error_mark(administration),
    )


async def _also_given(
    db: AsyncSession, session: TreatmentSession, administration: Administration
) -> tuple[AlsoGivenRead, ...]:
    """What was noted at check-in, and with this record."""
    rows = await also_given.all_of(db, session)
    own = (None, administration.id)
    return tuple(AlsoGivenRead.of(row) for row in rows if row.administration_id in own)


async def read_screening(
    db: AsyncSession, session: TreatmentSession, screening: Screening
) -> ScreeningRead:
    """The screening with what was put on or taken then."""
    rows = [row for row in await also_given.all_of(db, session) if row.administration_id is None]
    return ScreeningRead.of(screening, rows)


def _parts(kind: Any, administration: Administration) -> Any:
    return select(kind).where(
        kind.clinic_id == administration.clinic_id, kind.administration_id == administration.id
    )


async def _areas(db: AsyncSession, administration: Administration) -> tuple[AreaRead, ...]:
    statement = _parts(AdministeredArea, administration).order_by(col(AdministeredArea.position))
    return tuple(_area(row) for row in await db.exec(statement))


def _area(row: AdministeredArea) -> AreaRead:
    depth, surface = row.depth_um, row.area_cm2_hundredths
    return AreaRead(
        **row.model_dump(),
        volume_ml=to_decimal(row.volume_ul, 3),
        depth_mm=None if depth is None else to_decimal(depth, 3),
        area_cm2=None if surface is None else to_decimal(surface, 2),
    )


async def _doses(db: AsyncSession, administration: Administration) -> tuple[DoseRead, ...]:
    statement = _parts(AdministeredDose, administration).order_by(
        col(AdministeredDose.ingredient_code)
    )
    return tuple(
        DoseRead(
            ingredient_code=row.ingredient_code,
            dose=Quantity(value=to_decimal(row.dose_micro, 6), unit=row.unit),
        )
        for row in await db.exec(statement)
    )


async def _lots(db: AsyncSession, administration: Administration) -> tuple[UsedLot, ...]:
    statement = (
        select(AdministeredLot, Lot)
        .join(
            Lot,
            (col(Lot.clinic_id) == col(AdministeredLot.clinic_id))
            & (col(Lot.id) == col(AdministeredLot.lot_id)),
        )
        .where(
            AdministeredLot.clinic_id == administration.clinic_id,
            AdministeredLot.administration_id == administration.id,
        )
        .order_by(col(AdministeredLot.ingredient_code), col(AdministeredLot.lot_id))
    )
    return tuple(
        UsedLot(
            lot_id=lot.id,
            lot_number=lot.lot_number,
            ingredient_code=used.ingredient_code,
            volume_ml=to_decimal(used.volume_ul, 3),
        )
        for used, lot in await db.exec(statement)
    )


async def _addenda(db: AsyncSession, administration: Administration) -> tuple[AddendumRead, ...]:
    statement = _parts(Addendum, administration).order_by(col(Addendum.id))
    return tuple(AddendumRead.model_validate(row) for row in await db.exec(statement))


def _error_mark(administration: Administration) -> ErrorMark | None:
    at, by = administration.entered_in_error_at, administration.entered_in_error_by
    reason = administration.entered_in_error_reason
    if at is None or by is None or reason is None:
        return None
    return ErrorMark(at=at, by=by, reason=reason)
