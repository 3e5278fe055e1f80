"""What the records say about a pregnancy now."""

from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import Condition, PregnancyStatement, PregnancyStatus, PregnancyTestResult, Screening

Answered = TypeVar("Answered", PregnancyStatement, Screening)
_NO = (PregnancyStatus.NOT_PREGNANT, PregnancyStatus.NOT_APPLICABLE)


async def pregnancy_told(
    db: AsyncSession, clinic_id: UUID, patient_id: UUID, today: date
) -> bool | None:
    """Whether the patient is pregnant by a standing condition, or else by the newest answer or
    test that is not in error; None where it is not known. Three queries."""
    standing = select(Condition.id).where(
        Condition.clinic_id == clinic_id,
        Condition.patient_id == patient_id,
        Condition.code == "PREGNANCY",
        col(Condition.entered_in_error_at).is_(None),
        col(Condition.ended_on).is_(None) | (col(Condition.ended_on) > today),
    )
    if (await db.exec(standing.limit(1))).first() is not None:
        return True
    stated = await _newest(db, clinic_id, patient_id, PregnancyStatement, "stated_on")
    screened = await _newest(db, clinic_id, patient_id, Screening, "screened_on")
    # On one day the visit counts: the screening is asked last.
    if stated is not None and (screened is None or screened.screened_on < stated.stated_on):
        return _says(stated)
    return None if screened is None else _says(screened)


async def _newest(
    db: AsyncSession, clinic_id: UUID, patient_id: UUID, kind: type[Answered], day: str
) -> Answered | None:
    statement = (
        select(kind)
        .where(
            kind.clinic_id == clinic_id,
            kind.patient_id == patient_id,
            col(kind.entered_in_error_at).is_(None),
            col(kind.pregnancy_status).is_not(None) | col(kind.pregnancy_test_result).is_not(None),
        )
        .order_by(col(getattr(kind, day)).desc(), col(kind.id).desc())
        .limit(1)
    )
    return (await db.exec(statement)).first()


def _says(row: PregnancyStatement | Screening) -> bool | None:
    """An answer of unknown is not a no; a test speaks where nothing was answered."""
    status, test = row.pregnancy_status, row.pregnancy_test_result
    if status is PregnancyStatus.PREGNANT or test is PregnancyTestResult.POSITIVE:
        return True
    return False if status is None or status in _NO else None
