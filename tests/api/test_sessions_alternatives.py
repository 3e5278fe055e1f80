"""The nearest free times: pure arithmetic, checked against what it promises."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from api.availability.spans import Span, clip, subtract, tidy
from api.availability.weekly import LocalDays
from api.sessions.alternatives import Wanted
from api.sessions.alternatives import nearest as nearest_free

PARIS = ZoneInfo("Europe/Paris")
TEN = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)  # 10:00 in Paris, a Tuesday
DAY = timedelta(days=1)


LONG_AGO = TEN - timedelta(days=30)


def wanted(starts_at=TEN, minutes=30, **bounds):
    return Wanted(starts_at, timedelta(minutes=minutes), PARIS, **bounds)


def nearest(asked, busy, not_before=LONG_AGO):
    """Of a clinic that is open from seven to nine in the evening."""
    days = LocalDays(PARIS, *(instant.date() for instant in asked.reach))
    hours = (timedelta(hours=7), timedelta(hours=21))
    open_then = [span for n in range(31) for span in days.span(days.first + n * DAY, *hours)]
    free = subtract(open_then, tidy(Span(*each) for each in busy))
    return nearest_free(asked, clip(free, not_before, asked.reach[1]))


def taken(hours_and_minutes, minutes=30):
    start = TEN.replace(hour=hours_and_minutes[0], minute=hours_and_minutes[1])
    return (start, start + timedelta(minutes=minutes))


def clock_times(starts):
    return [start.astimezone(PARIS).strftime("%d %H:%M") for start in starts]


def test_the_times_beside_the_taken_one_come_first():
    assert clock_times(nearest(wanted(), [taken((9, 0))])) == ["10 10:30", "10 09:30", "10 11:00"]


def test_a_stretch_that_ends_where_another_begins_is_free():
    busy = [taken((9, 0)), taken((9, 30), 45), taken((8, 15), 45)]
    assert clock_times(nearest(wanted(), busy))[:2] == ["10 11:15", "10 08:45"]


def test_nothing_is_offered_in_the_past_or_outside_the_window():
    bounds = {"days": ((date(2026, 3, 10), date(2026, 3, 10)),)}
    starts = nearest(wanted(**bounds), [taken((7, 0), 240)], not_before=TEN)
    assert clock_times(starts) == ["10 12:00", "10 12:30", "10 13:00"]
    assert nearest(wanted(**bounds), [taken((6, 0), 16 * 60)], not_before=TEN) == []


def test_another_day_keeps_the_wall_time_across_a_change_of_clocks():
    """On 29 March the clocks of Paris go forward: 10:00 is then 08:00 UTC, not 09:00."""
    saturday = datetime(2026, 3, 28, 9, 0, tzinfo=UTC)
    sunday = date(2026, 3, 29)
    starts = nearest(wanted(saturday, days=((sunday, sunday),)), [])
    assert datetime(2026, 3, 29, 5, 0, tzinfo=UTC) in starts  # 07:00, nearest to Saturday's 10:00
    assert all(time(7) <= start.astimezone(PARIS).time() for start in starts)


stretches = st.lists(
    st.tuples(st.integers(-3000, 3000), st.integers(5, 480)).map(
        lambda each: (
            TEN + timedelta(minutes=each[0]),
            TEN + timedelta(minutes=each[0] + each[1]),
        )
    ),
    max_size=40,
)


@settings(deadline=None)
@given(stretches, st.sampled_from([5, 30, 45, 240, 480]))
def test_every_alternative_is_free_and_none_overlaps_another(busy, minutes):
    length = timedelta(minutes=minutes)
    starts = nearest(wanted(minutes=minutes), busy)
    offered = [(start, start + length) for start in starts]
    for number, (start, end) in enumerate(offered):
        others = busy + offered[:number]
        assert not any(s < end and e > start for s, e in others)
        assert time(7) <= start.astimezone(PARIS).time()
        assert end.astimezone(PARIS).time() <= time(21)
    distances = [abs(start - TEN) for start in starts]
    assert distances == sorted(distances)
    assert len(starts) <= 3
