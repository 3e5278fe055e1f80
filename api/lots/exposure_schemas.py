"""Who was given a lot, on the wire."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.fields import Answer, Day, quantity
from api.lots.schemas import LotRead

_STOCK = quantity(3, "0", "1000000", "50")


class Link(StrEnum):
    """Why a side effect is shown beside an exposure, the strongest reason only."""

    SUSPECT_LOT = "suspect_lot"
    SESSION = "session"
    AFTER_EXPOSURE = "after_exposure"
    SAME_FORMULA = "same_formula"


class ExposedSession(Answer):
    """One performed session in which something of the lot was given."""

    session_id: UUID
    administration_id: UUID
    plan_id: UUID
    patient_id: UUID
    performed_on: Day
    volume_ml: Annotated[Decimal, *_STOCK] = Field(description="Drawn from this lot, in mL.")


class Contact(Answer):
    """How to reach the patient."""

    given_name: str
    family_name: str
    phone: str | None
    email: str | None
    language: str | None


class ExposedPatient(Answer):
    """One patient who was given something of the lot."""

    patient_id: UUID
    record_number: str
    first_on: Day = Field(description="Local day of the first exposure.")
    last_on: Day
    sessions: int = Field(description="Number of exposed sessions.")
    contact: Contact | None = Field(description="Null where the caller lacks `patients:read`.")


class OpenEffectRead(Answer):
    """A side effect of an exposed patient that is not resolved."""

    id: UUID
    patient_id: UUID
    session_id: UUID | None
    code: str
    grade: int
    state: str
    onset_on: Day | None
    link: Link = Field(
        description="`suspect_lot`: the report names this lot; `session`: reported for an exposed "
        "session; `after_exposure`: began on or after the patient's first exposure; "
        "`same_formula`: reported for a session with the same formula, from another lot."
    )


class FormulaExposure(Answer):
    """One patient who was given the same formula lately, from another lot."""

    patient_id: UUID = Field(description="Who was given it.")
    record_number: str = Field(description="Identifies the patient in the clinic only.")
    formula_id: UUID = Field(description="The formula.")
    formula_name: str = Field(description="Its name.", examples=["Scalp classic"])
    first_on: Day = Field(description="First local day within the look-back.")
    last_on: Day = Field(description="Last local day.")
    session_ids: list[UUID] = Field(description="The sessions, latest first.")
    contact: Contact | None = Field(description="Null where the caller lacks `patients:read`.")


class Exposures(Answer):
    """Everybody who was given something of one lot, and lately the same formula."""

    lot_id: UUID
    patients: list[ExposedPatient] = Field(description="Latest exposure first.")
    sessions: list[ExposedSession] = Field(description="Latest first.")
    open_side_effects: list[OpenEffectRead] | None = Field(
        description="Worst grade first; null where the caller lacks `side_effects:read`."
    )
    look_back_days: int = Field(description="How far back `same_formula` looks.", examples=[90])
    same_formula: list[FormulaExposure] = Field(
        description="Patients who were given a formula that the lot went into, but nothing of "
        "the lot; latest first."
    )


class LotRecall(Answer):
    """The recalled lot and everybody it reached."""

    lot: LotRead
    exposures: Exposures
