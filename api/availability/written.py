"""What a clinic wrote about its hours, as it was read; and the calendars that come of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from api.availability.calendars import Calendars, Working
from api.availability.reasons import Calendar, Reason
from api.availability.spans import Span, Spans, clip, tidy
from api.availability.weekly import LocalDays
from api.clock import local_day

# Offered where neither opening nor working hours were written: seven to nine in the evening.
DAYTIME = (timedelta(hours=7), timedelta(hours=21))

Key = TypeVar("Key")
Value = TypeVar("Value")


class Weekly(NamedTuple):
    """One span of one weekday, valid on the days between."""

    weekday: int
    opens_minute: int
    closes_minute: int
    valid_from: date | None = None
    valid_to: date | None = None


class AtWork(NamedTuple):
    """Weekly hours of one person, in one room or (None) in any."""

    staff_member_id: UUID
    room_id: UUID | None
    hours: Weekly


class Shut(NamedTuple):
    """The clinic, or one of its rooms, is closed on these days, both included."""

    id: UUID
    room_id: UUID | None
    starts_on: date
    ends_on: date
    name: str
    is_public_holiday: bool = False


class Absent(NamedTuple):
    """One person is away, half-open."""

    id: UUID
    staff_member_id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """All that was written about these people and rooms over some time; the rest in time order.

    opening: of all seasons, so that none at all means that the clinic never wrote any.
    """

    people: Collection[UUID]
    rooms: Collection[UUID]
    opening: tuple[Weekly, ...] = ()
    working: tuple[AtWork, ...] = ()
    closures: tuple[Shut, ...] = ()
    away: tuple[Absent, ...] = ()

    def calendars(
        self, zone: ZoneInfo, since: datetime, until: datetime, not_before: datetime | None = None
    ) -> Calendars:
        """The hours from `since` until just before `until`, nobody and nothing taken."""
        days = LocalDays(zone, local_day(since, zone), local_day(until, zone))
        closed = [(each.room_id, reason) for each in self.closures for reason in _shut(days, each)]
        opening = clip(days.weekly(self.opening), since, until) if self.opening else None
        return Calendars(
            since=since,
            until=until,
            not_before=max(since, not_before or since),
            daytime=clip(_every_day(days), since, until),
            opening=opening,
            closed=tuple(reason for room_id, reason in closed if room_id is None),
            room_closed=_grouped((room_id, reason) for room_id, reason in closed if room_id),
            working=self._working(days),
            away=_grouped(
                (each.staff_member_id, _absent(each))
                for each in self.away
                if each.starts_at < until and since < each.ends_at
            ),
            known=frozenset({*self.people, *self.rooms}),
        )

    def _working(self, days: LocalDays) -> dict[UUID, Working]:
        working = {}
        of_everybody = ((each.staff_member_id, each) for each in self.working)
        for person, mine in _grouped(of_everybody).items():
            by_room = _grouped((each.room_id, each.hours) for each in mine)
            anywhere = by_room.pop(None, ())
            working[person] = Working(
                anywhere=days.weekly(anywhere),
                in_room={room: days.weekly(hours) for room, hours in by_room.items() if room},
            )
        return working


def _every_day(days: LocalDays) -> Spans:
    found: Spans = []
    day = days.first
    while day <= days.last:
        found += days.span(day, *DAYTIME)
        day += timedelta(days=1)
    return tidy(found)


def _shut(days: LocalDays, each: Shut) -> list[Reason]:
    kind = Calendar.PUBLIC_HOLIDAY if each.is_public_holiday else Calendar.CLOSURE
    if each.room_id is not None:
        kind = Calendar.ROOM_CLOSURE
    spans: list[Span] = days.whole(each.starts_on, each.ends_on)
    return [Reason(kind, span.start, span.end, each.name, each.id) for span in spans]


def _absent(each: Absent) -> Reason:
    return Reason(Calendar.TIME_OFF, each.starts_at, each.ends_at, None, each.id)


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, tuple[Value, ...]]:
    groups: dict[Key, list[Value]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}
