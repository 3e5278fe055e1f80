"""Which places exclude each other, without a grid of minutes.

Stretches of one resource that overlap pairwise share an instant, so the largest sets of them are
found by going through the ends in order of time: such a set is complete just before one of its
members ends, if somebody joined since the last one left. At most one place of each set can be
chosen, and no two places of different sets collide: these are all the conflicts, exactly, in as
many rows as there are such sets.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from api.solving.placing import Affected

Candidate = tuple[int, int]
"""A session's position and the position of one of its places."""


def cliques(sessions: Sequence[Affected]) -> Iterator[list[Candidate]]:
    """Largest sets of places that overlap pairwise on a resource, sorted; of two sessions or more.

    Places of one session exclude each other anyway.
    """
    for _, stretches in sorted(_by_resource(sessions).items()):
        for members in _overlapping(stretches):
            if len({session for session, _ in members}) > 1:
                yield sorted(members)


def _by_resource(
    sessions: Sequence[Affected],
) -> dict[str, list[tuple[int, int, Candidate]]]:
    found: defaultdict[str, list[tuple[int, int, Candidate]]] = defaultdict(list)
    for position, session in enumerate(sessions):
        for number, place in enumerate(session.places):
            for taking in place.taken:
                if taking.begins < taking.ends:
                    found[taking.resource].append((taking.begins, taking.ends, (position, number)))
    return found


def _overlapping(stretches: list[tuple[int, int, Candidate]]) -> Iterator[set[Candidate]]:
    """Half-open: what ends when another begins does not overlap it."""
    leaves, joins = 0, 1
    events = sorted(
        event
        for begins, ends, candidate in stretches
        for event in ((begins, joins, candidate), (ends, leaves, candidate))
    )
    present: set[Candidate] = set()
    joined = False
    for _, kind, candidate in events:
        if kind == joins:
            present.add(candidate)
            joined = True
            continue
        if joined:
            yield set(present)
            joined = False
        present.discard(candidate)
