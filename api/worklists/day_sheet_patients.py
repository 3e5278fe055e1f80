"""What the day sheet says about the patients of a day, each kind of it in one query."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.security import Caller
from api.worklists.day_sheet_schemas import (
    SheetAlerts,
    SheetAllergy,
    SheetEffect,
    SheetFinding,
    SheetHold,
)
from models import (
    Allergy,
    AllergyStatus,
    ClinicalRecord,
    Condition,
    Hold,
    HoldScope,
    SideEffect,
    SideEffectState,
    TreatmentSession,
    WorklistItem,
)

Entry = TypeVar("Entry", bound=ClinicalRecord)
_SAYS_NONE = "NO_KNOWN_"
_OPEN = (SideEffectState.OPEN, SideEffectState.UNDER_REVIEW)


async def alerts(
    db: AsyncSession, caller: Caller, patients: Collection[UUID], on: date
) -> dict[UUID, SheetAlerts]:
    """By patient; empty for a caller who may not see them."""
    if not caller.may("clinical:read"):
        return {}
    allergies = await _standing(db, caller, Allergy, patients)
    conditions = await _standing(db, caller, Condition, patients)
    effects: dict[UUID, list[SideEffect]] = {}
    if caller.may("side_effects:read"):
        unresolved = col(SideEffect.state).in_(_OPEN)
        effects = await _standing(db, caller, SideEffect, patients, unresolved)
    return {
        each: SheetAlerts(
            allergies=_active(allergies.get(each, ())),
            allergies_asked=each in allergies,
            conditions=_present(conditions.get(each, ()), on),
            side_effects=tuple(
                SheetEffect.model_validate(effect)
                for effect in sorted(effects.get(each, ()), key=lambda row: (-row.grade, row.id))
            ),
        )
        for each in patients
    }


async def _standing(
    db: AsyncSession,
    caller: Caller,
    table: type[Entry],
    patients: Collection[UUID],
    *conditions: Any,
) -> dict[UUID, list[Entry]]:
    """Entries that nobody has marked as an error, by patient."""
    statement = select(table).where(
        table.clinic_id == caller.clinic_id,
        col(table.patient_id).in_(patients),
        col(table.entered_in_error_at).is_(None),
        *conditions,
    )
    found: dict[UUID, list[Entry]] = defaultdict(list)
    for row in await db.exec(statement):
        found[row.patient_id].append(row)
    return found


def _active(rows: Iterable[Allergy]) -> tuple[SheetAllergy, ...]:
    known = [
        row
        for row in rows
        if row.status is AllergyStatus.ACTIVE and not row.code.startswith(_SAYS_NONE)
    ]
    return tuple(
        SheetAllergy.model_validate(row)
        for row in sorted(known, key=lambda row: (row.code, row.id))
    )


def _present(rows: Iterable[Condition], on: date) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                row.code
                for row in rows
                if not row.code.startswith(_SAYS_NONE)
                and (row.onset_on is None or row.onset_on <= on)
                and (row.ended_on is None or row.ended_on >= on)
            }
        )
    )


async def holds(
    db: AsyncSession, caller: Caller, sessions: Collection[TreatmentSession]
) -> dict[UUID, tuple[SheetHold, ...]]:
    """By session: holds on it, its plan or its patient that nobody has released."""
    statement = (
        select(Hold)
        .where(
            Hold.clinic_id == caller.clinic_id,
            col(Hold.released_at).is_(None),
            or_(
                col(Hold.session_id).in_({each.id for each in sessions}),
                col(Hold.plan_id).in_({each.plan_id for each in sessions}),
                col(Hold.patient_id).in_({each.patient_id for each in sessions}),
            ),
        )
        .order_by(col(Hold.opened_at), col(Hold.id))
    )
    rows = (await db.exec(statement)).all()
    return {
        session.id: tuple(
            SheetHold.model_validate(hold) for hold in rows if _touches(hold, session)
        )
        for session in sessions
    }


def _touches(hold: Hold, session: TreatmentSession) -> bool:
    """Whoever is held in part (an area, an ingredient) is shown as well: somebody must look."""
    if hold.scope is HoldScope.SESSION:
        return hold.session_id == session.id
    if hold.scope is HoldScope.PLAN:
        return hold.plan_id == session.plan_id
    return hold.patient_id == session.patient_id


async def findings(
    db: AsyncSession, caller: Caller, sessions: Collection[UUID]
) -> dict[UUID, tuple[SheetFinding, ...]]:
    """By session, what is open about it on the review worklist."""
    if not caller.may("rules:read"):
        return {}
    statement = (
        select(WorklistItem)
        .where(
            WorklistItem.clinic_id == caller.clinic_id,
            col(WorklistItem.session_id).in_(sessions),
            col(WorklistItem.closed_at).is_(None),
        )
        .order_by(col(WorklistItem.opened_at), col(WorklistItem.id))
    )
    found: dict[UUID, list[SheetFinding]] = defaultdict(list)
    for row in await db.exec(statement):
        if row.session_id is not None:
            finding = SheetFinding(item_id=row.id, severity=row.severity.value, title=row.title)
            found[row.session_id].append(finding)
    return {each: tuple(found[each]) for each in sessions}
