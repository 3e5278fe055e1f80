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
    name: str = Field(description="Its name in the formulary.", examples=["Biotin"])
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


class ClockBasis(Answer):
    """What a reporting clock of the case rests on."""

    code: str = Field(description="Which clock.", examples=["serious"])
    name: str = Field(description="In words.", examples=["Serious"])
    days: int = Field(description="Calendar days after day 0.", examples=[15])
    source: str = Field(description="Where the days come from.", examples=["ICH E2D [ICH]"])
    evidence: str = Field(description="Evidence mark.", examples=["regulator"])


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
    reporter: str = Field(
        description="The patient, or the name of the staff member or key that entered it.",
        examples=["Nadia Benali"],
    )
    performed_on: Day | None = Field(description="Local day of the suspected session.")
    areas_treated: list[str] = Field(description="Area codes of the suspected session.")
    area_names: dict[str, str] = Field(
        description="Names of all areas of the case, by code.",
        examples=[{"SCALP_FRONTAL": "Frontal scalp"}],
    )
    suspect_products: list[SuspectProduct] = Field(
        description="Given in the suspected session, or named; each component by itself."
    )
    suspect_lots: list[SuspectLot] = Field(
        description="Drawn from in the suspected session, or named."
    )
    ctcae_terms: tuple[str, ...] = Field(description="CTCAE terms that grade it.")
    meddra: tuple[str, ...] = Field(description="Optional mapping; needs a licence in places.")
    snomed: tuple[str, ...] = Field(description="Optional mapping; needs a licence in places.")
    known_frequency: str | None = Field(
        description="What the catalogue says of its frequency; null for a term it lacks."
    )
    catalogue_source: str | None = Field(description="What the catalogue's entry rests on.")
    catalogue_evidence: str | None = Field(description="Its evidence mark.", examples=["unsure"])
    clock_basis: list[ClockBasis] = Field(description="Of each clock of the case, by code.")
    side_effect: SideEffectDetail = Field(description="The side effect with all that followed.")
