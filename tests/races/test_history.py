"""The checker finds what it looks for; it is also shown a server without its locks, elsewhere."""

import pytest

from tests.races.history import Asked, violations


def session(number, **over):
    return {
        "id": f"s{number}", "state": "scheduled", "version": 1, "practitioner_id": f"p{number}",
        "room_id": f"r{number}", "patient_id": f"x{number}",
        "starts_at": "2026-03-03T09:00:00Z", "ends_at": "2026-03-03T09:30:00Z",
    } | over  # fmt: skip


def booked(number, sent=0.0, answered=1.0, **over):
    return Asked("book", sent, answered, 201, {}, (session(number, **over),))


def cancelled(number, sent, answered, **over):
    done = session(number, **over) | {"state": "cancelled"}
    return Asked("cancel", sent, answered, 200, {}, (done,))


def final(*sessions):
    return {each["id"]: each for each in sessions}


def test_nothing_is_found_where_all_is_well():
    history = [booked(1), booked(2), Asked("book", 0, 1, 409, {})]
    assert violations(history, final(session(1), session(2))) == []


@pytest.mark.parametrize("resource", ["practitioner_id", "room_id", "patient_id"])
def test_one_that_is_taken_twice(resource):
    both = {resource: "same"}
    later = {"starts_at": "2026-03-03T09:15:00Z", "ends_at": "2026-03-03T09:45:00Z"}
    one, two = session(1, **both), session(2, **both, **later)
    found = violations([booked(1, **both), booked(2, **both, **later)], final(one, two))
    assert found
    assert all(resource in each for each in found)
    behind = {"starts_at": "2026-03-03T09:30:00Z", "ends_at": "2026-03-03T10:00:00Z"}
    history = [booked(1, **both), booked(2, **both, **behind)]
    assert violations(history, final(one, session(2, **both, **behind))) == []


def test_buffers_take_the_room_and_not_the_patient():
    early = {"occupied_until": "2026-03-03T09:45:00Z"}
    behind = {"starts_at": "2026-03-03T09:30:00Z", "ends_at": "2026-03-03T10:00:00Z"}
    for resource, count in (("room_id", 2), ("patient_id", 0)):
        one, two = early | {resource: "same"}, behind | {resource: "same"}
        history = [booked(1, **one), booked(2, **two)]
        assert len(violations(history, final(session(1, **one), session(2, **two)))) == count


def test_two_at_once_of_which_one_is_cancelled_since():
    both = {"room_id": "same"}
    gone = session(1, **both) | {"state": "cancelled"}
    end = final(gone, session(2, **both))
    overlapping = [booked(1, **both), cancelled(1, 5, 6, **both), booked(2, 2, 3, **both)]
    assert violations(overlapping, end) == ["sessions s1 and s2 stood with one room_id"]
    # It may have been cancelled before the other was booked: both were under way.
    possible = [booked(1, **both), cancelled(1, 5, 6, **both), booked(2, 4, 7, **both)]
    assert violations(possible, end) == []


def test_what_was_answered_and_is_not_there():
    assert violations([booked(1)], {}) == ["session s1 was booked and cannot be read"]
    moved = session(1, starts_at="2026-03-03T08:00:00Z")
    assert violations([booked(1)], final(moved)) == ["session s1 is not as it was told: starts_at"]
    assert violations([], final(session(1))) == ["session s1 is there and nobody was told"]


@pytest.mark.parametrize("status", [0, 500, 503, 422])
def test_an_answer_that_nobody_should_get(status):
    (found,) = violations([Asked("book", 0, 1, status, {})], {})
    assert str(status or "nothing") in found


def test_a_refusal_for_what_was_not_there():
    refused = {"conflicts": [{"session_id": "s1", "resource": "room"}]}
    gone = final(session(1) | {"state": "cancelled"})
    late = Asked("book", 7, 8, 409, refused)
    history = [booked(1), cancelled(1, 5, 6), late]
    assert violations(history, gone) == ["book was refused for session s1, which was not there"]
    possible = [booked(1), cancelled(1, 5, 6), Asked("book", 5, 8, 409, refused)]
    assert violations(possible, gone) == []
