"""Time that is kept free for a moment, while somebody completes a booking."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from models.clinical_record import RecordedRow
from models.keys import belongs_to, indexed


class SlotReservation(RecordedRow, table=True):
    """A practitioner, perhaps a room and a patient, from `starts_at` until just before `ends_at`.

    Blocks like a booking (see `models.guards_reservations`) until `expires_at`; from then on it
    means nothing, and whoever needs its time removes it. A booking that names it consumes it.
    `occupied_from` and `occupied_until` add the buffers, which take practitioner and room but not
    the patient.
    """

    __tablename__ = "slot_reservation"
    __table_args__ = (
        belongs_to("practitioner_id", "staff_member"),
        belongs_to("room_id", "room"),
        belongs_to("patient_id", "patient"),
        belongs_to("plan_id", "treatment_plan", "patient_id"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint(
            "occupied_from <= starts_at AND occupied_until >= ends_at", name="occupied_around"
        ),
        CheckConstraint("plan_id IS NULL OR patient_id IS NOT NULL", name="plan_with_patient"),
        indexed("practitioner_id", "occupied_until"),
        indexed("room_id", "occupied_until"),
        indexed("patient_id", "ends_at"),
        indexed("expires_at", "id"),
    )

    practitioner_id: UUID
    room_id: UUID | None = None
    patient_id: UUID | None = None
    plan_id: UUID | None = None
    starts_at: datetime
    ends_at: datetime
    occupied_from: datetime
    occupied_until: datetime
    expires_at: datetime
