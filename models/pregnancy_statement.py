"""What a patient said about pregnancy outside a visit, and what a test showed."""

from datetime import date

from models.clinical_record import ClinicalRecord, retractable
from models.columns import coded
from models.keys import belongs_to, indexed, together
from models.screening import PregnancyStatus, PregnancyTestResult


class PregnancyStatement(ClinicalRecord, table=True):
    """One answer on one day, in the words and columns of the screening at check-in.

    Null means that it was not asked. The newest standing answer counts, from here or from a
    screening; a plan can be activated on it before there is a first visit.
    """

    __tablename__ = "pregnancy_statement"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        together("pregnancy_test_on", "pregnancy_test_result", name="pregnancy_test"),
        retractable(),
        indexed("patient_id", "stated_on"),
    )

    stated_on: date
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
    notes: str | None = None
