"""The clinical half of the chart: alerts, medicines, weight, measurements, consents."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.fields import plain, to_decimal
from api.patients.chart_schemas import ChartEffect, ChartHold, ChartPregnancy, ChartWeight
from api.patients.measures import SHED_SCORE, WEIGHT
from api.patients.records import standing
from api.patients.timeline_sources import held
from api.security import Caller
from models import (
    Assessment,
    ClinicalRecord,
    Consent,
    Hold,
    Measurement,
    Patient,
    PregnancyStatement,
    Screening,
    SideEffect,
    SideEffectState,
    TreatmentSession,
)

Row = TypeVar("Row", bound=ClinicalRecord)
_NEWEST_CONSENTS = 20
_SHEDDING_SCORES = 12
_RECENT_SCREENINGS = 3
_GRAMS_PLACES = 3


async def lasting(
    db: AsyncSession, caller: Caller, table: type[Row], patient_id: UUID, ends: Any
) -> list[Row]:
    """Standing entries that are not over: without an end, or with one that is not yet past."""
    goes_on = or_(ends.is_(None), ends >= caller.today)
    return await standing(db, table, caller.clinic_id, patient_id, goes_on)


async def _newest(
    db: AsyncSession, caller: Caller, table: type[Row], patient_id: UUID, by: Any, limit: int,
    *conditions: Any,
) -> list[Row]:  # fmt: skip
    statement = (
        select(table)
        .where(
            table.clinic_id == caller.clinic_id,
            table.patient_id == patient_id,
            col(table.entered_in_error_at).is_(None),
            *conditions,
        )
        .order_by(by.desc(), col(table.id).desc())
        .limit(limit)
    )
    return list((await db.exec(statement)).all())


async def newest_consents(db: AsyncSession, caller: Caller, patient_id: UUID) -> list[Consent]:
    return await _newest(db, caller, Consent, patient_id, col(Consent.signed_on), _NEWEST_CONSENTS)


async def latest_assessments(
    db: AsyncSession, caller: Caller, patient_id: UUID
) -> list[Assessment]:
    """The latest assessment, or nothing."""
    return await _newest(db, caller, Assessment, patient_id, col(Assessment.assessed_on), 1)


async def shedding_scores(db: AsyncSession, caller: Caller, patient_id: UUID) -> list[Measurement]:
    is_score = col(Measurement.kind) == SHED_SCORE
    by = col(Measurement.measured_at)
    return await _newest(db, caller, Measurement, patient_id, by, _SHEDDING_SCORES, is_score)


async def latest_measurements(
    db: AsyncSession, caller: Caller, patient_id: UUID
) -> list[Measurement]:
    """The latest standing measurement of each kind, scale and site, sorted by kind."""
    newest = (col(Measurement.measured_at).desc(), col(Measurement.id).desc())
    of_one = (
        Measurement.kind,
        func.coalesce(Measurement.scale, ""),
        func.coalesce(Measurement.site, ""),
    )
    place = func.row_number().over(partition_by=of_one, order_by=newest).label("place")
    ranked = (
        select(col(Measurement.id).label("id"), place)
        .where(
            Measurement.clinic_id == caller.clinic_id,
            Measurement.patient_id == patient_id,
            col(Measurement.entered_in_error_at).is_(None),
        )
        .subquery()
    )
    first = select(ranked.c.id).where(ranked.c.place == 1)
    statement = select(Measurement).where(
        Measurement.clinic_id == caller.clinic_id, col(Measurement.id).in_(first)
    )
    rows = (await db.exec(statement)).all()
    return sorted(rows, key=lambda row: (row.kind, row.scale or "", row.site or ""))


async def recent_screenings(db: AsyncSession, caller: Caller, patient_id: UUID) -> list[Screening]:
    """The screenings of the patient's latest sessions, newest first."""
    statement = (
        select(Screening)
        .join(
            TreatmentSession,
            (col(TreatmentSession.clinic_id) == col(Screening.clinic_id))
            & (col(TreatmentSession.id) == col(Screening.session_id)),
        )
        .where(
            TreatmentSession.clinic_id == caller.clinic_id,
            TreatmentSession.patient_id == patient_id,
            col(Screening.entered_in_error_at).is_(None),
        )
        .order_by(col(TreatmentSession.starts_at).desc())
        .limit(_RECENT_SCREENINGS)
    )
    return list((await db.exec(statement)).all())


