"""Which entries of patients' records count."""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from models import ClinicalRecord

Entry = TypeVar("Entry", bound=ClinicalRecord)


def standing(
    kind: type[Entry], clinic_id: UUID, patients: Collection[UUID]
) -> SelectOfScalar[Entry]:
    """These patients' entries of one kind that were not entered in error."""
    return select(kind).where(
        kind.clinic_id == clinic_id,
        col(kind.patient_id).in_(sorted(patients)),
        col(kind.entered_in_error_at).is_(None),
    )


def newest(
    kind: type[Entry],
    clinic_id: UUID,
    patients: Collection[UUID],
    most: int,
    order: Iterable[Any],
    *conditions: Any,
) -> SelectOfScalar[Entry]:
    """Of each patient the first so many standing entries in that order, and in that order."""
    place = func.row_number().over(partition_by=col(kind.patient_id), order_by=[*order])
    ranked = (
        standing(kind, clinic_id, patients)
        .where(*conditions)
        .with_only_columns(col(kind.id), place.label("place"))
        .subquery()
    )
    return (
        select(kind)
        .join(ranked, col(kind.id) == ranked.c.id)
        .where(kind.clinic_id == clinic_id, ranked.c.place <= most)
        .order_by(ranked.c.place)
    )


async def by_patient(db: AsyncSession, statement: SelectOfScalar[Entry]) -> dict[UUID, list[Entry]]:
    """The entries of each patient, in the order of the statement; nobody without any is in it."""
    entries: dict[UUID, list[Entry]] = {}
    for entry in await db.exec(statement):
        entries.setdefault(entry.patient_id, []).append(entry)
    return entries
