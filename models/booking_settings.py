"""How a clinic books: how long, how far apart, how far ahead, on which grid."""

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import UniqueConstraint

from models.base import ClinicRecord
from models.keys import within

LONGEST_BUFFER = timedelta(hours=4)


class SessionKind(StrEnum):
    """What a session is in its course; decides its usual length and its buffers."""

    FIRST = "first"
    FOLLOW_UP = "follow_up"
    MAINTENANCE = "maintenance"


class BookingSettings(ClinicRecord, table=True):
    """One row per clinic; without it the defaults here hold. All in minutes.

    `lead_minutes` is the shortest notice, `grid_minutes` the grid that offered starts lie on, in
    local time from midnight. Per kind of session: its usual length, and what stays free of its
    practitioner and its room before and after.
    """

    __tablename__ = "booking_settings"
    __table_args__ = (
        UniqueConstraint("clinic_id"),
        within("lead_minutes", 0, 43_200),
        within("grid_minutes", 5, 60),
        within("first_minutes", 5, 480),
        within("first_before_minutes", 0, 240),
        within("first_after_minutes", 0, 240),
        within("follow_up_minutes", 5, 480),
        within("follow_up_before_minutes", 0, 240),
        within("follow_up_after_minutes", 0, 240),
        within("maintenance_minutes", 5, 480),
        within("maintenance_before_minutes", 0, 240),
        within("maintenance_after_minutes", 0, 240),
    )

    lead_minutes: int = 0
    grid_minutes: int = 15
    first_minutes: int = 30
    first_before_minutes: int = 0
    first_after_minutes: int = 0
    follow_up_minutes: int = 30
    follow_up_before_minutes: int = 0
    follow_up_after_minutes: int = 0
    maintenance_minutes: int = 30
    maintenance_before_minutes: int = 0
    maintenance_after_minutes: int = 0
