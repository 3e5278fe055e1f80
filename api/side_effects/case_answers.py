"""The case report as it is read."""

from uuid import UUID

from pydantic import Field

from api.fields import Answer, Day, Instant
from api.side_effects.answers import SideEffectDetail


class Criterion(Answer):
    """One of the four things without which there is no case."""

    met: bool = Field(description="The criterion is met.")
    missing: str | None = Field(description="What is missing; null where it is met.")


class MinimumCriteria(Answer):
    patient: Criterion = Field(description="An identifiable patient.")
    reporter: Criterion = Field(description="An identifiable reporter.")
    suspect_product: Criterion = Field(description="A suspect product.")
    event: Criterion = Field(description="An adverse event.")


class SuspectProduct(Answer):
    """What was given in the suspected session, or is named as a suspect."""

    ingredient_code: str = Field(description="Code of the ingredient.")
    dose: str | None = Field(description="In `unit`; null where it is only named.")
    unit: str | None = Field(description="Unit of `dose`.")
    named: bool = Field(description="Named as a suspect by the reporter.")


class SuspectLot(Answer):
    lot_id: UUID = Field(description="The lot.")
    ingredient_code: str = Field(description="Code of the ingredient.")
    product_name: str = Field(description="As on the label.")
    manufacturer: str = Field(description="As on the label.")
    lot_number: str = Field(description="As on the label.")
    expires_on: Day = Field(description="Last local day of use.")
    named: bool = Field(description="Named as a suspect by the reporter.")


class CaseReport(Answer):
    """A case report: what an authority or a manufacturer needs, and what is missing of it."""

    valid: bool = Field(description="All four minimum criteria are met.")
    missing: list[str] = Field(description="Names of the criteria that are not met.")
    minimum_criteria: MinimumCriteria = Field(
        description="Patient, reporter, suspect product, event."
    )
    clinic_name: str = Field(description="Where it happened.")
    prepared_at: Instant = Field(description="When this document was made.")
    patient_record_number: str = Field(description="Identifies the patient in the clinic only.")
    patient_age_years: int | None = Field(description="At the onset.")
    patient_sex: str = Field(description="female, male, other or unknown.")
    performed_on: Day | None = Field(description="Local day of the suspected session.")
    areas_treated: list[str] = Field(description="Area codes of the suspected session.")
    suspect_products: list[SuspectProduct] = Field(
        description="Given in the suspected session, or named; each component by itself."
    )
    suspect_lots: list[SuspectLot] = Field(
        description="Drawn from in the suspected session, or named."
    )
    ctcae_terms: tuple[str, ...] = Field(description="CTCAE terms that grade it.")
    meddra: tuple[str, ...] = Field(description="Optional mapping; needs a licence in places.")
    side_effect: SideEffectDetail = Field(description="The side effect with all that followed.")
