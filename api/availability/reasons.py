"""Why a session cannot take place at some time, as data."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Calendar(StrEnum):
    """What refuses a session."""

    LEAD_TIME = "lead_time"
    OPENING_HOURS = "opening_hours"
    CLOSURE = "closure"
    PUBLIC_HOLIDAY = "public_holiday"
    ROOM_CLOSURE = "room_closure"
    WORKING_HOURS = "working_hours"
    TIME_OFF = "time_off"
    NOT_BOOKABLE = "not_bookable"
    ROOM_INACTIVE = "room_inactive"
    ROOM_FEATURES = "room_features"
    PRACTITIONER = "practitioner"
    ROOM = "room"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True)
class Reason:
    """A calendar refuses from `start` until just before `end`.

    name: of a closure or holiday, or the feature that a room lacks. row_id: the closure or time
    off that says so.
    """

    calendar: Calendar
    start: datetime
    end: datetime
    name: str | None = None
    row_id: UUID | None = None
