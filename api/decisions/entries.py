"""Which entries of patients' records count.

Every decision reads them, so the statements are built once and given their values each time.
"""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models import ClinicalRecord

Entry = TypeVar("Entry", bound=ClinicalRecord)

CLINIC: BindParameter[Any] = bindparam("clinic_id")
PATIENTS: BindParameter[Any] = bindparam("patients", expanding=True)
VERSIONS: BindParameter[Any] = bindparam("versions", expanding=True)  # of formulas or protocols


def whose(clinic_id: UUID, patients: Collection[UUID]) -> dict[str, Any]:
    """The values of CLINIC and PATIENTS."""
    return {"clinic_id": clinic_id, "patients": sorted(patients)}


def standing(kind: type[Entry]) -> SelectOfScalar[Entry]:
    """Patients' entries of one kind that were not entered in error. Asks CLINIC and PATIENTS."""
    return select(kind).where(
        kind.clinic_id == CLINIC,
        col(kind.patient_id).in_(PATIENTS),
        col(kind.entered_in_error_at).is_(None),
    )


def newest(
    kind: type[Entry], most: int, order: Iterable[Any], *conditions: Any
) -> SelectOfScalar[Entry]:
    """Of each patient the first so many standing entries in that order, and in that order."""
    place = func.row_number().over(partition_by=col(kind.patient_id), order_by=[*order])
    ranked = (
        standing(kind)
        .where(*conditions)
        .with_only_columns(col(kind.id), place.label("place"))
        .subquery()
    )
    return (
        select(kind)
        .join(ranked, col(kind.id) == ranked.c.id)
        .where(kind.clinic_id == CLINIC, ranked.c.place <= most)
        .order_by(ranked.c.place)
    )


async def by_patient(
    db: AsyncSession, statement: SelectOfScalar[Entry], values: dict[str, Any]
) -> dict[UUID, list[Entry]]:
    """The entries of each patient, in the order of the statement; nobody without any is in it.

    values: those of `whose`, and of what else the statement asks.
    """
    entries: dict[UUID, list[Entry]] = {}
    for entry in await db.exec(statement, params=values):
        entries.setdefault(entry.patient_id, []).append(entry)
    return entries
