"""The chart screen in one answer: what must be seen before anything is decided."""

from typing import Self
from uuid import UUID

from pydantic import Field

from api.fields import Answer, Day, Instant
from api.patients.allergies import AllergyRead
from api.patients.assessments import AssessmentRead
from api.patients.conditions import ConditionRead
from api.patients.consents import ConsentRead
from api.patients.measurements import MeasurementRead
from api.patients.medications import MedicationRead
from api.patients.schemas import PatientRead
from api.patients.therapies import TherapyRead
from models import (
    Expectedness,
    HoldEffect,
    HoldScope,
    PlanState,
    PregnancyStatus,
    PregnancyTestResult,
    SessionState,
    SideEffectState,
)


class ChartPregnancy(Answer):
    """The newest answer to each question, from statements and screenings; null: never asked."""

    childbearing_potential: bool | None = None
    status: PregnancyStatus | None = None
    asked_on: Day | None = Field(None, description="Day of the newest answer on pregnancy.")
    test_on: Day | None = None
    test_result: PregnancyTestResult | None = None
    contraception_effective: bool | None = None
    lactating: bool | None = None


class ChartHold(Answer):
    """A hold in force on the patient or on one of their plans."""

    id: UUID
    scope: HoldScope
    effect: HoldEffect
    plan_id: UUID | None
    side_effect_id: UUID | None
    reason_code: str = Field(examples=["grade_2"])
    note: str | None
    release_role: str = Field(description="Who may release it.", examples=["prescriber"])
    opened_at: Instant
    due_at: Instant | None


class ChartEffect(Answer):
    """A side effect that is not resolved."""

    id: UUID
    code: str = Field(examples=["AE_SHED_EARLY"])
    grade: int = Field(examples=[2])
    state: SideEffectState
    expected: Expectedness
    session_id: UUID | None
    plan_id: UUID | None
    onset_on: Day | None
    days_since_session: int | None = Field(description="From the suspect session to the onset.")
    reported_at: Instant


class ChartAlerts(Answer):
    """What stands in the way, or may; each list is complete."""

    allergies: tuple[AllergyRead, ...] = Field(description="The active ones.")
    allergies_asked: bool = Field(description="False: nobody has asked, which is not none.")
    conditions: tuple[ConditionRead, ...] = Field(description="Those present today.")
    pregnancy: ChartPregnancy
    holds: tuple[ChartHold, ...] = Field(description="Empty without `plans:read`.")
    side_effects: tuple[ChartEffect, ...] = Field(description="Empty without `side_effects:read`.")


class ChartWeight(Answer):
    """The latest weight, from a measurement or a screening."""

    weight_kg: str = Field(description="Exact, in kg.", examples=["62.5"])
    weighed_on: Day
    age_days: int = Field(description="Days since; dose limits per kg look at it.", examples=[12])


class ChartWindow(Answer):
    """When the plan's next session may take place; the bounds are inclusive."""

    session_number: int
    phase: str | None
    earliest_on: Day | None
    target_on: Day | None
    latest_on: Day | None


class ChartSession(Answer):
    """A session, past or to come."""

    id: UUID
    plan_id: UUID
    session_number: int
    phase: str | None
    state: SessionState
    starts_at: Instant
    ends_at: Instant
    scheduled_on: Day
    practitioner_id: UUID
    room_id: UUID | None


class ChartPlan(Answer):
    """A plan that is not over, with its next session, or the window in which to book one."""

    id: UUID
    version: int
    state: PlanState
    diagnosis_icd10: str = Field(examples=["L64.9"])
    areas: tuple[str, ...]
    practitioner_id: UUID
    protocol_name: str
    protocol_version: int
    formula_id: UUID
    formula_name: str
    formula_version: int
    sessions_completed: int
    next_session: ChartSession | None = None
    window: ChartWindow | None = Field(
        None, description="Of the session after all that are booked; active plans only."
    )

    def with_course(self, following: ChartSession | None, window: ChartWindow | None) -> Self:
        """This plan with what comes next in it."""
        return self.model_copy(update={"next_session": following, "window": window})


class ChartRead(Answer):
    """Everything for the chart screen in one call."""

    patient: PatientRead
    age_years: int = Field(description="Completed years today.", examples=[36])
    alerts: ChartAlerts
    medications: tuple[MedicationRead, ...] = Field(description="The current ones.")
    medications_asked: bool = Field(description="False: nobody has asked, which is not none.")
    therapies: tuple[TherapyRead, ...] = Field(description="Those that go on.")
    weight: ChartWeight | None
    measurements: tuple[MeasurementRead, ...] = Field(
        description="The latest of each kind, scale and site."
    )
    shedding: tuple[MeasurementRead, ...] = Field(
        description="The last 12 shedding scores, newest first; compare within one scale only."
    )
    assessment: AssessmentRead | None = Field(description="The latest.")
    consents: tuple[ConsentRead, ...] = Field(description="The newest 20, with their validity.")
    plans: tuple[ChartPlan, ...] = Field(description="Those not over; empty without `plans:read`.")
    recent_sessions: tuple[ChartSession, ...] = Field(description="The last 5, newest first.")
    next_sessions: tuple[ChartSession, ...] = Field(description="The next 5, soonest first.")
