"""The places that one affected session could take: free, and allowed by the rules.

The days nearest to the plan's target are asked first, until there are enough. A day counts only if
the rules find nothing there, or a warning that applying the repair acknowledges; what would need
an override is nobody's to give for hundreds of patients at once. What only the distance brings
about (`api/decisions/later.py`) is acknowledged and stays open, as when a course is booked.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from api.availability.booking_settings import HowToBook, kind_of
from api.availability.spans import Spans
from api.clock import local_day
from api.decisions.days_ahead import DaysAhead, Judged
from api.repairs.affected import Booked
from api.repairs.spots import Needs, Spot, Spots, spread
from api.security import Caller
from api.solving.placing import LARGEST_INCONVENIENCE, Place, Taking

_DAYS_WITH_PLACES = 20  # more days than this add to the work, hardly to the choice
_DAYS_ASKED = 90
_PER_DAY = (2, 8)  # places a day with the same practitioner: for many sessions, for few
_ALL_PLACES = 36_000  # of all sessions together: what is solved within seconds
_SAME_TIME = 12
_OTHERS = 2  # as many places with other people as with the own, times this
_DAY = timedelta(days=1)


class Candidate(NamedTuple):
    """A spot on a day with what its rules said, and what it takes and costs."""

    spot: Spot
    judged: Judged
    place: Place


@dataclass(slots=True)
class Moving:
    """An affected session: its candidates best first, and why it has none if so.

    refused: how many days each rule refused. any_time: whether anybody was free on any day.
    beside: where the plan's earlier affected sessions would best go, which its days build on.
    later: codes that ask for an override only because the session lies far ahead; left open.
    """

    booked: Booked
    target_on: date
    judge: DaysAhead | None = None
    candidates: list[Candidate] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    any_time: bool = False
    code: str | None = None
    why: str = ""
    beside: tuple[datetime, ...] = ()
    later: frozenset[str] = frozenset()
    _days: dict[date, Judged] = field(default_factory=dict)

    @property
    def start(self) -> datetime:
        return self.booked.session.starts_at

    @property
    def anchor(self) -> datetime:
        """Where it would best go; where it is, if nowhere."""
        return self.candidates[0].spot.starts_at if self.candidates else self.start

    def told(self, judge: DaysAhead, leaving: Collection[datetime], caller: Caller) -> None:
        """What the rules know. leaving: the plan's sessions that are to be moved."""
        self.target_on = target_of(judge, self.start, caller)
        self.judge = judge.without(leaving)
        self.later = self.judge.met_later(caller.now)

    def refusals(self, judged: Judged) -> tuple[str, ...]:
        """Codes that stand in the way of moving it there: nobody overrides for hundreds."""
        return (*judged.blocked, *(code for code in judged.override if code not in self.later))

    def judged(self, day: date, start: datetime) -> Judged | None:
        """What the rules say to it then, reckoned once per day where they look at days alone."""
        if self.judge is None:
            return None
        if not self.beside:
            return self.judge.on_day(day, start)
        if day not in self._days:
            self._days[day] = self.judge.at(start, self.beside)
        return self._days[day]

    @property
    def length(self) -> timedelta:
        return self.booked.session.ends_at - self.booked.session.starts_at


@dataclass(frozen=True, slots=True)
class Reach:
    """Where places are looked for. sessions: how many are to be moved in all."""

    caller: Caller
    how: HowToBook
    spots: Spots
    last: date
    sessions: int

    @property
    def per_day(self) -> int:
        """Places a day with the session's own practitioner."""
        least, most = _PER_DAY
        fair = _ALL_PLACES // (max(self.sessions, 1) * _DAYS_WITH_PLACES * (1 + _OTHERS))
        return min(max(fair, least), most)


def target_of(judge: DaysAhead, start: datetime, caller: Caller) -> date:
    """The protocol's day for the session, counted from the one before; else its booked day."""
    before = [each for each in judge.starts if each < start]
    on = local_day(start, caller.zone)
    phase = judge.protocol.phase_of(len(before) + 1)
    if not before or phase is None or phase.target_days is None:
        return on
    return local_day(before[-1], caller.zone) + timedelta(days=phase.target_days)


def find(moving: Moving, needs: Needs, busy: Spans, reach: Reach, number: int) -> None:
    """Fill in the candidates of one session. busy: when its patient has other sessions."""
    if moving.judge is None:
        return
    found: dict[Spot, tuple[date, Judged]] = {}
    needs = replace(needs, usual=replace(needs.usual, length=moving.length))
    day, days, asked = _first_day(reach), 0, 0
    for day in _nearest(moving.target_on, _first_day(reach), reach.last):
        if days == _DAYS_WITH_PLACES or asked == _DAYS_ASKED:
            break
        spots = _of_day(moving, needs, busy, reach, day, number)
        if not spots:
            continue
        asked, moving.any_time = asked + 1, True
        allowed = _allowed(moving, day, spots)
        days += bool(allowed)
        found |= allowed
    found |= _same_time(moving, needs, busy, reach)
    candidates = _candidates(moving, found, reach)
    moving.candidates = sorted(candidates, key=lambda each: (each.place.cost, each.place.taken))


