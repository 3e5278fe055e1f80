"""What is asked and looked at before every session."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from models.clinical_record import ClinicalRecord, retractable
from models.columns import coded, codes, quantity
from models.keys import belongs_to, indexed, indexed_where, within


class PregnancyStatus(StrEnum):
    NOT_PREGNANT = "not_pregnant"
    PREGNANT = "pregnant"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class PregnancyTestResult(StrEnum):
    NEGATIVE = "negative"
    POSITIVE = "positive"


class Screening(ClinicalRecord, table=True):
    """The checks at check-in. Null means that it was not asked or measured, never that it is fine.

    Blood pressure in mmHg, pulse in beats per minute, temperature in hundredths of a degree
    Celsius, weight in g. `pull_test_hairs` is of 50 to 60 hairs. `shedding_scale` must be that
    of the baseline for the scores to compare.
    """

    __tablename__ = "screening"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        belongs_to("session_id", "treatment_session", "patient_id"),
        belongs_to("consent_id", "consent"),
        belongs_to("decision_id", "decision"),
        within("systolic_mmhg", 0, 400),
        within("diastolic_mmhg", 0, 300),
        within("pulse_bpm", 0, 400),
        within("temperature_centi", 2000, 5000),
        within("weight_g", 500, 1_000_000),
        within("pull_test_hairs", 0, 100),
        within("shedding_score", 0, 100),
        within("pain_score", 0, 10),
        retractable(),
        indexed_where("entered_in_error_at IS NULL", "session_id", unique=True),
        indexed("session_id", "screened_at"),
        indexed("patient_id"),
    )

    session_id: UUID
    screened_at: datetime
    screened_on: date
    identity_confirmed: bool | None = None
    area_marked: bool | None = None
    consent_id: UUID | None = None
    allergies_confirmed: bool | None = None
    childbearing_potential: bool | None = None
    pregnancy_status: PregnancyStatus | None = coded(
        PregnancyStatus, "pregnancy_status", default=None
    )
    pregnancy_test_on: date | None = None
    pregnancy_test_result: PregnancyTestResult | None = coded(
        PregnancyTestResult, "pregnancy_test_result", default=None
    )
    contraception: str | None = None
    contraception_effective: bool | None = None
    lactating: bool | None = None
    changes_asked: bool | None = None
    changes_reported: str | None = None
    events_asked: bool | None = None
    events_reported: str | None = None
    shedding_score: int | None = None
    shedding_scale: str | None = None
    pull_test_hairs: int | None = None
    pull_test_site: str | None = None
    weight_g: int | None = quantity(default=None)
    systolic_mmhg: int | None = None
    diastolic_mmhg: int | None = None
    pulse_bpm: int | None = None
    temperature_centi: int | None = None
    pain_score: int | None = None
    site_clear: bool | None = None
    site_findings: tuple[str, ...] = codes()
    photo_taken: bool | None = None
    decision_id: UUID | None = None
    notes: str | None = None
