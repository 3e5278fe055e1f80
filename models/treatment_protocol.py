"""A way of spacing a course of sessions."""

from datetime import datetime
from uuid import UUID

from models.base import ClinicRecord
from models.keys import indexed, unique


class TreatmentProtocol(ClinicRecord, table=True):
    """A named protocol; its phases are in its versions.

    `code` is that of the clinical reference where it comes from there (`reference`). Its
    `version` (the ETag) also covers its protocol versions.
    """

    __tablename__ = "treatment_protocol"
    __table_args__ = (
        unique("code"),
        indexed("name"),
    )

    code: str | None = None
    name: str
    description: str | None = None
    reference: bool = False
    recorded_by: UUID | None = None
    retired_at: datetime | None = None