def _first_day(reach: Reach) -> date:
    return local_day(reach.how.not_before(reach.caller.now), reach.caller.zone)


def _nearest(target: date, first: date, last: date) -> Sequence[date]:
    days = [first + each * _DAY for each in range((last - first).days + 1)]
    return sorted(days, key=lambda day: (abs((day - target).days), day))


def _of_day(
    moving: Moving, needs: Needs, busy: Spans, reach: Reach, day: date, number: int
) -> list[Spot]:
    of_day = reach.spots.of_day(day, _with_buffers(moving, needs, reach, day))
    own, most = moving.booked.session.practitioner_id, reach.per_day
    mine = of_day.by_person.get(own, []) if own in needs.people else []
    found = spread(mine, most, number)
    if len(needs.people) > 1:
        theirs = spread(of_day.spots, most * _OTHERS, number)
        found += [spot for spot in theirs if spot.practitioner_id != own]
    earliest = reach.how.not_before(reach.caller.now)
    return [
        spot
        for spot in found
        if spot.starts_at >= earliest and _clear(spot.starts_at, moving.length, busy)
    ]


def _with_buffers(moving: Moving, needs: Needs, reach: Reach, day: date) -> Needs:
    """Buffers are those of the kind that the session would be then, by its place in the course."""
    if moving.judge is None:
        return needs
    others = (*moving.judge.starts, *moving.beside)
    before = sum(local_day(each, reach.caller.zone) < day for each in others)
    phase = moving.judge.protocol.phase_of(before + 1)
    kind = kind_of(before + 1, phase.name if phase else None)
    return replace(needs, usual=replace(needs.usual, buffers=reach.how.usual[kind].buffers))


def _clear(start: datetime, length: timedelta, busy: Spans) -> bool:
    return all(span.end <= start or start + length <= span.start for span in busy)


def _allowed(moving: Moving, day: date, spots: Sequence[Spot]) -> dict[Spot, tuple[date, Judged]]:
    found = {}
    refusals: set[str] = set()
    for spot in spots:
        judged = moving.judged(day, spot.starts_at)
        if judged is None:
            continue
        refused = moving.refusals(judged)
        if refused:
            refusals.update(refused)
        else:
            found[spot] = (day, judged)
    if not found:
        moving.refused.update(refusals)
    return found


def _same_time(
    moving: Moving, needs: Needs, busy: Spans, reach: Reach
) -> dict[Spot, tuple[date, Judged]]:
    """The session as it is, taken over by others or in another room."""
    if not _clear(moving.start, moving.length, busy):
        return {}
    day = local_day(moving.start, reach.caller.zone)
    spots = reach.spots.at(moving.start, _with_buffers(moving, needs, reach, day), _SAME_TIME)
    return _allowed(moving, day, spots)


def _candidates(
    moving: Moving, found: dict[Spot, tuple[date, Judged]], reach: Reach
) -> list[Candidate]:
    own, start = moving.booked.session.practitioner_id, moving.start
    patient, minutes = f"patient {moving.booked.session.patient_id}", reach.spots.minutes
    usual_minutes, length = minutes(start), int(moving.length.total_seconds())
    candidates = []
    for spot, (day, judged) in found.items():
        buffers = reach.how.usual[kind_of(judged.number, judged.phase)].buffers
        begins = int(spot.starts_at.timestamp())
        occupied = (
            begins - int(buffers.before.total_seconds()),
            begins + length + int(buffers.after.total_seconds()),
        )
        taken = [
            Taking(patient, begins, begins + length),
            Taking(f"staff {spot.practitioner_id}", *occupied),
        ]
        if spot.room_id is not None:
            taken.append(Taking(f"room {spot.room_id}", *occupied))
        # Another time of the day by the wall clock: one for every two hours.
        hours_off = abs(minutes(spot.starts_at) - usual_minutes) // 120
        place = Place(
            taken=tuple(taken),
            moved=spot.starts_at != start,
            days_off=abs((day - moving.target_on).days),
            other_practitioner=spot.practitioner_id != own,
            inconvenience=min(hours_off, LARGEST_INCONVENIENCE),
        )
        candidates.append(Candidate(spot, judged, place))
    return candidates
