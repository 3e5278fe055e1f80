"""What was added to a record after it was written."""

from uuid import UUID

from models.clinical_record import RecordedRow
from models.keys import belongs_to, indexed


class Addendum(RecordedRow, table=True):
    """A note to a performed administration. It adds; it changes and removes nothing."""

    __tablename__ = "addendum"
    __table_args__ = (
        belongs_to("administration_id", "administration"),
        belongs_to("patient_id", "patient"),
        indexed("administration_id"),
    )

    administration_id: UUID
    patient_id: UUID
    text: str
    reason: str | None = None
