"""Whom freed time fits, and in which order it is offered to them: pure, and in words.

Whose window closes first comes first, for they have the fewest other chances; among equals, who
has waited longest. Nothing else counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from api.clock import local_day
from models import WaitlistEntry

MOST = 10  # places for one slot: more would never be reached
LONG, SHORT = timedelta(minutes=30), timedelta(minutes=10)
_SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Span:
    """Freed time, half-open, and the practitioner whose it is."""

    practitioner_id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """An entry with the window of its plan's next session; None for no bound."""

    entry: WaitlistEntry
    earliest_on: date | None
    latest_on: date | None


@dataclass(frozen=True, slots=True)
class Place:
    """One offer to be made."""

    entry: WaitlistEntry
    number: int
    reason: str
    opens_at: datetime
    expires_at: datetime


def wanted(entry: WaitlistEntry, span: Span, zone: ZoneInfo) -> bool:
    """Whether the time meets the entry's wishes: length, person, day and hours."""
    length = timedelta(minutes=entry.duration_minutes)
    if length > span.ends_at - span.starts_at:
        return False
    if entry.practitioner_ids and span.practitioner_id not in entry.practitioner_ids:
        return False
    start = span.starts_at.astimezone(zone)
    end = (span.starts_at + length).astimezone(zone)
    if start.date() > entry.until_on:
        return False
    if entry.weekdays and str(start.isoweekday()) not in entry.weekdays:
        return False
    if entry.earliest_time and start.strftime("%H:%M") < entry.earliest_time:
        return False
    late = entry.latest_time and (
        end.date() != start.date() or end.strftime("%H:%M") > entry.latest_time
    )
    return not late


def places(wishes: Iterable[Wish], span: Span, zone: ZoneInfo, now: datetime) -> list[Place]:
    """The offers, in their order: each opens when the one before expires, none after the start."""
    day = local_day(span.starts_at, zone)
    fitting = sorted(
        (each for each in wishes if _inside(each, day)),
        key=lambda each: (each.latest_on or date.max, each.entry.recorded_at, each.entry.id),
    )[:MOST]
    length = LONG if span.starts_at - now >= _SOON else SHORT
    offers: list[Place] = []
    opens_at = now
    for number, wish in enumerate(fitting, 1):
        if opens_at >= span.starts_at:
            break
        expires_at = min(opens_at + length, span.starts_at)
        reason = _reason(wish, number, len(fitting), zone)
        offers.append(Place(wish.entry, number, reason, opens_at, expires_at))
        opens_at = expires_at
    return offers


def _inside(wish: Wish, day: date) -> bool:
    return (wish.earliest_on is None or wish.earliest_on <= day) and (
        wish.latest_on is None or day <= wish.latest_on
    )


def _reason(wish: Wish, number: int, count: int, zone: ZoneInfo) -> str:
    window = "the window has no end"
    if wish.latest_on is not None:
        window = f"the window closes on {wish.latest_on}"
    since = local_day(wish.entry.recorded_at, zone)
    return f"Place {number} of {count}: {window}; waiting since {since}."
