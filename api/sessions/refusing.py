"""How a refusal by a calendar is told."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from api.availability.reasons import Calendar, Reason
from api.problems import Problem
from api.sessions.conflict_schemas import Conflict, Refusal, Slot

_CLOSURES = frozenset({Calendar.CLOSURE, Calendar.PUBLIC_HOLIDAY, Calendar.ROOM_CLOSURE})
_WORDS = {
    Calendar.LEAD_TIME: "The clinic takes no booking at so short a notice.",
    Calendar.OPENING_HOURS: "The clinic is not open then.",
    Calendar.CLOSURE: "The clinic is closed then.",
    Calendar.PUBLIC_HOLIDAY: "The clinic is closed then, for a public holiday.",
    Calendar.ROOM_CLOSURE: "The room is closed then.",
    Calendar.WORKING_HOURS: "The practitioner does not work then, or not in that room.",
    Calendar.TIME_OFF: "The practitioner is away then.",
    Calendar.NOT_BOOKABLE: "The practitioner takes no sessions any more.",
    Calendar.ROOM_INACTIVE: "The room is not in use any more.",
    Calendar.ROOM_FEATURES: "The room lacks what the plan needs.",
}


class OutsideCalendars(Problem):
    """The clinic is closed, the practitioner away, the room not in use, or it is too soon."""

    name, status, title = "outside-calendars", 409, "Closed, away, or at too short a notice"
    what_to_do = (
        "`refused_by` says which calendar refuses, from when to when; `conflicts` who or what is"
        " taken besides; `alternatives` are the nearest times of the same length at which the same"
        " people and room can be booked. Book one of them, or have the calendar changed."
    )

    def __init__(
        self, refused: Sequence[Refusal], taken: Iterable[Conflict], slots: Iterable[Slot]
    ) -> None:
        super().__init__(
            refused[0].message,
            refused_by=[each.model_dump(mode="json", exclude_none=True) for each in refused],
            conflicts=[each.model_dump(mode="json", exclude_none=True) for each in taken],
            alternatives=[each.model_dump(mode="json") for each in slots],
        )


def words(calendar: Calendar) -> str:
    """Why it refuses, in a sentence that tells nothing personal."""
    return _WORDS[calendar]


def refusal(reason: Reason, since: datetime) -> Refusal:
    """One calendar's no. since: for a lead time, the present."""
    return Refusal(
        calendar=reason.calendar,
        message=_WORDS[reason.calendar],
        starts_at=since,
        ends_at=reason.end,
        name=reason.name,
        closure_id=reason.row_id if reason.calendar in _CLOSURES else None,
    )
