"""Whom freed time fits, and in which order it is offered to them: pure, and in words.

Those who have no session come before those who would come earlier than booked. Whose window closes
first comes first, or has closed already, for they have the fewest other chances; among equals, who
has waited longest. Nothing else counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from api.clock import local_day
from models import TreatmentSession, WaitlistEntry

if TYPE_CHECKING:
    from rules.window import Window

MOST = 10  # places for one slot: more would never be reached
LONG, SHORT = timedelta(minutes=30), timedelta(minutes=10)
_SOON = timedelta(hours=24)
_TOLD = {"warn", "info"}  # severities of what needs nobody else's answer


@dataclass(frozen=True, slots=True)
class Span:
    """Freed time, half-open, and the practitioner whose it is."""

    practitioner_id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """An entry, the session that would come earlier if there is one, and the window of the session
    to be booked or moved, as of the day of the freed time."""

    entry: WaitlistEntry
    moving: TreatmentSession | None
    window: "Window"


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
    fitting = sorted((each for each in wishes if allowed(each.window, day)), key=_order)[:MOST]
    length = LONG if span.starts_at - now >= _SOON else SHORT
    offers: list[Place] = []
    opens_at = now
    for number, wish in enumerate(fitting, 1):
        if opens_at >= span.starts_at:
            break
        expires_at = min(opens_at + length, span.starts_at)
        reason = _reason(wish, number, len(fitting), day, zone)
        offers.append(Place(wish.entry, number, reason, opens_at, expires_at))
        opens_at = expires_at
    return offers


def allowed(window: "Window", day: date) -> bool:
    """Whether the rules let the session take place that day: in the window, or so little after it
    that a warning is all they say. window: as of that day."""
    if any(run.holds(day) for run in window.runs):
        return True
    if not _closed(window, day) or (window.earliest_on is not None and day < window.earliest_on):
        return False
    return all(each.severity.value in _TOLD for each in window.findings)


def _closed(window: "Window", day: date) -> bool:
    return window.latest_on is not None and window.latest_on < day


def _order(wish: Wish) -> tuple[bool, date, datetime, UUID]:
    booked = wish.moving is not None
    closes = None if booked else wish.window.latest_on
    return booked, closes or date.max, wish.entry.recorded_at, wish.entry.id


def _reason(wish: Wish, number: int, count: int, day: date, zone: ZoneInfo) -> str:
    since = local_day(wish.entry.recorded_at, zone)
    return f"Place {number} of {count}: {_chances(wish, day)}; waiting since {since}."


def _chances(wish: Wish, day: date) -> str:
    if wish.moving is not None:
        booked = wish.moving.scheduled_on
        return f"after those who have no session, for there is one on {booked} to bring forward"
    if wish.window.latest_on is None:
        return "the window has no end"
    if _closed(wish.window, day):
        closed = f"the window closed on {wish.window.latest_on}"
        return f"{closed}, so that a warning must be acknowledged"
    return f"the window closes on {wish.window.latest_on}"
