"""The figures in force."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from models.base import ClinicRecord
from models.columns import coded
from models.keys import belongs_to, indexed, unique, within


class RuleSetState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class RuleSet(ClinicRecord, table=True):
    """One dated version of a clinic's rule figures; past sessions keep the one of their day.

    `document` is the canonical JSON of the whole rule set and `content_hash` its SHA-256 in
    hexadecimal. In force from `valid_from` until the next published one starts. Once published,
    only its supersession can still be written.
    """

    __tablename__ = "rule_set"
    __table_args__ = (
        belongs_to("based_on_id", "rule_set"),
        belongs_to("published_by", "staff_member"),
        unique("number"),
        within("number", 1, 1_000_000),
        indexed("state", "valid_from"),
    )

    number: int
    label: str
    state: RuleSetState = coded(RuleSetState, "state", default=RuleSetState.DRAFT)
    valid_from: date
    document: str
    content_hash: str
    based_on_id: UUID | None = None
    reason: str | None = None
    recorded_by: UUID | None = None
    published_by: UUID | None = None
    published_at: datetime | None = None
    superseded_at: datetime | None = None