async def pregnancy(
    db: AsyncSession, caller: Caller, patient: Patient, screenings: Sequence[Screening]
) -> ChartPregnancy:
    """The newest answer to each question, wherever it was asked."""
    stated = await _newest(
        db, caller, PregnancyStatement, patient.id, col(PregnancyStatement.stated_on),
        _RECENT_SCREENINGS,
    )  # fmt: skip
    answers: list[Any] = sorted([*stated, *screenings], key=_asked_on, reverse=True)

    def newest(question: str) -> Any:
        return next((each for each in answers if getattr(each, question) is not None), None)

    asked, tested = newest("pregnancy_status"), newest("pregnancy_test_result")
    contraception, lactating = newest("contraception_effective"), newest("lactating")
    potential = newest("childbearing_potential")
    return ChartPregnancy(
        childbearing_potential=getattr(potential, "childbearing_potential", None),
        status=getattr(asked, "pregnancy_status", None),
        asked_on=None if asked is None else _asked_on(asked),
        test_on=getattr(tested, "pregnancy_test_on", None),
        test_result=getattr(tested, "pregnancy_test_result", None),
        contraception_effective=getattr(contraception, "contraception_effective", None),
        lactating=getattr(lactating, "lactating", None),
    )


def _asked_on(answer: Any) -> Any:
    stated_on = getattr(answer, "stated_on", None)
    return stated_on if stated_on is not None else answer.screened_on


def latest_weight(
    caller: Caller, measured: Sequence[Measurement], screenings: Sequence[Screening]
) -> ChartWeight | None:
    """The newer of the last weight measured and the last one taken at a check-in."""
    known = [
        (row.measured_on, to_decimal(row.value_scaled, row.value_places or 0))
        for row in measured
        if row.kind == WEIGHT and row.value_scaled is not None
    ]
    known += [
        (row.screened_on, to_decimal(row.weight_g, _GRAMS_PLACES))
        for row in screenings
        if row.weight_g is not None
    ]
    if not known:
        return None
    day, weight = max(known, key=lambda each: each[0])
    return ChartWeight(weight_kg=plain(weight), weighed_on=day, age_days=(caller.today - day).days)


async def holds_in_force(
    db: AsyncSession, caller: Caller, patient_id: UUID
) -> tuple[ChartHold, ...]:
    """Holds that nobody has released, on the patient or on one of their plans; oldest first."""
    if not caller.may("plans:read"):
        return ()
    statement = (
        select(Hold)
        .where(Hold.clinic_id == caller.clinic_id, col(Hold.released_at).is_(None))
        .where(held(caller.clinic_id, patient_id))
        .order_by(col(Hold.opened_at), col(Hold.id))
    )
    return tuple(ChartHold.model_validate(row) for row in (await db.exec(statement)).all())


async def open_effects(
    db: AsyncSession, caller: Caller, patient_id: UUID
) -> tuple[ChartEffect, ...]:
    """Side effects that are not resolved, the worst first."""
    if not caller.may("side_effects:read"):
        return ()
    states = (SideEffectState.OPEN, SideEffectState.UNDER_REVIEW)
    unresolved = col(SideEffect.state).in_(states)
    rows = await standing(db, SideEffect, caller.clinic_id, patient_id, unresolved)
    rows.sort(key=lambda row: (-row.grade, row.reported_at))
    return tuple(ChartEffect.model_validate(row) for row in rows)
