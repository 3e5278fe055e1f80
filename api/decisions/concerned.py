"""Which booked sessions something concerns."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.facts_sessions import BOOKED
from api.decisions.turns import share_turn
from api.decisions.worklist import close_item
from api.security import Caller
from models import (
    FormulaComponent,
    FormulaVersion,
    Lot,
    Patient,
    TreatmentPlan,
    TreatmentSession,
    WorklistEnd,
    WorklistItem,
    WorklistKind,
)


@dataclass(frozen=True, slots=True)
class About:
    """What was written about; id is the row's, or the code of an ingredient."""

    what: Literal["patient", "plan", "session", "lot", "formula", "ingredient"]
    clinic_id: UUID
    id: UUID | str


async def sessions_of(
    db: AsyncSession, caller: Caller, about: About, most: int, after: UUID | None = None
) -> list[TreatmentSession]:
    """The booked sessions of today and later that it concerns, by their ids; `most` at once.

    after: the last one of the batch before.
    """
    statement = (
        select(TreatmentSession)
        .where(
            TreatmentSession.clinic_id == about.clinic_id,
            col(TreatmentSession.state).in_(BOOKED),
            TreatmentSession.scheduled_on >= caller.today,
            _concerns(about),
        )
        .order_by(col(TreatmentSession.id))
        .limit(most)
    )
    if after is not None:
        statement = statement.where(col(TreatmentSession.id) > after)
    return list((await db.exec(statement)).all())


async def sessions_of_all(
    db: AsyncSession, caller: Caller, abouts: Iterable[About]
) -> list[TreatmentSession]:
    """As `sessions_of` any of these patients, plans and sessions, however many; one query."""
    ids: defaultdict[str, list[UUID | str]] = defaultdict(list)
    for about in abouts:
        ids[about.what].append(about.id)
    session = TreatmentSession
    statement = (
        select(session)
        .where(
            session.clinic_id == caller.clinic_id,
            col(session.state).in_(BOOKED),
            session.scheduled_on >= caller.today,
            or_(
                col(session.id).in_(ids["session"]),
                col(session.patient_id).in_(ids["patient"]),
                col(session.plan_id).in_(ids["plan"]),
            ),
        )
        .order_by(col(session.id))
    )
    return list((await db.exec(statement)).all())


async def sit_with(
    db: AsyncSession, caller: Caller, batch: list[TreatmentSession]
) -> list[TreatmentSession]:
    """Those of the batch that are still booked, their patients locked and the turn shared.

    Whoever changes one of these patients, or their bookings, has come before or waits.
    """
    patients = {each.patient_id for each in batch}
    lock = select(Patient.id).where(
        Patient.clinic_id == caller.clinic_id, col(Patient.id).in_(patients)
    )
    await db.exec(lock.order_by(col(Patient.id)).with_for_update(key_share=True))
    await share_turn(db, caller.clinic_id)
    statement = select(TreatmentSession).where(
        TreatmentSession.clinic_id == caller.clinic_id,
        col(TreatmentSession.id).in_({each.id for each in batch}),
        col(TreatmentSession.state).in_(BOOKED),
    )
    return list(await db.exec(statement.execution_options(populate_existing=True)))


def _concerns(about: About) -> ColumnElement[bool]:
    session = TreatmentSession
    if about.what == "session":
        return col(session.id) == about.id
    if about.what == "patient":
        return col(session.patient_id) == about.id
    if about.what == "plan":
        return col(session.plan_id) == about.id
    return col(session.plan_id).in_(_planned_with(about))


def _planned_with(about: About) -> Any:
    """Plans that pin a version of the formula, or one that holds the ingredient, or the lot's."""
    if about.what == "formula":
        versions = select(FormulaVersion.id).where(
            FormulaVersion.clinic_id == about.clinic_id, FormulaVersion.formula_id == about.id
        )
    else:
        versions = select(FormulaComponent.formula_version_id).where(
            FormulaComponent.clinic_id == about.clinic_id, _holds(about)
        )
    return select(TreatmentPlan.id).where(
        TreatmentPlan.clinic_id == about.clinic_id,
        col(TreatmentPlan.formula_version_id).in_(versions),
    )


def _holds(about: About) -> ColumnElement[bool]:
    if about.what == "ingredient":
        return col(FormulaComponent.ingredient_code) == about.id
    ingredient = select(Lot.ingredient_id).where(
        Lot.clinic_id == about.clinic_id, Lot.id == about.id
    )
    return col(FormulaComponent.ingredient_id).in_(ingredient)


async def close_ended(db: AsyncSession, caller: Caller, ended: dict[UUID, WorklistEnd]) -> None:
    """Take sessions off the list that were moved, or will not take place, or have."""
    if not ended:
        return
    statement = select(WorklistItem).where(
        WorklistItem.clinic_id == caller.clinic_id,
        col(WorklistItem.kind).in_((WorklistKind.SESSION, WorklistKind.CALENDAR)),
        col(WorklistItem.session_id).in_(ended),
        col(WorklistItem.closed_at).is_(None),
    )
    for item in await db.exec(statement):
        if item.session_id is not None:
            close_item(db, caller, item, ended[item.session_id])
