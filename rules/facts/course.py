"""The plan, its sessions, and the doses given in them."""

from dataclasses import dataclass
from datetime import date, datetime

from rules.facts.patient import Diagnosis
from rules.protocol import Protocol


@dataclass(frozen=True, slots=True)
class PlannedArea:
    """How one area is, or is planned to be, treated; None where not stated."""

    area: str
    volume_ul: int | None = None
    side: str | None = None
    points: int | None = None
    depth_um: int | None = None
    technique: str | None = None
    area_cm2_hundredths: int | None = None
    needle_gauge: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The treatment plan. session_number: of the session under review, counted from 1.

    diagnosis_icd10: what the plan treats; it must be one of the confirmed diagnoses.
    volume_per_session_ul, points: of all areas together, however they are split.
    """

    plan_id: str
    session_number: int | None = None
    diagnoses: tuple[Diagnosis, ...] | None = None
    diagnosis_icd10: str | None = None
    areas: tuple[PlannedArea, ...] = ()
    volume_per_session_ul: int | None = None
    protocol: Protocol | None = None
    last_assessed_on: date | None = None
    started_on: date | None = None
    points: int | None = None


@dataclass(frozen=True, slots=True)
class PlanSession:
    """Another session of the plan (never the one under review), cancelled ones left out.

    performed: at least one point was injected.
    """

    number: int
    on: date
    performed: bool


@dataclass(frozen=True, slots=True)
class GivenDose:
    """A dose of one ingredient in another session of this patient, of any plan.

    planned: the session is booked but not performed; such doses count when scheduling.
    """

    ingredient_code: str
    on: date
    dose_micro: int
    at: datetime | None = None
    planned: bool = False


@dataclass(frozen=True, slots=True)
class CourseCount:
    """How many sessions with that ingredient were performed before, in the treated area."""

    ingredient_code: str
    performed: int
