"""What the places of several sessions mean for each other, beyond taking the same time.

Sessions of one plan must keep the distances that the rules ask for, wherever both go. A session
may take time that another one leaves only if that one does leave, and not in a circle: they are
moved one after the other, and nobody is in two places at any moment.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from uuid import UUID

from api.clock import local_day
from api.repairs.candidates import Candidate, Moving
from api.security import Caller
from api.sessions.occupying import Booking
from api.solving.placing import Choice, Taking

_MANY_PAIRS, _FEW_DAYS = 20, 8

Forbidden = set[tuple[int, int]]
"""Positions of sessions and of their places."""


def keep_distances(moving: Sequence[Moving], caller: Caller) -> None:
    """Make places of one plan's sessions exclude each other where the rules refuse the pair."""
    by_plan: defaultdict[UUID, list[int]] = defaultdict(list)
    for position, each in enumerate(moving):
        by_plan[each.booked.plan.id].append(position)
    pairs = [pair for each in by_plan.values() for pair in pairwise(each)]
    if len(pairs) > _MANY_PAIRS:
        for position in {each for pair in pairs for each in pair}:
            _nearest_days(moving[position], caller)
    for one, other in pairs:
        plan_id = moving[one].booked.plan.id
        rest = [moving[each].anchor for each in by_plan[plan_id] if each not in (one, other)]
        _exclude(moving, (one, other), rest, caller)


def _nearest_days(moving: Moving, caller: Caller) -> None:
    """Fewer days of a session, so that all pairs of days can still be asked about."""
    days: list[date] = []
    for each in moving.candidates:
        day = local_day(each.spot.starts_at, caller.zone)
        if day not in days:
            days.append(day)
    kept = set(days[:_FEW_DAYS])
    moving.candidates = [
        each for each in moving.candidates if local_day(each.spot.starts_at, caller.zone) in kept
    ]


def _exclude(
    moving: Sequence[Moving], pair: tuple[int, int], rest: Sequence[datetime], caller: Caller
) -> None:
    """rest: where the plan's other affected sessions would best go."""
    one, other = pair
    mine, theirs = _by_day(moving[one], caller), _by_day(moving[other], caller)
    for number, day in enumerate(sorted(mine)):
        bad = [
            each for each in theirs if _clash(moving[one], (mine[day][0], theirs[each][0]), rest)
        ]
        if not bad:
            continue
        mark = Taking(f"pair {one} {other} {number}", 0, 1)
        moving[one].candidates = _marked(moving[one], {day}, mark, caller)
        moving[other].candidates = _marked(moving[other], set(bad), mark, caller)


def _by_day(moving: Moving, caller: Caller) -> dict[date, list[Candidate]]:
    found: defaultdict[date, list[Candidate]] = defaultdict(list)
    for each in moving.candidates:
        found[local_day(each.spot.starts_at, caller.zone)].append(each)
    return found


def _clash(moving: Moving, pair: tuple[Candidate, Candidate], rest: Sequence[datetime]) -> bool:
    """Whether the rules refuse either beside the other. Their judge knows neither as booked."""
    judge, starts = moving.judge, [each.spot.starts_at for each in pair]
    if judge is None:
        return False
    if starts[0] == starts[1]:
        return True
    for start, beside in (starts, reversed(starts)):
        if moving.refusals(judge.at(start, [beside, *rest])):
            return True
    return False


def _marked(moving: Moving, days: set[date], mark: Taking, caller: Caller) -> list[Candidate]:
    return [
        each._replace(place=replace(each.place, taken=(*each.place.taken, mark)))
        if local_day(each.spot.starts_at, caller.zone) in days
        else each
        for each in moving.candidates
    ]


def refused_together(moving: Sequence[Moving], choice: Choice) -> Forbidden:
    """Places that the rules refuse beside those chosen for the plan's other affected sessions.

    A session that stays counts where it is.
    """
    starts: defaultdict[UUID, list[int]] = defaultdict(list)
    for position, each in enumerate(moving):
        starts[each.booked.plan.id].append(position)
    found: Forbidden = set()
    for positions in starts.values():
        if len(positions) < 2:
            continue
        for position in reversed(positions):
            chosen, judge = choice[position], moving[position].judge
            if chosen is None or judge is None:
                continue
            beside = [_start(moving, choice, each) for each in positions if each != position]
            start = moving[position].candidates[chosen].spot.starts_at
            if moving[position].refusals(judge.at(start, sorted(beside))):
                found.add((position, chosen))
                break  # without it, those before it may be right
    return found


def _start(moving: Sequence[Moving], choice: Choice, position: int) -> datetime:
    chosen = choice[position]
    each = moving[position]
    return each.start if chosen is None else each.candidates[chosen].spot.starts_at


def order(moving: Sequence[Moving], choice: Choice) -> tuple[list[int], Forbidden]:
    """In which order the chosen moves can be made, and which stand in the way of any order.

    What stands in the way: a place that a session without one keeps taken, and one place of each
    circle.
    """
    needs = _leaves_first(moving, choice)
    ordered: list[int] = []
    forbidden: Forbidden = set()
    left = {position for position, chosen in enumerate(choice) if chosen is not None}
    while left:
        ready = sorted(each for each in left if not needs[each] - set(ordered))
        if ready:
            ordered += ready
            left -= set(ready)
            continue
        stuck = next(
            (each for each in sorted(left) if any(choice[other] is None for other in needs[each])),
            min(left),
        )
        forbidden.add((stuck, choice[stuck] or 0))
        left.discard(stuck)
        for each in left:
            needs[each].discard(stuck)
    return ordered, forbidden


def _leaves_first(moving: Sequence[Moving], choice: Choice) -> list[set[int]]:
    """For each session, those whose present time its chosen place takes."""
    present: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for position, each in enumerate(moving):
        for taking in _present(each):
            present[taking.resource].append((taking.begins, taking.ends, position))
    needs: list[set[int]] = [set() for _ in moving]
    for position, chosen in enumerate(choice):
        if chosen is None:
            continue
        for taking in moving[position].candidates[chosen].place.taken:
            needs[position].update(
                other
                for begins, ends, other in present.get(taking.resource, ())
                if other != position and begins < taking.ends and taking.begins < ends
            )
    return needs


def _present(moving: Moving) -> list[Taking]:
    booking = Booking.of(moving.booked.session)
    begins, ends = (
        int(each.timestamp()) for each in (booking.occupied_from, booking.occupied_until)
    )
    starts, stops = (int(each.timestamp()) for each in (booking.starts_at, booking.ends_at))
    taken = [
        Taking(f"staff {booking.practitioner_id}", begins, ends),
        Taking(f"patient {booking.patient_id}", starts, stops),
    ]
    if booking.room_id is not None:
        taken.append(Taking(f"room {booking.room_id}", begins, ends))
    return taken
