"""Arithmetic on stretches of time.

A list of spans is sorted, and its spans neither overlap nor touch (`tidy` makes any list so);
every function here takes and gives such lists, and reads each of them once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """From `start` until just before `end`, both UTC; never empty."""

    start: datetime
    end: datetime


Spans = list[Span]


def tidy(spans: Iterable[Span]) -> Spans:
    """Any spans, in any order, as a list of spans; empty ones are dropped."""
    merged: Spans = []
    for span in sorted(spans):
        if span.start >= span.end:
            continue
        if merged and span.start <= merged[-1].end:
            if span.end > merged[-1].end:
                merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return merged


def union(one: Spans, other: Spans) -> Spans:
    """What lies in either. Sorting two sorted runs is one merge."""
    if not one or not other:
        return one or other
    return tidy([*one, *other])


def intersect(one: Spans, other: Spans) -> Spans:
    """What lies in both."""
    common: Spans = []
    i = j = 0
    while i < len(one) and j < len(other):
        (start, end), (begins, ends) = one[i], other[j]
        low = start if start > begins else begins
        high = end if end < ends else ends
        if low < high:
            common.append(Span(low, high))
        if end < ends:
            i += 1
        else:
            j += 1
    return common


def subtract(one: Spans, other: Spans) -> Spans:
    """What lies in the first and not in the other."""
    if not other:
        return one
    left: Spans = []
    j = 0
    for start, end in one:
        low = start
        while j < len(other) and other[j].end <= low:
            j += 1
        k = j
        while k < len(other) and other[k].start < end:
            if other[k].start > low:
                left.append(Span(low, other[k].start))
            low = other[k].end
            k += 1
        j = k - 1 if k > j else j  # the last one may reach into the next span
        if low < end:
            left.append(Span(low, end))
    return left


def widen(spans: Spans, before: timedelta, after: timedelta) -> Spans:
    """Each span from `before` earlier to `after` later; what then meets becomes one."""
    if not before and not after:
        return spans
    return tidy(Span(start - before, end + after) for start, end in spans)


def clip(spans: Spans, start: datetime, end: datetime) -> Spans:
    """What lies from `start` until just before `end`."""
    return intersect(spans, [Span(start, end)]) if start < end else []
