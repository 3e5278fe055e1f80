"""Which slot comes before which, and why: one total order, so that pages never shift.

First what asks for the least (nothing, a warning to read, an override); then what misses fewest of
the wishes; then the day nearest to the protocol's; then the earlier day, start, and person.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from api.decisions.days_ahead import Judged
from api.scheduling.slot_schemas import SlotReason

Key = tuple[int, int, int, int, datetime, UUID]
NOTHING, ACKNOWLEDGEMENT, OVERRIDE, NEVER = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody wishes; nothing said is no wish. zone: of weekdays and times."""

    zone: ZoneInfo
    people: frozenset[UUID] = frozenset()
    weekdays: frozenset[int] = frozenset()
    time_from: time | None = None
    time_to: time | None = None

    @property
    def about_time(self) -> bool:
        return self.time_from is not None or self.time_to is not None

    @property
    def count(self) -> int:
        """How many wishes can be missed."""
        return bool(self.people) + bool(self.weekdays) + self.about_time

    def misses_person(self, person: UUID) -> bool:
        return bool(self.people) and person not in self.people

    def misses_day(self, start: datetime) -> bool:
        if not self.weekdays:
            return False
        return start.astimezone(self.zone).isoweekday() not in self.weekdays

    def misses_time(self, start: datetime) -> bool:
        if not self.about_time:
            return False
        wall = start.astimezone(self.zone).time()
        early = self.time_from is not None and wall < self.time_from
        return early or (self.time_to is not None and wall >= self.time_to)


def asks(judged: Judged | None) -> int:
    """What a booking must answer, as a number; NEVER where nobody can."""
    if judged is None or not judged.findings:
        return NOTHING
    if judged.blocked:
        return NEVER
    if judged.override:
        return OVERRIDE
    return ACKNOWLEDGEMENT if judged.acknowledge else NOTHING


@dataclass(frozen=True, slots=True)
class Candidate:
    """A slot with its place in the order."""

    key: Key
    room_id: UUID | None
    ends_at: datetime
    judged: Judged | None

    @property
    def starts_at(self) -> datetime:
        return self.key[4]

    @property
    def practitioner_id(self) -> UUID:
        return self.key[5]


def reasons(
    candidate: Candidate, wishes: Preferences, target: date | None, day: date
) -> tuple[SlotReason, ...]:
    """Why the slot stands where it does, most telling first."""
    found = [*_asked(candidate.judged), _distance(target, day)]
    for wish, misses, kept, missed in (
        (wishes.people, wishes.misses_person(candidate.practitioner_id), *_PERSON),
        (wishes.weekdays, wishes.misses_day(candidate.starts_at), *_WEEKDAY),
        (wishes.about_time, wishes.misses_time(candidate.starts_at), *_TIME),
    ):
        if wish:
            found.append(missed if misses else kept)
    return tuple(found)


def _reason(code: str, text: str) -> SlotReason:
    return SlotReason(code=code, text=text)


_PERSON = (
    _reason("preferred_practitioner", "With the preferred practitioner."),
    _reason("other_practitioner", "With another practitioner."),
)
_WEEKDAY = (
    _reason("preferred_weekday", "On a preferred weekday."),
    _reason("other_weekday", "On another weekday."),
)
_TIME = (
    _reason("preferred_time", "At a preferred time of day."),
    _reason("other_time", "At another time of day."),
)


def _asked(judged: Judged | None) -> list[SlotReason]:
    found = []
    if judged and judged.override:
        text = f"Needs an override of {', '.join(judged.override)}."
        found.append(_reason("needs_override", text))
    if judged and judged.acknowledge:
        text = f"Needs {', '.join(judged.acknowledge)} to be acknowledged."
        found.append(_reason("needs_acknowledgement", text))
    return found


def _distance(target: date | None, day: date) -> SlotReason:
    if target is None:
        return _reason("soonest", "As soon as somebody is free.")
    days = (day - target).days
    if days == 0:
        return _reason("on_target", f"On the protocol's day, {target.isoformat()}.")
    count = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    word = "after" if days > 0 else "before"
    return _reason("off_target", f"{count} {word} the protocol's day, {target.isoformat()}.")
