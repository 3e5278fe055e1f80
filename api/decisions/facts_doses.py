"""What the rules are told about doses: given before, and booked for later.

Given doses come from administrations that still stand. Booked ones are what the patient's other
sessions would give: the plan's volume of its formula version, as a share of what is mixed.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.entries import CLINIC, PATIENTS, whose
from api.decisions.facts_sessions import BOOKED
from models import (
    AdministeredDose,
    Administration,
    FormulaComponent,
    FormulaVersion,
    TreatmentPlan,
    TreatmentSession,
)
from rules import facts
from rules.arithmetic import mixture_volume_ul, share_micro, stored_micro

Doses = dict[UUID, list[facts.GivenDose]]
STANDS = (
    (col(Administration.clinic_id) == col(AdministeredDose.clinic_id))
    & (col(Administration.id) == col(AdministeredDose.administration_id))
    & col(Administration.entered_in_error_at).is_(None)
)


def same(parent: Any, child: Any, key: str) -> Any:
    """The child's row names the parent's, in the same clinic."""
    return (col(parent.clinic_id) == col(child.clinic_id)) & (parent.id == getattr(child, key))


# Built once: every decision asks them.
_GIVEN = (
    select(
        col(AdministeredDose.patient_id),
        col(AdministeredDose.ingredient_code),
        col(AdministeredDose.performed_on),
        col(AdministeredDose.dose_micro),
        col(AdministeredDose.performed_at),
    )
    .join(Administration, STANDS)
    .where(
        col(AdministeredDose.clinic_id) == CLINIC,
        col(AdministeredDose.patient_id).in_(PATIENTS),
        col(AdministeredDose.performed_on).between(bindparam("first"), bindparam("last")),
    )
)
_BOOKED = (
    select(
        col(TreatmentSession.id),
        col(TreatmentSession.patient_id),
        col(TreatmentSession.scheduled_on),
        col(TreatmentSession.starts_at),
        col(TreatmentPlan.volume_per_session_ul),
        col(FormulaVersion.total_volume_ul),
        col(FormulaComponent.ingredient_code),
        col(FormulaComponent.dose_micro),
        col(FormulaComponent.volume_ul),
    )
    .join(TreatmentPlan, same(TreatmentPlan, TreatmentSession, "plan_id"))
    .join(FormulaVersion, same(FormulaVersion, TreatmentPlan, "formula_version_id"))
    .join(
        FormulaComponent,
        (col(FormulaComponent.clinic_id) == col(FormulaVersion.clinic_id))
        & (col(FormulaComponent.formula_version_id) == col(FormulaVersion.id)),
    )
    .where(
        col(TreatmentSession.clinic_id) == CLINIC,
        col(TreatmentSession.patient_id).in_(PATIENTS),
        col(TreatmentSession.state).in_(BOOKED),
        col(TreatmentSession.starts_at).between(bindparam("first"), bindparam("last")),
    )
)


@dataclass(frozen=True, slots=True)
class Span:
    """The days that can matter: so many before and after the day that is judged, inclusive."""

    first: date
    last: date

    @classmethod
    def around(cls, on: date, days: int) -> "Span":
        """The span of `days` on both sides of `on`."""
        return cls(on - timedelta(days=days), on + timedelta(days=days))


class BookedVisit(NamedTuple):
    """A booked session, and the doses that it would give."""

    session_id: UUID
    starts_at: datetime
    doses: tuple[facts.GivenDose, ...]


async def load_given(
    db: AsyncSession, clinic_id: UUID, patient_id: UUID, span: Span
) -> list[facts.GivenDose]:
    """Every dose the patient got within the span, of any plan."""
    return (await given_to_many(db, clinic_id, {patient_id}, span)).get(patient_id, [])


async def given_to_many(
    db: AsyncSession, clinic_id: UUID, patients: Collection[UUID], span: Span
) -> Doses:
    """By patient, every dose within the span; nobody who got none is in it. One query."""
    doses: Doses = {}
    values = whose(clinic_id, patients) | {"first": span.first, "last": span.last}
    for patient_id, *dose in await db.execute(_GIVEN, values):
        doses.setdefault(patient_id, []).append(facts.GivenDose(*dose))
    return doses


async def load_booked(
    db: AsyncSession,
    clinic_id: UUID,
    patient_id: UUID,
    span: Span,
    under_review: UUID | None,
) -> list[facts.GivenDose]:
    """The doses that the patient's booked sessions would give, the one under review left out."""
    booked = await booked_for_many(db, clinic_id, {patient_id}, span)
    return doses_within(booked.get(patient_id, ()), span, under_review)


