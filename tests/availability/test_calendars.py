"""What is free, and why not, against a grid of minutes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.availability.calendars import Buffers, Calendars, Working
from api.availability.reasons import Calendar, Reason
from api.availability.spans import Span, Spans, tidy
from models import BookedResource

START = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LAST = 60
ANNA, ROOM, OTHER, PATIENT = (uuid5(UUID(int=0), name) for name in ("a", "r", "o", "p"))


def at(minute: int) -> datetime:
    return START + minute * MINUTE


def cover(spans: Spans) -> set[int]:
    return {m for m in range(-40, LAST + 40) if any(s <= at(m) < e for s, e in spans)}


minute = st.integers(0, LAST)
pairs = st.tuples(minute, minute).map(lambda p: Span(at(min(p)), at(max(p))))
lists = st.lists(pairs, max_size=4).map(tidy)
few = st.lists(pairs, max_size=2).map(tidy)
maybe = st.none() | lists


def reasons(calendar: Calendar, spans: Spans) -> tuple[Reason, ...]:
    return tuple(Reason(calendar, *span) for span in spans)


@st.composite
def situations(draw):
    """Calendars, and the minutes at which each of their parts refuses."""
    opening, daytime, anywhere, fixed = draw(maybe), draw(lists), draw(maybe), draw(lists)
    closed, room_closed, away = draw(few), draw(few), draw(few)
    taken = {key: draw(few) for key in (ANNA, ROOM, PATIENT)}
    not_before = draw(st.integers(0, 20))
    working = {} if anywhere is None else {ANNA: Working(anywhere, {ROOM: fixed, OTHER: daytime})}
    made = Calendars(
        since=START, until=at(LAST), not_before=at(not_before), daytime=daytime, opening=opening,
        closed=reasons(Calendar.CLOSURE, closed), working=working,
        room_closed={ROOM: reasons(Calendar.ROOM_CLOSURE, room_closed)},
        away={ANNA: reasons(Calendar.TIME_OFF, away)},
        taken={
            (BookedResource.PRACTITIONER, ANNA): taken[ANNA],
            (BookedResource.ROOM, ROOM): taken[ROOM],
            (BookedResource.PATIENT, PATIENT): taken[PATIENT],
        },
        known=frozenset({ANNA, ROOM, OTHER, PATIENT}),
    )  # fmt: skip
    everything = set(range(-40, LAST + 40))
    return made, {
        "hours": everything - cover(opening) if opening is not None else set(),
        "working": (
            everything - cover(anywhere) - cover(fixed) if anywhere is not None else set()
        ),
        "offered": (
            everything - cover(daytime) if opening is None and anywhere is None else set()
        ),
        "closed": cover(closed) | cover(room_closed) | cover(away),
        "early": {m for m in everything if m < not_before},
        "occupied": cover(taken[ANNA]) | cover(taken[ROOM]),
        "patient": cover(taken[PATIENT]),
    }  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(situations(), st.integers(1, 20), st.integers(0, 5), st.integers(0, 5))
def test_a_session_is_free_exactly_when_no_minute_of_it_is_refused(
    situation, length, before, after
):
    calendars, refused = situation
    buffers = Buffers(before * MINUTE, after * MINUTE)
    free = calendars.free(ANNA, ROOM, PATIENT, buffers)
    for start in range(LAST - length + 1):
        session = set(range(start, start + length))
        occupied = set(range(start - before, start + length + after))
        by_calendar = session & (
            refused["hours"] | refused["working"] | refused["closed"] | refused["early"]
        )
        by_others = (occupied & refused["occupied"]) | (session & refused["patient"])
        wanted = (at(start), at(start + length))
        why_not = calendars.why_not(*wanted, ANNA, ROOM, PATIENT, buffers)
        assert (why_not == ()) == (not by_calendar and not by_others)
        assert (calendars.restrictions(*wanted, ANNA, ROOM) == ()) == (not by_calendar)
        offered = any(span.start <= wanted[0] and wanted[1] <= span.end for span in free)
        assert offered == (why_not == () and not session & refused["offered"])


def calendars(**parts) -> Calendars:
    known: dict = {
        "since": START, "until": at(600), "not_before": START,
        "daytime": [Span(at(60), at(120))], "known": frozenset({ANNA, ROOM, PATIENT}),
    }  # fmt: skip
    return Calendars(**{**known, **parts})


def test_each_calendar_says_from_when_to_when_it_refuses():
    closed = Reason(Calendar.PUBLIC_HOLIDAY, at(500), at(600), "Ascension Day", OTHER)
    made = calendars(
        not_before=at(5), opening=[Span(at(0), at(100)), Span(at(130), at(600))], closed=(closed,),
        working={ANNA: Working([Span(at(90), at(600))])},
        taken={(BookedResource.PRACTITIONER, ANNA): [Span(at(200), at(230))]},
    )  # fmt: skip
    assert made.why_not(at(95), at(135), ANNA) == (
        Reason(Calendar.OPENING_HOURS, at(100), at(130)),
    )
    assert made.why_not(at(0), at(90), ANNA) == (
        Reason(Calendar.LEAD_TIME, START, at(5)),
        Reason(Calendar.WORKING_HOURS, START, at(90)),
    )
    assert made.why_not(at(490), at(501), ANNA) == (closed,)
    assert made.why_not(at(190), at(200), ANNA) == ()
    assert made.why_not(at(190), at(200), ANNA, buffers=Buffers(after=MINUTE)) == (
        Reason(Calendar.PRACTITIONER, at(200), at(230)),
    )


def test_who_wrote_no_hours_may_be_booked_at_any_time_and_is_offered_in_the_daytime():
    made = calendars()
    assert made.why_not(at(0), at(600), ANNA, ROOM) == ()
    assert made.free(ANNA, ROOM) == [Span(at(60), at(120))]


def test_hours_that_are_fixed_to_a_room_count_there_and_where_no_room_is_needed():
    here, there = [Span(at(0), at(30))], [Span(at(30), at(60))]
    made = calendars(working={ANNA: Working(here, {OTHER: there})}, known=frozenset({ANNA, ROOM}))
    assert made.free(ANNA, ROOM) == here
    assert made.free(ANNA) == [Span(at(0), at(60))]


def test_calendars_do_not_answer_for_whom_they_were_not_loaded():
    with pytest.raises(LookupError):
        calendars().free(OTHER)
    with pytest.raises(LookupError):
        calendars().why_not(at(0), at(1), ANNA, OTHER)
