"""What the rules are told about a plan: diagnosis, areas and protocol."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import local_day
from api.database import found
from api.decisions.entries import CLINIC, VERSIONS, standing, whose
from models import (
    Assessment,
    AssessmentDiagnosis,
    ProtocolPhase,
    ProtocolState,
    ProtocolVersion,
    TreatmentPlan,
    TreatmentProtocol,
)
from rules import facts
from rules.protocol import IngredientException, Phase, Protocol

_NEWEST_DIAGNOSES = 100
_STATUS = {"confirmed": "confirmed", "suspected": "suspected", "ruled_out": "excluded"}


def _newest_diagnoses() -> Any:
    order: list[Any] = [col(Assessment.assessed_on).desc(), col(Assessment.id).desc()]
    place = func.row_number().over(partition_by=col(Assessment.patient_id), order_by=order)
    newest = (
        standing(Assessment)
        .join(
            AssessmentDiagnosis,
            (col(Assessment.clinic_id) == col(AssessmentDiagnosis.clinic_id))
            & (col(Assessment.id) == col(AssessmentDiagnosis.assessment_id)),
        )
        .with_only_columns(
            col(Assessment.patient_id).label("patient_id"),
            col(AssessmentDiagnosis.icd10).label("icd10"),
            col(AssessmentDiagnosis.status).label("status"),
            place.label("place"),
        )
        .subquery()
    )
    return (
        select(newest.c.patient_id, newest.c.icd10, newest.c.status)
        .where(newest.c.place <= _NEWEST_DIAGNOSES)
        .order_by(newest.c.place)
    )


# Built once: every decision asks them.
_DIAGNOSES = _newest_diagnoses()
_ASSESSED = standing(Assessment).with_only_columns(
    col(Assessment.patient_id), col(Assessment.assessed_on), col(Assessment.is_outcome_review)
)
_PROTOCOLS = (
    select(ProtocolVersion, TreatmentProtocol)
    .join(
        TreatmentProtocol,
        (col(TreatmentProtocol.clinic_id) == col(ProtocolVersion.clinic_id))
        & (col(TreatmentProtocol.id) == col(ProtocolVersion.protocol_id)),
    )
    .where(ProtocolVersion.clinic_id == CLINIC, col(ProtocolVersion.id).in_(VERSIONS))
)
_PHASES = (
    select(ProtocolPhase)
    .where(ProtocolPhase.clinic_id == CLINIC, col(ProtocolPhase.protocol_version_id).in_(VERSIONS))
    .order_by(col(ProtocolPhase.position))
)


async def load_plan(
    db: AsyncSession, plan: TreatmentPlan, session_number: int | None, zone: ZoneInfo
) -> facts.Plan:
    """The plan, with the number of the session under review where there is one."""
    whose = (plan.clinic_id, {plan.patient_id})
    protocol = await load_protocol(db, plan.clinic_id, plan.protocol_version_id)
    assessed = await assessed_of_many(db, *whose)
    diagnoses = await diagnoses_of_many(db, *whose)
    known = plan_facts(plan, zone, protocol, assessed, diagnoses)
    return replace(known, session_number=session_number)


def plan_facts(
    plan: TreatmentPlan,
    zone: ZoneInfo,
    protocol: Protocol,
    assessed: Mapping[UUID, Sequence["Assessed"]],
    diagnoses: Mapping[UUID, tuple[facts.Diagnosis, ...]],
) -> facts.Plan:
    """The plan without a session under review. assessed, diagnoses: by patient."""
    started_on = starts_on(plan, zone)
    return facts.Plan(
        plan_id=str(plan.id),
        session_number=None,
        diagnoses=diagnoses.get(plan.patient_id, ()),
        diagnosis_icd10=plan.diagnosis_icd10,
        areas=planned_areas(plan),
        volume_per_session_ul=plan.volume_per_session_ul,
        protocol=protocol,
        last_assessed_on=_last_review(assessed.get(plan.patient_id, ()), started_on),
        started_on=started_on,
        points=plan.points,
    )


def starts_on(plan: TreatmentPlan, zone: ZoneInfo) -> date | None:
    """The day that was set, else that of the activation; None before it."""
    if plan.starts_on is None and plan.activated_at is not None:
        return local_day(plan.activated_at, zone)
    return plan.starts_on


class Assessed(NamedTuple):
    """When a patient was assessed, and whether what came of the treatment was looked at."""

    on: date
    is_review: bool


async def assessed_of_many(
    db: AsyncSession, clinic_id: UUID, patients: Collection[UUID]
) -> dict[UUID, list[Assessed]]:
    """By patient, the days of the assessments that stand. One query."""
    found: dict[UUID, list[Assessed]] = {}
    for patient_id, *assessed in await db.execute(_ASSESSED, whose(clinic_id, patients)):
        found.setdefault(patient_id, []).append(Assessed(*assessed))
    return found


def _last_review(assessed: Sequence[Assessed], started_on: date | None) -> date | None:
    """The latest outcome review; the examination that the plan started from is its baseline."""
    baseline = started_on or date.min
    days = [each.on for each in assessed if each.is_review or each.on <= baseline]
    return max(days, default=None)


def planned_areas(plan: TreatmentPlan) -> tuple[facts.PlannedArea, ...]:
    """A plan states volume and points for all its areas together, so they are one area's only
    where there is one."""
    alone = len(plan.areas) == 1
    return tuple(
        facts.PlannedArea(
            area=area,
            volume_ul=plan.volume_per_session_ul if alone else None,
            points=plan.points if alone else None,
            depth_um=plan.depth_um,
            technique=plan.technique,
            needle_gauge=plan.needle_gauge,
        )
        for area in plan.areas
    )


async def diagnoses_of_many(
    db: AsyncSession, clinic_id: UUID, patients: Collection[UUID]
) -> dict[UUID, tuple[facts.Diagnosis, ...]]:
    """By patient, the latest word on each diagnosis, from assessments that stand. One query."""
    latest: dict[UUID, dict[str, str]] = {}
    values = whose(clinic_id, patients)
    for patient_id, icd10, status in await db.execute(_DIAGNOSES, values):
        latest.setdefault(patient_id, {}).setdefault(icd10, _STATUS[status.value])
    return {
        patient_id: tuple(facts.Diagnosis(icd10, known[icd10]) for icd10 in sorted(known))
        for patient_id, known in latest.items()
    }


async def load_protocol(db: AsyncSession, clinic_id: UUID, version_id: UUID) -> Protocol:
    """A protocol version with its phases in order."""
    version = await found(db, ProtocolVersion, clinic_id, version_id)
    protocol = await found(db, TreatmentProtocol, clinic_id, version.protocol_id)
    phases = await _phases(db, clinic_id, {version_id})
    return _protocol(version, protocol, phases.get(version_id, []))


async def load_protocols(
    db: AsyncSession, clinic_id: UUID, version_ids: Collection[UUID]
) -> dict[UUID, Protocol]:
    """Many protocol versions at once, in two queries."""
    values = {"clinic_id": clinic_id, "versions": sorted(version_ids)}
    versions = (await db.exec(_PROTOCOLS, params=values)).all()
    phases = await _phases(db, clinic_id, version_ids)
    return {
        version.id: _protocol(version, protocol, phases.get(version.id, []))
        for version, protocol in versions
    }


def phase_name(protocol: Protocol, number: int) -> str | None:
    """The name of the phase of the session with that number; None beyond the protocol's end."""
    phase = protocol.phase_of(number)
    return phase.name if phase else None


