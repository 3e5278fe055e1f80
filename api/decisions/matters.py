"""What the rules are asked about: one frozen value per stage, built by the feature that asks.

The rows are already added and flushed, or carry planned values; nothing here is a query. The
caller has locked the patient first, so that what is loaded for the decision stays true until the
transaction ends.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from models import (
    AdministeredArea,
    AdministeredLot,
    AlsoGiven,
    Formula,
    FormulaVersion,
    Screening,
    SideEffect,
    TreatmentPlan,
    TreatmentSession,
)


@dataclass(frozen=True, slots=True)
class FormulaApproval:
    """May this version of a formula be used? The caller is who approves."""

    formula: Formula
    version: FormulaVersion


@dataclass(frozen=True, slots=True)
class PlanActivation:
    """May this patient be treated by this plan?"""

    plan: TreatmentPlan


@dataclass(frozen=True, slots=True)
class Scheduling:
    """May the plan's session take place then?

    session_id: the session under review, new or moved; it is left out of "the other sessions".
    practitioner_id: who would perform it, where that is not the plan's own practitioner.
    ahead: one of a course that is booked whole; see `api.decisions.later`.
    """

    plan: TreatmentPlan
    session_id: UUID
    session_number: int
    starts_at: datetime
    ends_at: datetime
    practitioner_id: UUID | None = None
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class CheckIn:
    """May the session go on, after what was asked and measured at the door?"""

    plan: TreatmentPlan
    session: TreatmentSession
    screening: Screening
    also_given: tuple[AlsoGiven, ...] = ()


@dataclass(frozen=True, slots=True)
class Administering:
    """Is what was injected within the rules? Doses are computed here, from areas and formula.

    screening: None where the session was never checked in.
    retrospective: the injection happened earlier and is only recorded now; what would be
    refused then needs the medical director's override.
    also_given: all that the patient got at the visit without an injection, noted then or earlier.
    administered_by: who injected; they cannot be the second person who overrides.
    """

    plan: TreatmentPlan
    session: TreatmentSession
    screening: Screening | None
    areas: list[AdministeredArea]
    lots: list[AdministeredLot]
    performed_at: datetime
    preparation_started_at: datetime | None
    discarded_ul: int
    observation_minutes: int | None = None
    emergency_kit_checked_on: date | None = None
    retrospective: bool = False
    administered_by: UUID | None = None
    also_given: tuple[AlsoGiven, ...] = ()


@dataclass(frozen=True, slots=True)
class EffectReport:
    """What does this side effect mean for the treatment? A report itself is never refused."""

    side_effect: SideEffect
    session: TreatmentSession | None


Matter = FormulaApproval | PlanActivation | Scheduling | CheckIn | Administering | EffectReport
