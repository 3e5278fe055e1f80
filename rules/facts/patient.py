"""Who is treated, what they agreed to, and what else is done to them."""

from dataclasses import dataclass
from datetime import date


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
class Diagnosis:
    """One diagnosis; status `confirmed`, `suspected` or `excluded`."""

    icd10: str
    status: str


@dataclass(frozen=True, slots=True)
class OtherTherapy:
    """Another procedure or treatment in the area; code as in the wash-out table."""

    code: str
    last_on: date
    area: str | None = None
