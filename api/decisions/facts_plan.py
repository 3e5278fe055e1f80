"""What the rules are told about a plan: diagnosis, areas, protocol, and its other sessions."""

import json
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import local_day
from api.database import found
from api.decisions.entries import standing
from models import (
    Administration,
    Assessment,
    AssessmentDiagnosis,
    ProtocolPhase,
    ProtocolState,
    ProtocolVersion,
    SessionState,
    TreatmentPlan,
    TreatmentProtocol,
    TreatmentSession,
)
from rules import facts
from rules.protocol import IngredientException, Phase, Protocol

BOOKED = (SessionState.SCHEDULED, SessionState.CONFIRMED, SessionState.CHECKED_IN)
_NEWEST_DIAGNOSES = 100
_STATUS = {"confirmed": "confirmed", "suspected": "suspected", "ruled_out": "excluded"}


async def load_plan(
    db: AsyncSession, plan: TreatmentPlan, session_number: int | None, zone: ZoneInfo
) -> facts.Plan:
    """The plan, with the number of the session under review where there is one."""
    started_on = starts_on(plan, zone)
    review = await _last_review(db, plan, started_on)
    return facts.Plan(
        plan_id=str(plan.id),
        session_number=session_number,
        diagnoses=await _diagnoses(db, plan),
        diagnosis_icd10=plan.diagnosis_icd10,
        areas=planned_areas(plan),
        volume_per_session_ul=plan.volume_per_session_ul,
        protocol=await load_protocol(db, plan.clinic_id, plan.protocol_version_id),
        last_assessed_on=review.assessed_on if review else None,
        started_on=started_on,
        points=plan.points,
    )


def starts_on(plan: TreatmentPlan, zone: ZoneInfo) -> date | None:
    """The day that was set, else that of the activation; None before it."""
    if plan.starts_on is None and plan.activated_at is not None:
        return local_day(plan.activated_at, zone)
    return plan.starts_on


async def _last_review(
    db: AsyncSession, plan: TreatmentPlan, started_on: date | None
) -> Assessment | None:
    """The latest outcome review; the examination that the plan started from is its baseline."""
    reviews = col(Assessment.is_outcome_review).is_(True)
    baseline = col(Assessment.assessed_on) <= (started_on or date.min)
    reviewed = (
        standing(Assessment, plan.clinic_id, plan.patient_id)
        .where(or_(reviews, baseline))
        .order_by(col(Assessment.assessed_on).desc())
        .limit(1)
    )
    return (await db.exec(reviewed)).first()


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


async def _diagnoses(db: AsyncSession, plan: TreatmentPlan) -> tuple[facts.Diagnosis, ...]:
    """The latest word on each diagnosis, from assessments that still stand."""
    statement = (
        select(AssessmentDiagnosis)
        .join(
            Assessment,
            (col(Assessment.clinic_id) == col(AssessmentDiagnosis.clinic_id))
            & (col(Assessment.id) == col(AssessmentDiagnosis.assessment_id)),
        )
        .where(
            AssessmentDiagnosis.clinic_id == plan.clinic_id,
            Assessment.clinic_id == plan.clinic_id,
            Assessment.patient_id == plan.patient_id,
            col(Assessment.entered_in_error_at).is_(None),
        )
        .order_by(col(Assessment.assessed_on).desc(), col(Assessment.id).desc())
        .limit(_NEWEST_DIAGNOSES)
    )
    latest: dict[str, str] = {}
    for row in (await db.exec(statement)).all():
        latest.setdefault(row.icd10, _STATUS[row.status.value])
    return tuple(facts.Diagnosis(icd10, latest[icd10]) for icd10 in sorted(latest))


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
    statement = (
        select(ProtocolVersion, TreatmentProtocol)
        .join(
            TreatmentProtocol,
            (col(TreatmentProtocol.clinic_id) == col(ProtocolVersion.clinic_id))
            & (col(TreatmentProtocol.id) == col(ProtocolVersion.protocol_id)),
        )
        .where(ProtocolVersion.clinic_id == clinic_id, col(ProtocolVersion.id).in_(version_ids))
    )
    versions = (await db.exec(statement)).all()
    phases = await _phases(db, clinic_id, version_ids)
    return {
        version.id: _protocol(version, protocol, phases.get(version.id, []))
        for version, protocol in versions
    }


async def _phases(
    db: AsyncSession, clinic_id: UUID, version_ids: Collection[UUID]
) -> dict[UUID, list[ProtocolPhase]]:
    statement = (
        select(ProtocolPhase)
        .where(
            ProtocolPhase.clinic_id == clinic_id,
            col(ProtocolPhase.protocol_version_id).in_(version_ids),
        )
        .order_by(col(ProtocolPhase.position))
    )
    phases: dict[UUID, list[ProtocolPhase]] = {}
    for each in await db.exec(statement):
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


async def load_sessions(
    db: AsyncSession,
    plan: TreatmentPlan,
    on: date,
    reach_days: int,
    under_review: UUID | None,
) -> tuple[facts.PlanSession, ...]:
    """The plan's other sessions within reach of `on`, and the last performed before that.

    Performed ones count on the day they were performed, if anything was injected; booked ones
    on their day. Cancelled and missed ones, and records entered in error, are left out.
    """
    statement = (
        select(TreatmentSession, Administration)
        .outerjoin(
            Administration,
            (col(Administration.clinic_id) == col(TreatmentSession.clinic_id))
            & (col(Administration.session_id) == col(TreatmentSession.id))
            & col(Administration.entered_in_error_at).is_(None),
        )
        .where(
            TreatmentSession.clinic_id == plan.clinic_id,
            TreatmentSession.plan_id == plan.id,
            TreatmentSession.id != under_review,
        )
    )
    day = col(TreatmentSession.scheduled_on)
    reach = timedelta(days=reach_days)
    near = statement.where(day >= on - reach, day <= on + reach)
    before = (
        statement.where(
            day < on - reach,
            col(TreatmentSession.state) == SessionState.COMPLETED,
            col(Administration.administered_ul) > 0,
        )
        .order_by(day.desc())
        .limit(1)
    )
    rows = [*(await db.exec(near)).all(), *(await db.exec(before)).all()]
    sessions = [known for row in rows if (known := plan_session(*row))]
    return tuple(sorted(sessions, key=lambda each: (each.on, each.number)))


def plan_session(
    session: TreatmentSession, administration: Administration | None
) -> facts.PlanSession | None:
    """The session as spacing counts it; None where nothing is booked and nothing was injected."""
    if session.state in BOOKED:
        return facts.PlanSession(session.session_number, session.scheduled_on, performed=False)
    if session.state is not SessionState.COMPLETED or administration is None:
        return None
    if administration.administered_ul == 0:
        return None
    return facts.PlanSession(session.session_number, administration.performed_on, performed=True)
