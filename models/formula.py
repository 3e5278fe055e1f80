"""A mixture, as its author thinks of it."""

from datetime import datetime
from uuid import UUID

from models.clinical_record import RecordedRow
from models.columns import codes
from models.keys import belongs_to, indexed


class Formula(RecordedRow, table=True):
    """A named mixture for an indication and areas; what is in it is in its versions.

    Its `version` (the ETag) also covers its formula versions. `derived_from_id` is the formula
    that it was copied from.
    """

    __tablename__ = "formula"
    __table_args__ = (
        belongs_to("derived_from_id", "formula"),
        indexed("name"),
    )

    name: str
    indication: str | None = None
    areas: tuple[str, ...] = codes()
    description: str | None = None
    derived_from_id: UUID | None = None
    retired_at: datetime | None = None
