"""To whom time that became free was offered, in which order and why."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.base import ClinicRecord
from models.columns import coded
from models.keys import belongs_to, indexed, indexed_where, ordered, unique, within


class OfferAnswer(StrEnum):
    NONE = "none"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class WaitlistOffer(ClinicRecord, table=True):
    """One entry's place in the order of one freed slot. It stands from `opens_at` until just
    before `expires_at`; then the next one's begins. `session_id` is what was booked; `told_at`
    is when the feed was told that it is open."""

    __tablename__ = "waitlist_offer"
    __table_args__ = (
        belongs_to("slot_id", "freed_slot"),
        belongs_to("entry_id", "waitlist_entry", "patient_id"),
        belongs_to("session_id", "treatment_session"),
        unique("slot_id", "place"),
        unique("slot_id", "entry_id"),
        within("place", 1, 1000),
        ordered("opens_at", "expires_at"),
        indexed("expires_at", "id"),
        indexed("entry_id"),
        indexed_where("answer = 'none' AND told_at IS NULL", "opens_at"),
    )

    slot_id: UUID
    entry_id: UUID
    patient_id: UUID
    place: int
    reason: str
    opens_at: datetime
    expires_at: datetime
    answer: OfferAnswer = coded(OfferAnswer, "answer", default=OfferAnswer.NONE)
    answered_at: datetime | None = None
    session_id: UUID | None = None
    told_at: datetime | None = None
