"""Arithmetic on spans, against sets of minutes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from api.availability.spans import Span, Spans, clip, intersect, subtract, tidy, union, widen

START = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MINUTES = st.integers(0, 60)


def at(minute: int) -> datetime:
    return START + minute * MINUTE


def minutes(spans: Spans) -> set[int]:
    return {m for m in range(-30, 120) if any(s <= at(m) < e for s, e in spans)}


raw = st.lists(st.tuples(MINUTES, MINUTES).map(lambda p: Span(at(p[0]), at(p[1]))), max_size=12)
lists = raw.map(tidy)


def is_list_of_spans(spans: Spans) -> bool:
    apart = all(one.end < two.start for one, two in pairwise(spans))
    return apart and all(span.start < span.end for span in spans)


@settings(deadline=None)
@given(raw)
def test_any_spans_become_a_list_that_covers_the_same(spans):
    assert is_list_of_spans(tidy(spans))
    assert minutes(tidy(spans)) == minutes(spans)


@settings(deadline=None)
@given(lists, lists)
def test_union_intersection_and_difference_are_those_of_sets(one, other):
    for made, expected in (
        (union(one, other), minutes(one) | minutes(other)),
        (intersect(one, other), minutes(one) & minutes(other)),
        (subtract(one, other), minutes(one) - minutes(other)),
    ):
        assert is_list_of_spans(made)
        assert minutes(made) == expected


@settings(deadline=None)
@given(lists, st.integers(0, 20), st.integers(0, 20))
def test_widening_reaches_out_both_ways(spans, before, after):
    made = widen(spans, before * MINUTE, after * MINUTE)
    assert is_list_of_spans(made)
    reached = {
        m for span in spans for m in range(-30, 120)
        if span.start - before * MINUTE <= at(m) < span.end + after * MINUTE
    }  # fmt: skip
    assert minutes(made) == reached


@settings(deadline=None)
@given(lists, MINUTES, MINUTES)
def test_clipping_keeps_what_lies_between(spans, start, end):
    assert minutes(clip(spans, at(start), at(end))) == {
        m for m in minutes(spans) if start <= m < end
    }


def test_spans_are_half_open():
    one, two = [Span(at(0), at(10))], [Span(at(10), at(20))]
    assert intersect(one, two) == []
    assert subtract(one, two) == one
    assert union(one, two) == [Span(at(0), at(20))]
