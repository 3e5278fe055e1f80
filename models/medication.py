"""What a patient takes or took."""

from datetime import date

from models.clinical_record import ClinicalRecord, retractable
from models.keys import belongs_to, indexed, ordered


class Medication(ClinicalRecord, table=True):
    """A medicine, by interaction code and name; current while `stopped_on` is empty.

    `code` `NO_MEDICATION` records that the patient was asked and takes none.
    """

    __tablename__ = "medication"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        ordered("started_on", "stopped_on"),
        retractable(),
        indexed("patient_id"),
    )

    code: str
    name: str
    dosage: str | None = None
    started_on: date | None = None
    stopped_on: date | None = None
    notes: str | None = None
