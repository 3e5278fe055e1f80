"""All that decides when a session can take place, for some people and rooms over some time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from api.availability.reasons import Calendar, Reason
from api.availability.spans import Span, Spans, clip, intersect, subtract, tidy, union, widen
from models import BookedResource

Resource = tuple[BookedResource, UUID]
NO_SPANS: Spans = []


class Buffers(NamedTuple):
    """What stays free around a session for its practitioner and its room."""

    before: timedelta = timedelta(0)
    after: timedelta = timedelta(0)


NO_BUFFERS = Buffers()


@dataclass(frozen=True, slots=True)
class Working:
    """The hours of one practitioner: those in any room, and those fixed to one."""

    anywhere: Spans
    in_room: Mapping[UUID, Spans] = field(default_factory=dict)

    def hours(self, room_id: UUID | None) -> Spans:
        """Where they can work in that room; without one, all their hours."""
        if room_id is None:
            return tidy([span for each in (self.anywhere, *self.in_room.values()) for span in each])
        return union(self.anywhere, self.in_room.get(room_id, NO_SPANS))


@dataclass(frozen=True)
class Calendars:
    """A clinic's calendars from `since` until just before `until`; it answers for nothing else.

    opening: None where the clinic never wrote opening hours, which then restrict nothing.
    working: without an entry a practitioner works whenever the clinic is open.
    taken: the occupied time (a session with its buffers) of each practitioner and room, and the
    bare sessions of each patient. not_before: the earliest start that the clinic takes.
    daytime: what is offered where neither opening nor working hours were written. known: the
    practitioners, rooms and patient that were asked for; of others nothing is known.
    """

    since: datetime
    until: datetime
    not_before: datetime
    daytime: Spans
    opening: Spans | None = None
    closed: tuple[Reason, ...] = ()
    room_closed: Mapping[UUID, tuple[Reason, ...]] = field(default_factory=dict)
    working: Mapping[UUID, Working] = field(default_factory=dict)
    away: Mapping[UUID, tuple[Reason, ...]] = field(default_factory=dict)
    taken: Mapping[Resource, Spans] = field(default_factory=dict)
    known: frozenset[UUID] = frozenset()
    _made: dict[object, Spans] = field(default_factory=dict, repr=False, compare=False)

    def free(
        self,
        practitioner_id: UUID,
        room_id: UUID | None = None,
        patient_id: UUID | None = None,
        buffers: Buffers = NO_BUFFERS,
    ) -> Spans:
        """Where a session with these buffers may lie, from its start to its end.

        Every session inside one of these spans is accepted by `why_not`. Raises LookupError for
        somebody or something that was not loaded.
        """
        self._check(practitioner_id, room_id, patient_id)
        found = self.practitioner_free(practitioner_id, room_id, buffers)
        if room_id is not None:
            found = intersect(found, self.room_free(room_id, buffers))
        if patient_id is not None:
            found = subtract(found, self.taken.get((BookedResource.PATIENT, patient_id), NO_SPANS))
        return found

    def practitioner_free(
        self, practitioner_id: UUID, room_id: UUID | None, buffers: Buffers
    ) -> Spans:
        """As `free`, looking at the clinic and the practitioner alone (in that room)."""

        def make() -> Spans:
            hours = self._hours(practitioner_id, room_id)
            away = _blocked(self.away.get(practitioner_id, ()))
            taken = self._taken(BookedResource.PRACTITIONER, practitioner_id, buffers)
            return clip(subtract(subtract(hours, away), taken), self.not_before, self.until)

        room = room_id if self._fixed(practitioner_id) else None
        return self._once(("practitioner", practitioner_id, room, buffers), make)

    def room_free(self, room_id: UUID, buffers: Buffers) -> Spans:
        """As `free`, looking at the room alone."""

        def make() -> Spans:
            closed = _blocked(self.room_closed.get(room_id, ()))
            taken = self._taken(BookedResource.ROOM, room_id, buffers)
            return subtract([Span(self.since, self.until)], union(closed, taken))

        return self._once(("room", room_id, buffers), make)

    def patient_free(self, patient_id: UUID | None) -> Spans:
        """As `free`, looking at the patient alone, who needs no buffers."""
        taken = NO_SPANS
        if patient_id is not None:
            taken = self.taken.get((BookedResource.PATIENT, patient_id), NO_SPANS)
        return subtract([Span(self.since, self.until)], taken)

    def why_not(
        self,
        start: datetime,
        end: datetime,
        practitioner_id: UUID,
        room_id: UUID | None = None,
        patient_id: UUID | None = None,
        buffers: Buffers = NO_BUFFERS,
    ) -> tuple[Reason, ...]:
        """Every calendar that refuses a session then, and who or what is taken; empty if none.

        Each reason says from when to when, in time order within its calendar.
        """
        self._check(patient_id)
        wanted = Span(start, end)
        found = list(self.restrictions(start, end, practitioner_id, room_id))
        occupied = Span(start - buffers.before, end + buffers.after)
        for calendar, resource, key, asked in (
            (Calendar.PRACTITIONER, BookedResource.PRACTITIONER, practitioner_id, occupied),
            (Calendar.ROOM, BookedResource.ROOM, room_id, occupied),
            (Calendar.PATIENT, BookedResource.PATIENT, patient_id, wanted),
        ):
            if key is not None:
                taken = self.taken.get((resource, key), NO_SPANS)
                found += [Reason(calendar, *each) for each in _touching(taken, asked)]
        return tuple(found)

    def restrictions(
        self, start: datetime, end: datetime, practitioner_id: UUID, room_id: UUID | None = None
    ) -> tuple[Reason, ...]:
        """As `why_not`, without looking at who and what is taken."""
        self._check(practitioner_id, room_id)
        wanted, found = Span(start, end), []
        if start < self.not_before:
            found.append(Reason(Calendar.LEAD_TIME, self.since, self.not_before))
        if self.opening is not None:
            outside = self._outside(self.opening)
            found += [Reason(Calendar.OPENING_HOURS, *each) for each in _touching(outside, wanted)]
        if working := self.working.get(practitioner_id):
            outside = self._outside(working.hours(room_id))
            found += [Reason(Calendar.WORKING_HOURS, *each) for each in _touching(outside, wanted)]
        blocked = [
            *self.closed,
            *self.away.get(practitioner_id, ()),
            *(self.room_closed.get(room_id, ()) if room_id else ()),
        ]
        found += [each for each in blocked if each.start < end and start < each.end]
        return tuple(found)

    def _check(self, *ids: UUID | None) -> None:
        if not self.known.issuperset(each for each in ids if each is not None):
            raise LookupError("these calendars were loaded for others")

    def _hours(self, practitioner_id: UUID, room_id: UUID | None) -> Spans:
        """When the clinic is open and the practitioner works there."""
        working = self.working.get(practitioner_id)
        if working is None:
            return self._open()
        return intersect(working.hours(room_id), self._open(offered=False))

    def _open(self, offered: bool = True) -> Spans:
        def make() -> Spans:
            hours = self.opening
            if hours is None:
                hours = self.daytime if offered else [Span(self.since, self.until)]
            return subtract(hours, _blocked(self.closed))

        return self._once(("open", offered), make)

    def _fixed(self, practitioner_id: UUID) -> bool:
        working = self.working.get(practitioner_id)
        return working is not None and bool(working.in_room)

    def _taken(self, resource: BookedResource, key: UUID, buffers: Buffers) -> Spans:
        # A session must end `after` before the next occupied time, and start `before` after it.
        return widen(self.taken.get((resource, key), NO_SPANS), buffers.after, buffers.before)

    def _outside(self, hours: Spans) -> Spans:
        return subtract([Span(self.since, self.until)], hours)

    def _once(self, name: object, make: Callable[[], Spans]) -> Spans:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]


def _blocked(blocked: Iterable[Reason]) -> Spans:
    return tidy(Span(each.start, each.end) for each in blocked)


def _touching(spans: Spans, wanted: Span) -> Spans:
    return [each for each in spans if each.start < wanted.end and wanted.start < each.end]
