"""What became of the duty to report a case."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.clinical_record import ClinicalRecord, retractable
from models.columns import coded
from models.keys import belongs_to, indexed


class ReportDecision(StrEnum):
    SUBMITTED = "submitted"
    NOT_REQUIRED = "not_required"


class RecipientKind(StrEnum):
    AUTHORITY = "authority"
    MANUFACTURER = "manufacturer"
    SPONSOR = "sponsor"
    ETHICS_COMMITTEE = "ethics_committee"
    PUBLIC_HEALTH = "public_health"
    INSURER = "insurer"
    OTHER = "other"


class ReportSubmission(ClinicalRecord, table=True):
    """A case report that was sent to a recipient, or why none is required.

    `due_on` is the due day that it was measured against, null where no clock ran;
    `late_because` is given where it was sent after that day. `jurisdiction` is an ISO 3166
    country code, in capitals.
    """

    __tablename__ = "report_submission"
    __table_args__ = (
        belongs_to("side_effect_id", "side_effect"),
        belongs_to("patient_id", "patient"),
        retractable(),
        CheckConstraint(
            "decision <> 'submitted' OR (recipient IS NOT NULL AND recipient_kind IS NOT NULL)",
            name="recipient_named",
        ),
        CheckConstraint("decision <> 'not_required' OR comment IS NOT NULL", name="why_not"),
        indexed("side_effect_id"),
        indexed("submitted_on"),
    )

    side_effect_id: UUID
    decision: ReportDecision = coded(ReportDecision, "decision")
    recipient_kind: RecipientKind | None = coded(RecipientKind, "recipient_kind", default=None)
    recipient: str | None = None
    jurisdiction: str | None = None
    submitted_on: date
    due_on: date | None = None
    reference: str | None = None
    method: str | None = None
    late_because: str | None = None
    comment: str | None = None
    decision_id: UUID | None = None
