"""Who and what a session takes, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models import SlotReservation, TreatmentSession

_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Booking:
    """What one session, or one reservation, takes. Half-open: the end is free again.

    session_id: its own row, which is never in its own way. patient_id: None for a reservation
    that is for nobody yet. before, after: buffers, which take practitioner and room as well.
    """

    session_id: UUID
    patient_id: UUID | None
    practitioner_id: UUID
    room_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    before: timedelta = _NOTHING
    after: timedelta = _NOTHING

    @property
    def occupied_from(self) -> datetime:
        """Since when practitioner and room are taken."""
        return self.starts_at - self.before

    @property
    def occupied_until(self) -> datetime:
        """From when practitioner and room are free again."""
        return self.ends_at + self.after

    @classmethod
    def of(cls, row: TreatmentSession | SlotReservation) -> "Booking":
        return cls(
            row.id, row.patient_id, row.practitioner_id, row.room_id, row.starts_at, row.ends_at
        )
