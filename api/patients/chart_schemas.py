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
    GivenRoute,
    HoldEffect,
    HoldScope,
    IngredientUnit,
    PlanState,
    PregnancyStatus,
    PregnancyTestResult,
    SessionState,
    SideEffectState,
)


class ChartPregnancy(Answer):
    """The newest answer to each question, from statements and screenings; null: never asked."""

    childbearing_potential: bool | None = Field(
        None, description="Could become pregnant.", examples=[True]
    )
    status: PregnancyStatus | None = Field(
        None, description="The newest answer on pregnancy.", examples=["not_pregnant"]
    )
    asked_on: Day | None = Field(None, description="Day of the newest answer on pregnancy.")
    test_on: Day | None = Field(None, description="Day of the newest test.")
    test_result: PregnancyTestResult | None = Field(
        None, description="What it showed.", examples=["negative"]
    )
    contraception_effective: bool | None = Field(
        None, description="Whether the method counts as effective.", examples=[True]
    )
    lactating: bool | None = Field(None, description="Breastfeeding.", examples=[False])


class ChartHold(Answer):
    """A hold in force on the patient or on one of their plans."""

    id: UUID = Field(description="Identifier.")
    scope: HoldScope = Field(description="What is held.", examples=["plan"])
    effect: HoldEffect = Field(
        description="`block`, or `override` where a prescriber may override it.", examples=["block"]
    )
    plan_id: UUID | None = Field(description="The plan.")
    side_effect_id: UUID | None = Field(description="The side effect that opened it.")
    reason_code: str = Field(description="Why.", examples=["grade_2"])
    note: str | None = Field(description="Remark.", examples=["Seen again on Monday."])
    release_role: str = Field(description="Who may release it.", examples=["prescriber"])
    opened_at: Instant = Field(description="When it was opened.")
    due_at: Instant | None = Field(description="By when somebody should look.")


class ChartEffect(Answer):
    """A side effect that is not resolved."""

    id: UUID = Field(description="Identifier.")
    code: str = Field(description="Term of the catalogue.", examples=["AE_SHED_EARLY"])
    grade: int = Field(description="CTCAE grade, 1 to 5.", examples=[2])
    state: SideEffectState = Field(description="Where it stands in its life cycle.")
    expected: Expectedness = Field(
        description="What the catalogue said when it was reported.", examples=["expected"]
    )
    session_id: UUID | None = Field(description="The suspect session.")
    plan_id: UUID | None = Field(description="The plan.")
    onset_on: Day | None = Field(description="Local day of the onset.")
    days_since_session: int | None = Field(description="From the suspect session to the onset.")
    reported_at: Instant = Field(description="When it was reported.")


class ChartAlerts(Answer):
    """What stands in the way, or may; each list is complete."""

    allergies: tuple[AllergyRead, ...] = Field(description="The active ones.")
    allergies_asked: bool = Field(description="False: nobody has asked, which is not none.")
    conditions: tuple[ConditionRead, ...] = Field(description="Those present today.")
    pregnancy: ChartPregnancy = Field(description="The newest answers.")
    holds: tuple[ChartHold, ...] = Field(description="Empty without `plans:read`.")
    side_effects: tuple[ChartEffect, ...] = Field(description="Empty without `side_effects:read`.")


class ChartWeight(Answer):
    """The latest weight, from a measurement or a screening."""

    weight_kg: str = Field(description="Exact, in kg.", examples=["62.5"])
    weighed_on: Day = Field(description="Local day of the weighing.")
    age_days: int = Field(description="Days since; dose limits per kg look at it.", examples=[12])


class ChartWindow(Answer):
    """When the plan's next session may take place; the bounds are inclusive."""

    session_number: int = Field(
        description="Number of the session in its plan, from 1.", examples=[4]
    )
    phase: str | None = Field(description="Phase of the protocol.", examples=["B"])
    earliest_on: Day | None = Field(description="First day without a spacing finding.")
    target_on: Day | None = Field(description="The protocol's day.")
    latest_on: Day | None = Field(description="Last day without a spacing finding.")


class ChartAlsoGiven(Answer):
    """What the patient got at a visit besides the injections."""

    ingredient_code: str | None = Field(description="Code.", examples=["LIDOCAINE"])
    name: str | None = Field(description="The product.", examples=["Numbing cream 2.5 %"])
    route: GivenRoute = Field(description="How it was given.", examples=["topical"])
    dose: str | None = Field(description="All of it, in `unit`; null: unknown.", examples=["50"])
    unit: IngredientUnit | None = Field(description="The ingredient's unit.", examples=["mg"])


class ChartSession(Answer):
    """A session, past or to come."""

    id: UUID = Field(description="Identifier.")
    plan_id: UUID = Field(description="The plan.")
    session_number: int = Field(
        description="Number of the session in its plan, from 1.", examples=[4]
    )
    phase: str | None = Field(description="Phase of the protocol.", examples=["B"])
    state: SessionState = Field(description="Where it stands in its life cycle.")
    starts_at: Instant = Field(description="Start.")
    ends_at: Instant = Field(description="End, exclusive.")
    scheduled_on: Day = Field(description="Local day of the start.")
    practitioner_id: UUID = Field(description="Who treats.")
    room_id: UUID | None = Field(description="The room.")
    also_given: tuple[ChartAlsoGiven, ...] = Field(
        (),
        description="What else was given, such as a numbing cream; of recent sessions only.",
        examples=[[]],
    )


class ChartPlan(Answer):
    """A plan that is not over, with its next session, or the window in which to book one."""

    id: UUID = Field(description="Identifier.")
    version: int = Field(description="The row version, as in the ETag.", examples=[3])
    state: PlanState = Field(description="Where it stands in its life cycle.")
    diagnosis_icd10: str = Field(description="ICD-10 code of what is treated.", examples=["L64.9"])
    areas: tuple[str, ...] = Field(description="Body areas.", examples=[["SCALP"]])
    practitioner_id: UUID = Field(description="Who treats.")
    protocol_name: str = Field(description="The protocol.", examples=["Scalp cocktail"])
    protocol_version: int = Field(description="Number of the pinned version.", examples=[1])
    formula_id: UUID = Field(description="The formula.")
    formula_name: str = Field(description="The formula.", examples=["Scalp classic"])
    formula_version: int = Field(description="Number of the pinned version.", examples=[1])
    sessions_completed: int = Field(description="Sessions performed so far.", examples=[3])
    next_session: ChartSession | None = Field(None, description="The first session to come.")
    window: ChartWindow | None = Field(
        None, description="Of the session after all that are booked; active plans only."
    )

    def with_course(self, following: ChartSession | None, window: ChartWindow | None) -> Self:
        """This plan with what comes next in it."""
        return self.model_copy(update={"next_session": following, "window": window})


class ChartRead(Answer):
    """Everything for the chart screen in one call."""

    patient: PatientRead = Field(description="Demographics.")
    age_years: int = Field(description="Completed years today.", examples=[36])
    alerts: ChartAlerts = Field(description="What stands in the way, or may.")
    medications: tuple[MedicationRead, ...] = Field(description="The current ones.")
    medications_asked: bool = Field(description="False: nobody has asked, which is not none.")
    therapies: tuple[TherapyRead, ...] = Field(description="Those that go on.")
    weight: ChartWeight | None = Field(description="The latest weight.")
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