async def booked_for_many(
    db: AsyncSession, clinic_id: UUID, patients: Collection[UUID], span: Span
) -> dict[UUID, list[BookedVisit]]:
    """By patient, what the booked sessions would give; nobody without any is in it. One query."""
    first, last = instants(span)
    values = whose(clinic_id, patients) | {"first": first, "last": last}
    sessions: dict[UUID, list[Any]] = {}
    for row in (await db.execute(_BOOKED, values)).all():
        sessions.setdefault(row.id, []).append(row)
    booked: dict[UUID, list[BookedVisit]] = {}
    for session_id, lines in sessions.items():
        visit = BookedVisit(session_id, lines[0].starts_at, tuple(booked_doses(lines)))
        booked.setdefault(lines[0].patient_id, []).append(visit)
    return booked


def doses_within(
    booked: Iterable[BookedVisit], span: Span, under_review: UUID | None = None
) -> list[facts.GivenDose]:
    """What these sessions would give within the span, the one under review left out."""
    first, last = instants(span)
    return [
        dose
        for visit in booked
        if visit.session_id != under_review and first <= visit.starts_at <= last
        for dose in visit.doses
    ]


def instants(span: Span) -> tuple[datetime, datetime]:
    """The span with a day more on both sides: it is in days of the clinic's calendar."""
    utc = ZoneInfo("UTC")
    first = datetime.combine(span.first - timedelta(days=1), datetime.min.time(), utc)
    return first, datetime.combine(span.last + timedelta(days=2), datetime.min.time(), utc)


def booked_doses(lines: Sequence[Any]) -> Iterable[facts.GivenDose]:
    """One session's doses, rounded up to whole millionths: never less than will be given."""
    session = lines[0]
    prepared = mixture_volume_ul((line.volume_ul for line in lines), session.total_volume_ul)
    doses: dict[str, int] = {}
    for line in lines:
        doses[line.ingredient_code] = doses.get(line.ingredient_code, 0) + line.dose_micro
    for code, dose_micro in doses.items():
        share = share_micro(dose_micro, session.volume_per_session_ul, prepared)
        yield facts.GivenDose(
            ingredient_code=code,
            on=session.scheduled_on,
            dose_micro=stored_micro(share),
            at=session.starts_at,
            planned=True,
        )


def in_order(doses: Iterable[facts.GivenDose]) -> tuple[facts.GivenDose, ...]:
    """The same doses give the same text, in whatever order the database had them."""
    return tuple(sorted(doses, key=lambda d: (d.on, d.ingredient_code, d.planned, d.dose_micro)))


async def seen_before(
    db: AsyncSession, clinic_id: UUID, patient_id: UUID, formula: facts.Formula
) -> set[str]:
    """Which ingredients of the formula the patient was ever given."""
    codes = {line.ingredient_code for line in formula.components}
    statement = (
        select(col(AdministeredDose.ingredient_code))
        .distinct()
        .join(Administration, STANDS)
        .where(
            col(AdministeredDose.clinic_id) == clinic_id,
            col(AdministeredDose.patient_id) == patient_id,
            col(AdministeredDose.ingredient_code).in_(codes),
        )
    )
    return set((await db.execute(statement)).scalars())
