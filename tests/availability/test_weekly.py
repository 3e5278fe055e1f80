"""Weekly hours against the wall clock, minute by minute, in zones that make it hard."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.availability.spans import Span, Spans
from api.availability.weekly import LocalDays

MINUTE = timedelta(minutes=1)

# Zone, first day, and what makes it hard.
HARD = [
    ("Europe/Paris", date(2026, 3, 27), "a gap at 02:00"),
    ("Europe/Paris", date(2026, 10, 23), "a fold at 03:00"),
    ("America/Havana", date(2026, 10, 30), "a fold at 01:00, back to midnight"),
    ("America/Asuncion", date(2024, 3, 22), "a fold at midnight, back into the day before"),
    ("Asia/Beirut", date(2026, 3, 27), "a gap at midnight"),
    ("Australia/Lord_Howe", date(2026, 4, 3), "a fold of half an hour"),
    ("Asia/Kolkata", date(2026, 3, 27), "half an hour off, no changes"),
    ("Asia/Kathmandu", date(2026, 3, 27), "a quarter off, no changes"),
    ("Pacific/Apia", date(2011, 12, 28), "a day that never was"),
    ("Asia/Pyongyang", date(2018, 5, 3), "a zone that changed its rules by half an hour"),
    ("Africa/Casablanca", date(2026, 2, 13), "standard time only in Ramadan"),
    ("Pacific/Kiritimati", date(2026, 3, 27), "fourteen hours ahead"),
    ("Pacific/Niue", date(2026, 3, 27), "eleven hours behind"),
]


@dataclass
class Hours:
    weekday: int
    opens_minute: int
    closes_minute: int
    valid_from: date | None = None
    valid_to: date | None = None


DAYS = st.none() | st.integers(-1, 6)
patterns = st.lists(
    st.tuples(st.integers(1, 7), st.integers(0, 1439), st.integers(1, 1440), DAYS, DAYS).filter(
        lambda each: each[1] < each[2]
    ),
    max_size=10,
)


def open_minutes(hours: list[Hours], zone: ZoneInfo, first: date) -> set[datetime]:
    """Every minute at which a clock on the wall shows a time of the hours."""
    return {
        at
        for at, day, minute in wall_clock(zone, first)
        if any(
            each.weekday == day.isoweekday()
            and each.opens_minute <= minute < each.closes_minute
            and (each.valid_from or day) <= day <= (each.valid_to or day)
            for each in hours
        )
    }


@cache
def wall_clock(zone: ZoneInfo, first: date) -> list[tuple[datetime, date, int]]:
    """Every minute of five local days: the instant, and what a clock on the wall then shows."""
    begin = datetime.combine(first, datetime.min.time(), UTC) - timedelta(days=2)
    shown = [(at, at.astimezone(zone)) for at in (begin + n * MINUTE for n in range(9 * 1440))]
    return [
        (at, wall.date(), wall.hour * 60 + wall.minute)
        for at, wall in shown
        if first <= wall.date() <= first + timedelta(days=4)
    ]


def minutes(spans: Spans) -> set[datetime]:
    found = set()
    for start, end in spans:
        at = start
        while at < end:
            found.add(at)
            at += MINUTE
    return found


@pytest.mark.parametrize(("name", "first", "_why"), HARD, ids=[each[2] for each in HARD])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_hours_are_what_the_clock_on_the_wall_shows(name, first, _why, data):
    zone = ZoneInfo(name)
    drawn = data.draw(patterns)
    hours = [
        Hours(
            weekday, opens, closes,
            None if since is None else first + timedelta(days=since),
            None if until is None else first + timedelta(days=until),
        )
        for weekday, opens, closes, since, until in drawn
    ]  # fmt: skip
    spans = LocalDays(zone, first, first + timedelta(days=4)).weekly(hours)
    assert minutes(spans) == open_minutes(hours, zone, first)


@pytest.mark.parametrize(("name", "first", "_why"), HARD, ids=[each[2] for each in HARD])
def test_whole_days_leave_nothing_between_them(name, first, _why):
    zone = ZoneInfo(name)
    days = LocalDays(zone, first, first + timedelta(days=4))
    every = [Hours(weekday, 0, 1440) for weekday in range(1, 8)]
    whole = days.whole(first - timedelta(days=9), first + timedelta(days=9))
    assert len(whole) == 1
    assert whole == days.weekly(every)
    assert minutes(whole) == open_minutes(every, zone, first)


def test_a_change_of_the_clocks_moves_the_instant_and_not_the_hour():
    days = LocalDays(ZoneInfo("Europe/Paris"), date(2026, 3, 27), date(2026, 3, 30))
    nine_to_five = [Hours(weekday, 540, 1020) for weekday in (5, 1)]
    assert days.weekly(nine_to_five) == [
        Span(datetime(2026, 3, 27, 8, tzinfo=UTC), datetime(2026, 3, 27, 16, tzinfo=UTC)),
        Span(datetime(2026, 3, 30, 7, tzinfo=UTC), datetime(2026, 3, 30, 15, tzinfo=UTC)),
    ]
