"""Who and what a session takes, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models import BookedResource, SlotReservation, TreatmentSession

_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Booking:
    """What one session, or one reservation, takes. Half-open: the end is free again.

    session_id: its own row, which is never in its own way. patient_id: None for a reservation
    that is for nobody yet. before, after: buffers, which take practitioner and room as well.
    overbooks: what it takes on purpose although somebody else has it.
    """

    session_id: UUID
    patient_id: UUID | None
    practitioner_id: UUID
    room_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    before: timedelta = _NOTHING
    after: timedelta = _NOTHING
    overbooks: BookedResource | None = None

    @property
    def occupied_from(self) -> datetime:
        """Since when practitioner and room are taken."""
        return self.starts_at - self.before

    @property
    def occupied_until(self) -> datetime:
        """From when practitioner and room are free again."""
        return self.ends_at + self.after

    @property
    def kept_from(self) -> datetime | None:
        """As a session's row keeps it: None where there is no buffer."""
        return self.occupied_from if self.before else None

    @property
    def kept_until(self) -> datetime | None:
        """As a session's row keeps it: None where there is no buffer."""
        return self.occupied_until if self.after else None

    @classmethod
    def of(cls, row: TreatmentSession | SlotReservation) -> "Booking":
        """What a row takes, with the buffers that it was booked with."""
        return cls(
            row.id, row.patient_id, row.practitioner_id, row.room_id, row.starts_at, row.ends_at,
            before=row.starts_at - (row.occupied_from or row.starts_at),
            after=(row.occupied_until or row.ends_at) - row.ends_at,
        )  # fmt: skip

    def taken(self, resource: BookedResource) -> tuple[datetime, datetime]:
        """Since when, and until when, it takes its practitioner, its room or its patient."""
        if resource is BookedResource.PATIENT:
            return self.starts_at, self.ends_at
        return self.occupied_from, self.occupied_until

    def shares(self, other: "Booking") -> list[BookedResource]:
        """What both take at the same time."""
        same = {
            BookedResource.PRACTITIONER: (self.practitioner_id, other.practitioner_id),
            BookedResource.ROOM: (self.room_id, other.room_id),
            BookedResource.PATIENT: (self.patient_id, other.patient_id),
        }
        return [
            resource
            for resource, (mine, theirs) in same.items()
            if mine is not None and mine == theirs and self._meets(other, resource)
        ]

    def _meets(self, other: "Booking", resource: BookedResource) -> bool:
        (start, end), (begins, ends) = self.taken(resource), other.taken(resource)
        return start < ends and begins < end
