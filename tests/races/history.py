"""What many clients asked for and were answered, and whether all of it can be true.

Times are of one clock, in seconds. A write may have taken effect at any moment between being sent
and being answered; so a session certainly takes its place from the answer of the write that put
it there until the next write on it is sent, and possibly from when the former was sent until the
latter was answered.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any

Document = dict[str, Any]
RESOURCES = ("practitioner_id", "room_id", "patient_id")
STANDING = {"scheduled", "confirmed", "checked_in", "completed"}
# By what was asked: the answers that a client must expect. All others are the server's failure.
EXPECTED = {
    "book": {201, 409}, "move": {200, 409, 412}, "cancel": {200, 409, 412},
    "course": {200, 201, 409}, "apply": {200, 409, 412},
}  # fmt: skip
WRITTEN = {200, 201}


@dataclass(frozen=True, slots=True)
class Asked:
    """One write and its answer. status 0: none came. sessions: as they stand after it."""

    kind: str
    sent: float
    answered: float
    status: int
    body: Document
    sessions: tuple[Document, ...] = ()
    wanted: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Hold:
    """A session in one place. possibly: the widest stretch; certainly: the narrowest."""

    session: Document
    possibly: tuple[float, float]
    certainly: tuple[float, float]


def violations(history: list[Asked], final: Mapping[str, Document]) -> list[str]:
    """What cannot be true, in words; empty is what is wanted. final: all sessions, by id, as read
    one by one after the last answer."""
    writes = _by_session(history)
    holds = [hold for each in writes.values() for hold in _holds(each)]
    return [
        *_failures(history),
        *_lost(writes, final),
        *_overlaps("stand", [each for each in final.values() if each["state"] in STANDING]),
        *_at_the_same_time(holds),
        *_refused_without_cause(history, {id(hold): hold for hold in holds}),
    ]


def _failures(history: list[Asked]) -> Iterator[str]:
    seen = Counter((each.kind, each.status) for each in history)
    for (kind, status), count in sorted(seen.items()):
        if status not in EXPECTED[kind]:
            yield f"{kind} was answered {status or 'nothing'}, {count} times"


def _by_session(history: list[Asked]) -> dict[str, list[tuple[Asked, Document]]]:
    """Every write that took effect on a session, in order."""
    found: dict[str, list[tuple[Asked, Document]]] = {}
    for each in sorted(history, key=lambda each: each.answered):
        if each.status in WRITTEN:
            for session in each.sessions:
                found.setdefault(session["id"], []).append((each, session))
    return found


def _holds(writes: list[tuple[Asked, Document]]) -> Iterator[_Hold]:
    end = Asked("end", math.inf, math.inf, 0, {})
    for (write, session), (following, _) in pairwise([*writes, (end, {})]):
        if session["state"] in STANDING:
            yield _Hold(
                session,
                possibly=(write.sent, following.answered),
                certainly=(write.answered, following.sent),
            )


def _lost(
    writes: Mapping[str, list[tuple[Asked, Document]]], final: Mapping[str, Document]
) -> Iterator[str]:
    """Whoever was told that something is booked finds it, as it was told; and nothing else."""
    for session_id, done in writes.items():
        told, there = done[-1][1], final.get(session_id)
        if there is None:
            yield f"session {session_id} was booked and cannot be read"
            continue
        names = ("state", "starts_at", "ends_at", *RESOURCES)
        other = [name for name in names if name in told and told[name] != there[name]]
        if other:
            yield f"session {session_id} is not as it was told: {', '.join(other)}"
    for session_id in final.keys() - writes.keys():
        yield f"session {session_id} is there and nobody was told"


def _overlaps(verb: str, sessions: list[Document]) -> Iterator[str]:
    for one, other in combinations(sessions, 2):
        for resource in _shared(one, other):
            yield f"sessions {one['id']} and {other['id']} {verb} with one {resource}"


def _at_the_same_time(holds: list[_Hold]) -> Iterator[str]:
    """Two that were both there at a moment, even if one was cancelled later."""
    for one, other in combinations(holds, 2):
        if one.session["id"] == other.session["id"]:
            continue
        since = max(one.certainly[0], other.certainly[0])
        if since < min(one.certainly[1], other.certainly[1]):
            yield from _overlaps("stood", [one.session, other.session])


def _refused_without_cause(history: list[Asked], holds: Mapping[int, _Hold]) -> Iterator[str]:
    """A conflict names a session that may have stood in the way while it was asked."""
    for each in history:
        for conflict in each.body.get("conflicts", ()) if each.status == 409 else ():
            named = conflict.get("session_id")
            if named is not None and not any(
                hold.session["id"] == named
                and hold.possibly[0] <= each.answered
                and each.sent <= hold.possibly[1]
                for hold in holds.values()
            ):
                yield f"{each.kind} was refused for session {named}, which was not there"


def _shared(one: Document, other: Document) -> list[str]:
    """Who or what both take at the same time; buffers take practitioner and room."""
    found = []
    for resource in RESOURCES:
        same = one[resource] is not None and one[resource] == other[resource]
        (since, until), (from_, to) = _taken(one, resource), _taken(other, resource)
        if same and since < to and from_ < until:
            found.append(resource)
    return found


def _taken(session: Document, resource: str) -> tuple[str, str]:
    """Instants as the API writes them sort as text."""
    since, until = session["starts_at"], session["ends_at"]
    if resource == "patient_id":
        return since, until
    return session.get("occupied_from") or since, session.get("occupied_until") or until
