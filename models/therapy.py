"""Other treatments, past and present."""

from datetime import date

from models.clinical_record import ClinicalRecord, retractable
from models.keys import belongs_to, indexed, ordered


class Therapy(ClinicalRecord, table=True):
    """A treatment beside mesotherapy (minoxidil, PRP, transplant, laser, dye, …) and its dates.

    They decide wash-out intervals, and confound any judgement of shedding.
    """

    __tablename__ = "therapy"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        ordered("started_on", "ended_on"),
        retractable(),
        indexed("patient_id", "code"),
    )

    code: str
    area: str | None = None
    dosage: str | None = None
    started_on: date
    ended_on: date | None = None
    notes: str | None = None
