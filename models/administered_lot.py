"""Which lots it came from."""

from datetime import date
from uuid import UUID

from models.base import ClinicRecord
from models.columns import quantity
from models.keys import belongs_to, indexed, unique, within


class AdministeredLot(ClinicRecord, table=True):
    """So many µL drawn from one lot for one administration: the thread that a recall follows."""

    __tablename__ = "administered_lot"
    __table_args__ = (
        belongs_to("administration_id", "administration"),
        belongs_to("patient_id", "patient"),
        belongs_to("lot_id", "lot"),
        unique("administration_id", "lot_id"),
        indexed("lot_id", "performed_on"),
        within("volume_ul", 0, 1_000_000),
    )

    administration_id: UUID
    patient_id: UUID
    lot_id: UUID
    ingredient_code: str
    volume_ul: int = quantity()
    performed_on: date
