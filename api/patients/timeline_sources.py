"""What a patient's timeline is made of: one source per table, each with its instant and its words.

The instant is when it happened, where an instant is known; what only has a day is placed at the
instant at which it was entered, so that the order never changes afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import SQLModel, col, select

from api.patients.measurements import value_of
from models import (
    Administration,
    Allergy,
    Assessment,
    Condition,
    Consent,
    Consultation,
    Hold,
    LifestyleFactor,
    Measurement,
    Medication,
    PregnancyStatement,
    SideEffect,
    Therapy,
    TreatmentPlan,
    TreatmentSession,
)


class TimelineKind(StrEnum):
    """The kinds of entries, named like their resources."""

    ADMINISTRATION = "administration"
    ALLERGY = "allergy"
    ASSESSMENT = "assessment"
    CONDITION = "condition"
    CONSENT = "consent"
    CONSULTATION = "consultation"
    HOLD = "hold"
    LIFESTYLE_FACTOR = "lifestyle_factor"
    MEASUREMENT = "measurement"
    MEDICATION = "medication"
    PLAN = "plan"
    PREGNANCY_STATEMENT = "pregnancy_statement"
    SESSION = "session"
    SIDE_EFFECT = "side_effect"
    THERAPY = "therapy"


@dataclass(frozen=True, slots=True)
class Source:
    """One table of the timeline.

    occurred: the name of its instant. scope: what the caller must hold to see it.
    words: one line about a row; address: where the row is read.
    """

    kind: TimelineKind
    table: type[SQLModel]
    occurred: str
    scope: str
    words: Callable[[Any], str]
    address: Callable[[Any], str]


def of_patient(source: Source, clinic_id: UUID, patient_id: UUID) -> list[ColumnElement[bool]]:
    """The conditions that a row of the source is about this patient of this clinic."""
    table: Any = source.table
    if source.kind is TimelineKind.HOLD:
        return [col(table.clinic_id) == clinic_id, held(clinic_id, patient_id)]
    return [col(table.clinic_id) == clinic_id, col(table.patient_id) == patient_id]


def held(clinic_id: UUID, patient_id: UUID) -> ColumnElement[bool]:
    """A hold is about the patient, or about one of their plans."""
    plans = select(TreatmentPlan.id).where(
        TreatmentPlan.clinic_id == clinic_id, TreatmentPlan.patient_id == patient_id
    )
    return or_(col(Hold.patient_id) == patient_id, col(Hold.plan_id).in_(plans))


def _spoken(code: str | None) -> str:
    return (code or "").replace("_", " ").lower()


def _measured(row: Measurement) -> str:
    parts = (_spoken(row.kind), value_of(row) or row.value_code, row.unit, row.scale)
    return " ".join(part for part in parts if part)


def _assessed(row: Assessment) -> str:
    what = "outcome review" if row.is_outcome_review else "assessment"
    return f"{what}: {row.scale} {row.grade or ''}".rstrip() if row.scale else what


def _hold_address(row: Hold) -> str:
    """Holds are read with what they are about, or what opened them."""
    if row.plan_id is not None:
        return f"/v1/plans/{row.plan_id}/holds"
    if row.side_effect_id is not None:
        return f"/v1/side-effects/{row.side_effect_id}"
    return f"/v1/patients/{row.patient_id}/chart"


def _under_patient(path: str) -> Callable[[Any], str]:
    return lambda row: f"/v1/patients/{row.patient_id}/{path}/{row.id}"


def _own(path: str) -> Callable[[Any], str]:
    return lambda row: f"/v1/{path}/{row.id}"


def _clinical(
    kind: TimelineKind,
    table: type[SQLModel],
    path: str,
    words: Callable[[Any], str],
    occurred: str = "recorded_at",
) -> Source:
    return Source(kind, table, occurred, "clinical:read", words, _under_patient(path))


SOURCES: tuple[Source, ...] = (
    Source(
        TimelineKind.ADMINISTRATION,
        Administration,
        "performed_at",
        "sessions:read",
        lambda row: "treatment given" + (" (entered afterwards)" if row.retrospective else ""),
        lambda row: f"/v1/sessions/{row.session_id}/administration",
    ),
    _clinical(
        TimelineKind.ALLERGY,
        Allergy,
        "allergies",
        lambda row: f"allergy: {_spoken(row.code)}, {row.severity}, {row.status}",
    ),
    _clinical(TimelineKind.ASSESSMENT, Assessment, "assessments", _assessed),
    _clinical(
        TimelineKind.CONDITION,
        Condition,
        "conditions",
        lambda row: f"condition: {_spoken(row.code)}" + (", over" if row.ended_on else ""),
    ),
    _clinical(
        TimelineKind.CONSENT,
        Consent,
        "consents",
        lambda row: f"consent {row.document_code}" + (", withdrawn" if row.withdrawn_on else ""),
    ),
    _clinical(
        TimelineKind.CONSULTATION,
        Consultation,
        "consultations",
        lambda _row: "consultation",
        "held_at",
    ),
    Source(
        TimelineKind.HOLD,
        Hold,
        "opened_at",
        "plans:read",
        lambda row: f"hold: {_spoken(row.reason_code)}" + (", released" if row.released_at else ""),
        _hold_address,
    ),
    _clinical(
        TimelineKind.LIFESTYLE_FACTOR,
        LifestyleFactor,
        "lifestyle-factors",
        lambda row: f"lifestyle: {_spoken(row.code)}",
    ),
    _clinical(TimelineKind.MEASUREMENT, Measurement, "measurements", _measured, "measured_at"),
    _clinical(
        TimelineKind.MEDICATION,
        Medication,
        "medications",
        lambda row: f"medication: {row.name}" + (", stopped" if row.stopped_on else ""),
    ),
    Source(
        TimelineKind.PLAN,
        TreatmentPlan,
        "recorded_at",
        "plans:read",
        lambda row: f"plan for {row.diagnosis_icd10}, {_spoken(row.state)}",
        _own("plans"),
    ),
    _clinical(
        TimelineKind.PREGNANCY_STATEMENT,
        PregnancyStatement,
        "pregnancy-statements",
        lambda row: f"asked about pregnancy: {_spoken(row.pregnancy_status) or 'not answered'}",
    ),
    Source(
        TimelineKind.SESSION,
        TreatmentSession,
        "starts_at",
        "sessions:read",
        lambda row: f"session {row.session_number}, {_spoken(row.state)}",
        _own("sessions"),
    ),
    Source(
        TimelineKind.SIDE_EFFECT,
        SideEffect,
        "reported_at",
        "side_effects:read",
        lambda row: f"side effect: {_spoken(row.code)}, grade {row.grade}, {_spoken(row.state)}",
        _own("side-effects"),
    ),
    _clinical(
        TimelineKind.THERAPY,
        Therapy,
        "therapies",
        lambda row: f"therapy: {_spoken(row.code)}" + (", ended" if row.ended_on else ""),
    ),
)
