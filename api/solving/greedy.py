"""A plan without a solver: the hardest sessions first, each to its best place that is still free.

It is there at once, whatever is installed: what a solver must beat, and what is proposed when
the solver finds nothing better in its time.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Sequence

from api.solving.placing import PATIENT_MOVED, Affected, Choice, Place, Taking

_Busy = defaultdict[str, list[tuple[int, int]]]


def greedy(sessions: Sequence[Affected]) -> Choice:
    """A sound choice: those with the fewest places first, ties in the order given."""
    order = sorted(range(len(sessions)), key=lambda each: (len(sessions[each].places), each))
    busy: _Busy = defaultdict(list)
    moved: set[str] = set()
    choice: list[int | None] = [None] * len(sessions)
    for position in order:
        session = sessions[position]
        chosen = _best(session, busy, moved)
        choice[position] = chosen
        if chosen is not None:
            place = session.places[chosen]
            for taking in place.taken:
                insort(busy[taking.resource], (taking.begins, taking.ends))
            if place.moved:
                moved.add(session.patient)
    return tuple(choice)


def _best(session: Affected, busy: _Busy, moved: set[str]) -> int | None:
    def price(number: int) -> tuple[int, int]:
        place = session.places[number]
        anew = place.moved and session.patient not in moved
        return place.cost + (PATIENT_MOVED if anew else 0), number

    for number in sorted(range(len(session.places)), key=price):
        if _free(session.places[number], busy):
            return number
    return None


def _free(place: Place, busy: _Busy) -> bool:
    return not any(_taken(taking, busy[taking.resource]) for taking in place.taken)


def _taken(taking: Taking, stretches: list[tuple[int, int]]) -> bool:
    """The stretches are disjoint and in order, so only the two beside the beginning matter."""
    index = bisect_left(stretches, (taking.begins, taking.begins))
    after = index < len(stretches) and stretches[index][0] < taking.ends
    return after or (index > 0 and stretches[index - 1][1] > taking.begins)
