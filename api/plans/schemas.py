"""Plans and their windows on the wire."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from api.decisions.schemas import Answers, FindingRead
from api.fields import Answer, Body, Code, Day, Instant, Line, Millilitres, Millimetres, Note
from api.plans.areas import AreaCode, TechniqueCode, each_once
from api.plans.hold_schemas import HoldRead
from models import PlanState, ProtocolState

Icd10 = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$"),
    Field(description="WHO ICD-10 code.", examples=["L64.9"]),
]
VersionNumber = Annotated[int, Field(strict=True, ge=1, le=1_000_000, examples=[1])]
Gauge = Annotated[int, Field(strict=True, ge=10, le=40, examples=[30])]
Points = Annotated[int, Field(strict=True, ge=1, le=100_000, examples=[60])]
RoomFeatures = Annotated[
    tuple[Code, ...],
    Field(
        max_length=20,
        description="What a room must have for its sessions: codes of rooms' `features`, each once."
        " Where any is named, every booking of the plan needs such a room.",
        examples=[["LAMP"]],
    ),
    AfterValidator(each_once),
]
Areas = Annotated[
    tuple[AreaCode, ...], Field(min_length=1, max_length=24), AfterValidator(each_once)
]


class _Details(Body):
    """What may be left open in a plan."""

    technique: TechniqueCode | None = Field(None, description="How it is injected.")
    needle_gauge: Gauge | None = Field(None, description="Needle, in gauge.")
    depth_mm: Millimetres | None = Field(None, description="Planned depth, in mm.")
    points: Points | None = Field(None, description="Planned injection points per session.")
    goals: Note | None = Field(
        None, description="What is aimed at.", examples=["Less shedding within six months."]
    )
    expectations: Note | None = Field(
        None, description="What the patient expects, as discussed.", examples=["Modest."]
    )
    starts_on: Day | None = Field(None, description="Planned first day, the clinic's local day.")


class PlanCreate(_Details):
    """A plan for one patient from a protocol and a formula; it starts as a draft."""

    patient_id: UUID = Field(description="Who is treated.")
    protocol_id: UUID = Field(description="How the course is spaced.")
    protocol_version: VersionNumber | None = Field(
        None, description="Without it the newest approved version, else the newest draft."
    )
    formula_id: UUID = Field(description="What is injected.")
    formula_version: VersionNumber | None = Field(
        None, description="Without it the newest approved version, else the newest draft."
    )
    practitioner_id: UUID = Field(description="A bookable member of staff.")
    diagnosis_icd10: Icd10
    areas: Areas = Field(description="Where it is injected, each area once.")
    volume_per_session_ml: Millilitres = Field(
        description="Volume that each session injects over all areas, in mL."
    )
    room_features: RoomFeatures = ()


class PlanPatch(_Details):
    """JSON merge patch of a draft: what is left out stays, null empties what may be empty."""

    protocol_id: UUID | None = Field(None, description="How the course is spaced.")
    protocol_version: VersionNumber | None = Field(
        None, description="Null takes the newest approved version."
    )
    formula_id: UUID | None = Field(None, description="What is injected.")
    formula_version: VersionNumber | None = Field(
        None, description="Null takes the newest approved version."
    )
    practitioner_id: UUID | None = Field(None, description="A bookable member of staff.")
    diagnosis_icd10: Icd10 | None = None
    areas: Areas | None = Field(None, description="Where it is injected, each area once.")
    volume_per_session_ml: Millilitres | None = Field(None, description="In mL.")
    room_features: RoomFeatures | None = None


class PlanActivation(Answers):
    """Answers to the findings of the activation, if there are any."""


class PlanStop(Body):
    """Why a plan ends before its course does."""

    reason: Line = Field(examples=["The patient moved away."])


class PlanCompletion(Body):
    """What to say about the end of the course."""

    reason: Line | None = Field(None, examples=["All sessions given; review in 12 weeks."])


class PlanSummary(Answer):
    """A plan as a list shows it.

    Diagnosis, goals, expectations and reasons are null for callers without `clinical:read`.
    """

    id: UUID = Field(description="The plan.")
    version: int = Field(description="Row version, the ETag.")
    patient_id: UUID = Field(description="Who is treated.")
    protocol_id: UUID = Field(description="How the course is spaced.")
    protocol_name: str = Field(description="Its name.", examples=["PRP scalp"])
    protocol_version: int = Field(description="Number of the pinned version.")
    protocol_version_state: ProtocolState = Field(description="Must be approved to activate.")
    newer_protocol_version: int | None = Field(
        description="The newest approved version, where it is newer than the pinned one."
    )
    formula_id: UUID = Field(description="What is injected.")
    formula_name: str = Field(description="Its name.", examples=["Scalp classic"])
    formula_version: int = Field(description="Number of the pinned version.")
    formula_version_state: str = Field(description="`draft`, `approved` or `retired`.")
    newer_formula_version: int | None = Field(
        description="The newest approved version, where it is newer than the pinned one."
    )
    practitioner_id: UUID = Field(description="Who treats.")
    practitioner_name: str = Field(description="Display name.", examples=["Dr Inès Laurent"])
    diagnosis_icd10: str | None = Field(description="WHO ICD-10.", examples=["L64.9"])
    areas: tuple[str, ...] = Field(
        description="Where it is injected.", examples=[["SCALP_FRONTAL"]]
    )
    volume_per_session_ml: Millilitres = Field(description="In mL.")
    room_features: tuple[str, ...] = Field(
        description="What a room must have for its sessions; empty for any room, or none.",
        examples=[["LAMP"]],
    )
    technique: str | None = Field(description="How it is injected.", examples=["POINT_BY_POINT"])
    needle_gauge: int | None = Field(description="In gauge.", examples=[30])
    depth_mm: Millimetres | None = Field(description="In mm.")
    points: int | None = Field(description="Injection points per session.")
    goals: str | None = Field(description="What is aimed at.")
    expectations: str | None = Field(description="What the patient expects.")
    starts_on: date | None = Field(description="Planned first day, the clinic's local day.")
    state: PlanState = Field(description="Where it stands in its life.")
    possible: tuple[str, ...] = Field(
        description="Moves that the plan has from its state.", examples=[["activate", "change"]]
    )
    state_reason: str | None = Field(description="Why it was stopped or completed.")
    state_changed_at: Instant | None = Field(description="When it came into that state.")
    activation_decision_id: UUID | None = Field(description="See /v1/decisions/{id}.")
    activated_at: Instant | None = Field(description="When treatment was started.")
    activated_by: UUID | None = Field(description="Who started it.")
    completed_at: Instant | None = Field(description="When the course was over.")
    stopped_at: Instant | None = Field(description="When it was ended early.")
    recorded_by: UUID = Field(description="Who drafted it: staff member or API key.")
    created_at: Instant = Field(description="When it was drafted.")
    updated_at: Instant = Field(description="When it last changed.")


class PlanRead(PlanSummary):
    """A plan with the holds that are in force on it, oldest first."""

    holds: tuple[HoldRead, ...] = Field(description="In force now, oldest first.")


class PlanActivated(PlanRead):
    """An active plan with what the rules said."""

    findings: tuple[FindingRead, ...] = Field(description="What the rules found.")
    decision_id: UUID = Field(description="See /v1/decisions/{id}.")

    @classmethod
    def of(cls, plan: PlanRead, findings: Sequence[FindingRead], decision_id: UUID) -> Self:
        """The plan together with the decision that let it through."""
        return cls(**dict(plan), findings=tuple(findings), decision_id=decision_id)


class WindowRead(Answer):
    """When the plan's next session may take place; days are the clinic's, bounds inclusive."""

    session_number: int = Field(description="Number of the next session, from 1.", examples=[5])
    phase: str | None = Field(
        description="Phase that it falls in; null beyond the protocol's end.", examples=["B"]
    )
    earliest_on: date | None = Field(
        description="First day without a spacing finding; null where nothing limits it. Where no"
        " day is free of findings, the first day that only comes late."
    )
    target_on: date | None = Field(description="The protocol's day; null for the first session.")
    latest_on: date | None = Field(description="Last such day; null where nothing limits it.")
    findings: tuple[FindingRead, ...] = Field(
        description="What a booking on `target_on`, or on `as_of` where that is later, would get."
    )
