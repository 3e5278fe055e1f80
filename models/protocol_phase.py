"""A stretch of sessions with the same spacing."""

from uuid import UUID

from sqlalchemy import CheckConstraint

from models.base import ClinicRecord
from models.keys import belongs_to, unique, within


class ProtocolPhase(ClinicRecord, table=True):
    """So many sessions, each this many days after the one before it.

    The interval precedes each session of the phase; the first session of a plan has none. The
    three day counts are null together where the source does not state the spacing.
    """

    __tablename__ = "protocol_phase"
    __table_args__ = (
        belongs_to("protocol_version_id", "protocol_version"),
        unique("protocol_version_id", "position"),
        within("position", 0, 99),
        within("sessions", 1, 1000),
        within("min_days", 1, 3650),
        within("max_days", 1, 3650),
        CheckConstraint("target_days BETWEEN min_days AND max_days", name="target_days_range"),
    )

    protocol_version_id: UUID
    position: int
    name: str
    sessions: int
    target_days: int | None = None
    min_days: int | None = None
    max_days: int | None = None
