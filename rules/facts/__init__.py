"""What the rules are told: frozen values, nothing that could be asked twice.

`None` means unknown or not asked; an empty tuple means known to be none. Quantities are exact
integers with the unit in the name: volumes in uL, concentrations in thousandths of the
ingredient's unit per mL, doses in millionths of that unit, weight in g, depth in um, areas in
hundredths of a cm², temperature in tenths of a degree, pH in hundredths. Days are the clinic's
local calendar; instants are UTC.
"""

from dataclasses import dataclass
from datetime import date, datetime

from rules.facts.course import CourseCount, GivenDose, Plan, PlannedArea, PlanSession
from rules.facts.formula import Component, Formula
from rules.facts.patient import Consent, Diagnosis, OtherTherapy, Patient
from rules.facts.safety import CaseReport, Hold, OpenEffect, People, PriorReaction
from rules.facts.visit import Administration, Emergency, LotInUse, OtherDose, Screening
from rules.ingredient import Ingredient

__all__ = [
    "Administration",
    "CaseReport",
    "Component",
    "Consent",
    "CourseCount",
    "Diagnosis",
    "Emergency",
    "Facts",
    "Formula",
    "GivenDose",
    "Hold",
    "LotInUse",
    "OpenEffect",
    "OtherDose",
    "OtherTherapy",
    "Patient",
    "People",
    "Plan",
    "PlanSession",
    "PlannedArea",
    "PriorReaction",
    "Screening",
]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything one decision may look at.

    on: the clinic's local day that is judged (today, the day booked, the day performed).
    at: its instant, UTC, where the time of day is known.
    patient: None where the formula is not tied to a patient.
    sessions, given: all others within the rule set's `look_back_days`; never the session
    under review itself.
    own_ingredients: the clinic's own, in the shape of the reference ones.
    retrospective: the injection has happened; a block becomes an override.
    """

    on: date
    at: datetime | None = None
    patient: Patient | None = None
    consents: tuple[Consent, ...] | None = None
    formula: Formula | None = None
    plan: Plan | None = None
    sessions: tuple[PlanSession, ...] | None = None
    given: tuple[GivenDose, ...] | None = None
    course_counts: tuple[CourseCount, ...] | None = None
    also_given: tuple[OtherDose, ...] = ()
    other_therapies: tuple[OtherTherapy, ...] | None = None
    screening: Screening | None = None
    administration: Administration | None = None
    lots: tuple[LotInUse, ...] | None = None
    effects: tuple[OpenEffect, ...] | None = None
    prior_reactions: tuple[PriorReaction, ...] | None = None
    report: CaseReport | None = None
    holds: tuple[Hold, ...] = ()
    people: People | None = None
    emergency: Emergency | None = None
    own_ingredients: tuple[Ingredient, ...] = ()
    retrospective: bool = False
