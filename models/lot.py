"""What stands in the cupboard."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from models.clinical_record import RecordedRow
from models.columns import coded, codes, quantity
from models.keys import belongs_to, indexed, within


class LotState(StrEnum):
    AVAILABLE = "available"
    QUARANTINED = "quarantined"
    RECALLED = "recalled"
    USED_UP = "used_up"
    EXPIRED = "expired"


class Container(StrEnum):
    SINGLE_DOSE = "single_dose"
    MULTI_DOSE = "multi_dose"


class Lot(RecordedRow, table=True):
    """A manufacturer's lot of one product, as received.

    Usable through `expires_on` (a month-only expiry is stored as the month's last day) and, for
    an opened multi-dose container, for `in_use_days` days (null: the rule set's default).
    """

    __tablename__ = "lot"
    __table_args__ = (
        belongs_to("ingredient_id", "ingredient"),
        within("received_volume_ul", 1, 1_000_000_000),
        within("remaining_volume_ul", 0, 1_000_000_000),
        within("in_use_days", 0, 3650),
        indexed("ingredient_id", "state", "expires_on"),
        indexed("lot_number"),
    )

    ingredient_id: UUID
    ingredient_code: str
    product_name: str
    manufacturer: str
    lot_number: str
    expires_on: date
    container: Container = coded(Container, "container")
    received_volume_ul: int = quantity()
    remaining_volume_ul: int = quantity()
    received_on: date | None = None
    excipient_classes: tuple[str, ...] = codes()
    in_use_days: int | None = None
    opened_on: date | None = None
    state: LotState = coded(LotState, "state", default=LotState.AVAILABLE)
    state_reason: str | None = None
    state_changed_at: datetime | None = None
