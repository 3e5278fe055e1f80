"""The case report as it is read."""

from uuid import UUID

from pydantic import Field

from api.fields import Answer, Day, Instant
from api.side_effects.answers import SideEffectDetail


class Criterion(Answer):
    """One of the four things without which there is no case."""

    met: bool
    missing: str | None = Field(description="What is missing; null where it is met.")


class MinimumCriteria(Answer):
    patient: Criterion
    reporter: Criterion
    suspect_product: Criterion
    event: Criterion


class SuspectProduct(Answer):
    """What was given in the suspected session, or is named as a suspect."""

    ingredient_code: str
    dose: str | None = Field(description="In `unit`; null where it is only named.")
    unit: str | None
    named: bool = Field(description="Named as a suspect by the reporter.")


class SuspectLot(Answer):
    lot_id: UUID
    ingredient_code: str
    product_name: str
    manufacturer: str
    lot_number: str
    expires_on: Day
    named: bool = Field(description="Named as a suspect by the reporter.")


class CaseReport(Answer):
    """A case report: what an authority or a manufacturer needs, and what is missing of it."""

    valid: bool = Field(description="All four minimum criteria are met.")
    missing: list[str] = Field(description="Names of the criteria that are not met.")
    minimum_criteria: MinimumCriteria
    clinic_name: str
    prepared_at: Instant
    patient_record_number: str
    patient_age_years: int | None = Field(description="At the onset.")
    patient_sex: str
    performed_on: Day | None = Field(description="Local day of the suspected session.")
    areas_treated: list[str]
    suspect_products: list[SuspectProduct]
    suspect_lots: list[SuspectLot]
    ctcae_terms: tuple[str, ...]
    meddra: tuple[str, ...]
    side_effect: SideEffectDetail
