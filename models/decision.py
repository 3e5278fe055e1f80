"""What the rules said, kept for good."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.actor import ActorKind
from models.base import ClinicRecord
from models.columns import coded
from models.keys import belongs_to, indexed


class DecisionStage(StrEnum):
    FORMULA_APPROVAL = "formula_approval"
    PLAN_ACTIVATION = "plan_activation"
    SCHEDULING = "scheduling"
    CHECK_IN = "check_in"
    ADMINISTRATION = "administration"
    SIDE_EFFECT_REPORT = "side_effect_report"


class DecisionOutcome(StrEnum):
    ALLOWED = "allowed"
    NEEDS_ACKNOWLEDGEMENT = "needs_acknowledgement"
    NEEDS_OVERRIDE = "needs_override"
    REFUSED = "refused"


class Decision(ClinicRecord, table=True):
    """One evaluation: the facts, the rule set, and the findings that came of them.

    `facts` and `result` are canonical JSON, kept byte for byte, so that a replay can be
    compared. `subject_kind` and `subject_id` name what was decided about (the other row points
    here, so there is no foreign key back). `decided_by` is who asked.
    """

    __tablename__ = "decision"
    __table_args__ = (
        belongs_to("rule_set_id", "rule_set"),
        belongs_to("patient_id", "patient"),
        indexed("subject_id"),
        indexed("patient_id"),
        indexed("stage", "outcome"),
        indexed("decided_at", "stage"),
    )

    stage: DecisionStage = coded(DecisionStage, "stage")
    subject_kind: str
    subject_id: UUID | None = None
    patient_id: UUID | None = None
    rule_set_id: UUID
    facts: str
    result: str
    outcome: DecisionOutcome = coded(DecisionOutcome, "outcome")
    decided_at: datetime
    decided_by_kind: ActorKind = coded(ActorKind, "decided_by_kind")
    decided_by: UUID | None = None
    request_id: str | None = None
