"""How a side effect went on."""

from datetime import datetime
from uuid import UUID

from models.clinical_record import ClinicalRecord, retractable
from models.keys import belongs_to, indexed, within


class SideEffectFollowUp(ClinicalRecord, table=True):
    """What was seen, done or reported later. The first report stays as it was."""

    __tablename__ = "side_effect_follow_up"
    __table_args__ = (
        belongs_to("side_effect_id", "side_effect"),
        belongs_to("patient_id", "patient"),
        within("grade", 1, 5),
        within("shedding_score", 0, 100),
        retractable(),
        indexed("side_effect_id", "noted_at"),
    )

    side_effect_id: UUID
    noted_at: datetime
    grade: int | None = None
    outcome: str | None = None
    action_taken: str | None = None
    treatment: str | None = None
    ended_at: datetime | None = None
    shedding_score: int | None = None
    shedding_scale: str | None = None
    significant: bool = False
    text: str
