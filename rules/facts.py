"""What the rules are told: frozen values, nothing that could be asked twice.

`None` means unknown or not asked; an empty tuple means known to be none. Quantities are exact
integers with the unit in the name: volumes in uL, concentrations in thousandths of the
ingredient's unit per mL, doses in millionths of that unit, weight in g, depth in um, areas in
hundredths of a cm², temperature in tenths of a degree, pH in hundredths. Days are the clinic's
local calendar; instants are UTC.
"""

from dataclasses import dataclass
from datetime import date, datetime

from rules.ingredient import Ingredient
from rules.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Patient:
    """Who is treated. Codes are those of `codes`.

    sex: `female`, `male`, `other` or `unknown`.
    allergies: class codes and ingredient codes; with none of them, `no_known_allergies` must be
    recorded, or the question counts as not asked.
    pregnancy: `pregnant`, `not_pregnant` or None; pregnancy_test: `negative` or `positive`.
    conditions: active ones. medications: current ones; () when asked and none is taken.
    """

    patient_id: str = ""
    born_on: date | None = None
    sex: str | None = None
    childbearing_potential: bool | None = None
    pregnancy: str | None = None
    pregnancy_asked_on: date | None = None
    pregnancy_test: str | None = None
    pregnancy_tested_on: date | None = None
    lactating: bool | None = None
    effective_contraception: bool | None = None
    allergies: tuple[str, ...] | None = None
    no_known_allergies: bool = False
    conditions: tuple[str, ...] | None = None
    medications: tuple[str, ...] | None = None
    weight_g: int | None = None
    weighed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """One signed treatment consent. valid_days: None takes the rule set's figure."""

    document_code: str
    signed_on: date
    withdrawn_on: date | None = None
    ingredient_codes: tuple[str, ...] = ()
    valid_days: int | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """One line of a formula: stock concentration and volume drawn.

    product: the sterile product it is drawn from; the same name counts once.
    percent_milli: declared % w/v in thousandths, for the tenfold check.
    excipient_classes: of the product; None where its maker's list was not entered.
    label_*: limits of the product's own label, which beat those of the ingredient.
    """

    ingredient_code: str
    concentration_milli: int | None
    volume_ul: int | None
    syringe: int = 1
    product: str | None = None
    percent_milli: int | None = None
    excipient_classes: tuple[str, ...] | None = None
    label_max_concentration_milli: int | None = None
    label_max_session_micro: int | None = None
    label_min_interval_days: int | None = None
    do_not_mix: bool | None = None
    oil: bool | None = None
    ethanol_ul: int | None = None
    vehicle_covers_dilution: bool | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """One version of a formula. total_volume_ul and ph_hundredths are the declared ones."""

    formula_id: str
    version: int
    components: tuple[Component, ...]
    total_volume_ul: int | None = None
    ph_hundredths: int | None = None
    areas: tuple[str, ...] = ()
    stability_stated: bool | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One diagnosis; status `confirmed`, `suspected` or `excluded`."""

    icd10: str
    status: str


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


@dataclass(frozen=True, slots=True)
class OtherDose:
    """Given at the same visit without an injection, such as a numbing cream.

    ingredient_code: None for a product that is in no list; `name` then says what it is, and
    `local_anaesthetic` whether it is one (None: nobody has said).
    dose_micro: all that was given, whatever the skin takes up; None where that is not known.
    route: `topical`, `oral` or `inhaled`.
    """

    ingredient_code: str | None
    dose_micro: int | None
    name: str | None = None
    route: str | None = None
    local_anaesthetic: bool | None = None


@dataclass(frozen=True, slots=True)
class OtherTherapy:
    """Another procedure or treatment in the area; code as in the wash-out table."""

    code: str
    last_on: date
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Screening:
    """What was asked and measured at check-in; None where it was not."""

    allergies_confirmed: bool | None = None
    site_infection: bool | None = None
    temperature_tenths: int | None = None
    systolic: int | None = None
    diastolic: int | None = None
    pulse: int | None = None


@dataclass(frozen=True, slots=True)
class Administration:
    """What was injected. prepared_ul: None takes the formula's total volume.

    administered_ul: of all areas together, where it is not known how they share it; None takes
    the sum of the areas.
    """

    areas: tuple[PlannedArea, ...]
    discarded_ul: int | None = None
    prepared_ul: int | None = None
    preparation_started_at: datetime | None = None
    performed_at: datetime | None = None
    administered_ul: int | None = None


@dataclass(frozen=True, slots=True)
class LotInUse:
    """A lot drawn from; state `available`, `quarantined`, `recalled`, `used_up`, `expired`.

    other_patients: how many other patients were served from the same container.
    opened_days_max: the label's own limit after opening, where shorter or longer.
    """

    lot_id: str
    ingredient_code: str
    expires_on: date | None
    state: str
    lot_number: str = ""
    container: str | None = None
    opened_on: date | None = None
    opened_days_max: int | None = None
    other_patients: int | None = None
    excipient_classes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class OpenEffect:
    """An unresolved side effect that is attributed to the plan, or not excluded from it.

    cleared: the medical director signed it off after review.
    last_session_on: the session that precedes its onset.
    """

    code: str
    grade: int | None
    side_effect_id: str = ""
    onset_on: date | None = None
    last_session_on: date | None = None
    patchy_or_scarring: bool | None = None
    cleared: bool = False


@dataclass(frozen=True, slots=True)
class PriorReaction:
    """An earlier allergic event with its suspect ingredient, of any plan."""

    ingredient_code: str
    grade: int | None
    causality: str | None
    negative_test: bool = False


@dataclass(frozen=True, slots=True)
class CaseReport:
    """The reporting clock of a side effect; day0_on: the four minimum criteria are known."""

    serious: bool | None = None
    fatal_or_life_threatening: bool | None = None
    day0_on: date | None = None
    submitted_on: date | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold in force that touches this plan; scope as in the escalation table."""

    scope: str
    reason_code: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Who wrote, who approves, who proposes; ids as text, roles as the clinic names them."""

    author_id: str | None = None
    approver_id: str | None = None
    approver_roles: tuple[str, ...] | None = None
    proposer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Emergency:
    """The emergency kit and the observation after the session."""

    kit_checked_on: date | None = None
    adrenaline_expires_on: date | None = None
    observed_minutes: int | None = None
    first_exposure: bool | None = None


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
