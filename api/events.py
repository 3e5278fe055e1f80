"""The feed: one event per change, written in the change's transaction, in an order without gaps.

Events say what happened to which resource and carry no clinical content; who reads them fetches
the resource with their own rights. They get their number under the clinic's head row, at the very
end of the transaction (`api/audit.py`), so a reader never sees a gap fill in later.
"""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was done, before it has its numbers in the audit log and in the feed."""

    action: str  # noun and past participle: "session.booked"
    resource_type: str
    resource_id: UUID
    resource_version: int
    patient_id: UUID | None
    changed_fields: tuple[str, ...]
    reason: str | None
