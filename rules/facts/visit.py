"""What was asked, given and drawn from at one visit."""

from dataclasses import dataclass
from datetime import date, datetime

from rules.facts.course import PlannedArea


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
class Emergency:
    """The emergency kit and the observation after the session."""

    kit_checked_on: date | None = None
    adrenaline_expires_on: date | None = None
    observed_minutes: int | None = None
    first_exposure: bool | None = None
