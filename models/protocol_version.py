"""One state of a protocol; plans pin the one they use."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.base import ClinicRecord
from models.columns import coded, codes
from models.keys import belongs_to, together, unique, within


class ProtocolState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


class ProtocolVersion(ClinicRecord, table=True):
    """A version of a protocol, frozen with its phases once it is no longer a draft.

    To store an approved one: insert the draft, insert its phases, then approve. Maintenance
    days follow the last phase, without end; null where there is none. `reassess` says when, in
    words; `reassess_after_sessions` after which session numbers. `ingredient_exceptions` is a
    canonical JSON object, ingredient code to days, that lowers those ingredients' own minimum
    interval for this version only. `recorded_by` is the author, null for a reference protocol.
    """

    __tablename__ = "protocol_version"
    __table_args__ = (
        belongs_to("protocol_id", "treatment_protocol"),
        belongs_to("supersedes_id", "protocol_version"),
        belongs_to("approved_by", "staff_member"),
        belongs_to("retired_by", "staff_member"),
        unique("protocol_id", "number"),
        within("number", 1, 1_000_000),
        within("maintenance_target_days", 1, 3650),
        within("maintenance_min_days", 1, 3650),
        within("maintenance_max_days", 1, 3650),
        within("total_sessions", 1, 1000),
        together("approved_by", "approved_at", name="approval"),
    )

    protocol_id: UUID
    number: int
    state: ProtocolState = coded(ProtocolState, "state", default=ProtocolState.DRAFT)
    total_sessions: int | None = None
    maintenance_target_days: int | None = None
    maintenance_min_days: int | None = None
    maintenance_max_days: int | None = None
    reassess: tuple[str, ...] = codes()
    reassess_after_sessions: tuple[str, ...] = codes()
    ingredient_exceptions: str = "{}"
    source: str | None = None
    evidence: str | None = None
    notes: str | None = None
    recorded_by: UUID | None = None
    supersedes_id: UUID | None = None
    approved_by: UUID | None = None
    approved_at: datetime | None = None
    retired_by: UUID | None = None
    retired_at: datetime | None = None
    retired_reason: str | None = None
