"""What else could explain the hair."""

from datetime import date

from models.clinical_record import ClinicalRecord, retractable
from models.keys import belongs_to, indexed, ordered


class LifestyleFactor(ClinicalRecord, table=True):
    """A dated factor: diet, heat styling, chemical treatment, sun, stress, illness, …"""

    __tablename__ = "lifestyle_factor"
    __table_args__ = (
        belongs_to("patient_id", "patient"),
        ordered("started_on", "ended_on"),
        retractable(),
        indexed("patient_id", "code"),
    )

    code: str
    detail: str | None = None
    started_on: date
    ended_on: date | None = None