async def _phases(
    db: AsyncSession, clinic_id: UUID, version_ids: Collection[UUID]
) -> dict[UUID, list[ProtocolPhase]]:
    values = {"clinic_id": clinic_id, "versions": sorted(version_ids)}
    phases: dict[UUID, list[ProtocolPhase]] = {}
    for each in await db.exec(_PHASES, params=values):
        phases.setdefault(each.protocol_version_id, []).append(each)
    return phases


def _protocol(
    version: ProtocolVersion, protocol: TreatmentProtocol, phases: Sequence[ProtocolPhase]
) -> Protocol:
    exceptions: dict[str, int] = json.loads(version.ingredient_exceptions)
    return Protocol(
        code=protocol.code or str(protocol.id),
        phases=tuple(
            Phase(each.name, each.sessions, each.target_days, each.min_days, each.max_days)
            for each in phases
        ),
        maintenance=_maintenance(version),
        exceptions=tuple(IngredientException(c, days) for c, days in sorted(exceptions.items())),
        # Retired only says that no new plan may take it; it was approved.
        approved=version.state is not ProtocolState.DRAFT,
        version=version.number,
    )


def _maintenance(version: ProtocolVersion) -> Phase | None:
    if version.maintenance_target_days is None:
        return None
    return Phase(
        "maintenance",
        None,
        version.maintenance_target_days,
        version.maintenance_min_days,
        version.maintenance_max_days,
    )
