"""What a clinician judged a side effect to be."""

from datetime import datetime
from uuid import UUID

from models.base import ClinicRecord
from models.columns import codes
from models.keys import belongs_to, indexed, within


class SideEffectReview(ClinicRecord, table=True):
    """A causality judgement: a WHO-UMC category and, where answered, the Naranjo score.

    `naranjo_answers` are ten of yes, no or unknown, in the order of the questions, or empty.
    """

    __tablename__ = "side_effect_review"
    __table_args__ = (
        belongs_to("side_effect_id", "side_effect"),
        belongs_to("patient_id", "patient"),
        belongs_to("reviewed_by", "staff_member"),
        within("naranjo_score", -4, 13),
        indexed("side_effect_id", "reviewed_at"),
    )

    side_effect_id: UUID
    patient_id: UUID
    causality: str
    naranjo_answers: tuple[str, ...] = codes()
    naranjo_score: int | None = None
    comment: str
    reviewed_by: UUID
    reviewed_at: datetime
