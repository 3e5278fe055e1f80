"""Where it was injected."""

from enum import StrEnum
from uuid import UUID

from models.base import ClinicRecord
from models.columns import coded, quantity
from models.keys import belongs_to, indexed, unique, within


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    MIDLINE = "midline"
    BOTH = "both"


class AdministeredArea(ClinicRecord, table=True):
    """One area of one administration: volume in µL, depth in µm, area in hundredths of a cm²."""

    __tablename__ = "administered_area"
    __table_args__ = (
        belongs_to("administration_id", "administration"),
        belongs_to("patient_id", "patient"),
        unique("administration_id", "position"),
        indexed("patient_id", "area"),
        within("position", 0, 199),
        within("volume_ul", 0, 1_000_000),
        within("points", 1, 100_000),
        within("depth_um", 1, 100_000),
        within("needle_gauge", 10, 40),
        within("area_cm2_hundredths", 1, 10_000_000),
        within("syringe", 1, 99),
    )

    administration_id: UUID
    patient_id: UUID
    position: int
    area: str
    side: Side | None = coded(Side, "side", default=None)
    volume_ul: int = quantity()
    points: int | None = None
    depth_um: int | None = None
    technique: str | None = None
    needle_gauge: int | None = None
    area_cm2_hundredths: int | None = None
    syringe: int = 1
