"""Who answered for a finding."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.base import ClinicRecord
from models.columns import coded
from models.keys import belongs_to, indexed, unique


class OverrideKind(StrEnum):
    OVERRIDE = "override"
    ACKNOWLEDGEMENT = "acknowledgement"


class Override(ClinicRecord, table=True):
    """An answer to one finding of a decision: an override, or the acknowledgement of a warning.

    An override has a coded reason, the role in which it was given and a comment of at least 20
    characters. `decided_by` is a staff member for an override; an API key can acknowledge.
    """

    __tablename__ = "override"
    __table_args__ = (
        belongs_to("decision_id", "decision"),
        CheckConstraint(
            "kind <> 'override' OR (reason IS NOT NULL AND role IS NOT NULL"
            " AND comment IS NOT NULL AND length(comment) >= 20)",
            name="answered_for",
        ),
        unique("decision_id", "code", "pointer"),
        indexed("code", "decided_at"),
        indexed("decided_by", "decided_at"),
        indexed("decided_at"),
    )

    decision_id: UUID
    kind: OverrideKind = coded(OverrideKind, "kind", default=OverrideKind.OVERRIDE)
    code: str
    pointer: str = ""
    reason: str | None = None
    comment: str | None = None
    role: str | None = None
    decided_by: UUID
    decided_at: datetime
