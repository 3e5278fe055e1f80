"""What the scheduling rules say about a plan's new session on one day after the other.

The rules are the very ones that judge the booking, and the facts are what they would be told then:
only the day, the session's number and what is planned besides it change from question to question.
"""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from api.clock import local_day
from api.decisions.facts_doses import in_order
from api.decisions.facts_treatments import therapies_on
from api.decisions.judged import Judged
from api.decisions.later import MET_LATER
from models import Therapy
from rules import facts
from rules.arithmetic import line_dose_micro, mixture_volume_ul, share_micro, stored_micro
from rules.case import Case
from rules.evaluate import findings
from rules.rule_set import RuleSet
from rules.stage import Stage
from rules.window import Window
from rules.window import window as window_of

# The one scheduling rule that looks at hours: early in the day it finds whatever it finds later.
_BY_THE_HOUR = "DOSE-CUMULATIVE-WINDOW"
_SECOND = timedelta(seconds=1)
_KNOWN, _PLANNED, _NEW = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Era:
    """Days that one rule set judges, from `since` on, with what is counted by its figures."""

    since: date
    figures: RuleSet
    course_counts: tuple[facts.CourseCount, ...]
    effects: tuple[facts.OpenEffect, ...]


class _Placed(NamedTuple):
    """A session by its number in the course; what the rules then hear of plan and neighbours."""

    number: int
    plan: facts.Plan
    sessions: tuple[facts.PlanSession, ...]


class DaysAhead:
    """The scheduling rules about one plan's new session, for any start within the loaded days."""

    def __init__(
        self,
        known: facts.Facts,
        therapies: Sequence[Therapy] | None,
        eras: Sequence[Era],
        starts: Sequence[datetime],
        zone: ZoneInfo,
    ) -> None:
        """starts: of the plan's sessions that take or took place, in order."""
        if known.plan is None or known.plan.protocol is None:
            raise RuntimeError("only sessions of a plan with a protocol are scheduled")
        self._known, self._plan, self.protocol = known, known.plan, known.plan.protocol
        self._therapies, self._zone = therapies, zone
        self._eras, self.starts = tuple(eras), tuple(starts)
        self._days: dict[tuple[date, int], Judged] = {}
        self._cases: dict[date, Case] = {}
        # By the place among the plan's sessions: most questions are about the same one.
        self._alone: dict[int, _Placed] = {}

    def without(self, moving: Collection[datetime]) -> "DaysAhead":
        """The same, as if the plan's sessions that start at these instants were not booked."""
        stay = [at for at, start in enumerate(self.starts) if start not in moving]
        if len(stay) == len(self.starts):
            return self
        places = {at + 1: place for place, at in enumerate(stay, 1)}
        gone = {at + 1 for at in range(len(self.starts))} - set(places)
        sessions, given = self._known.sessions, self._known.given
        if sessions is not None:
            sessions = tuple(
                replace(each, number=places.get(each.number, each.number))
                for each in sessions
                if each.number not in gone
            )
        if given is not None:
            given = tuple(each for each in given if not (each.planned and each.at in moving))
        return DaysAhead(
            replace(self._known, sessions=sessions, given=given),
            self._therapies,
            self._eras,
            [self.starts[at] for at in stay],
            self._zone,
        )

    def met_later(self, now: datetime) -> frozenset[str]:
        """Codes that only the distance brings about: nothing of the kind is found for today."""
        return MET_LATER - {each.code for each in self.at(now).findings}

    @cached_property
    def taken_days(self) -> frozenset[date]:
        """Days on which the plan has a session already: there, the time of day matters."""
        return frozenset(local_day(start, self._zone) for start in self.starts)

    def on_day(self, day: date, start: datetime) -> Judged:
        """As `at`, reckoned once for all starts of a day that the rules cannot tell apart.

        start: any instant of that day.
        """
        place = bisect_right(self.starts, start)
        if (day, place) not in self._days:
            first, last = _at(day, time(0), self._zone), _at(day, time(23, 59, 59), self._zone)
            if place:
                first = max(first, self.starts[place - 1])
            if place < len(self.starts):
                last = min(last, self.starts[place] - _SECOND)
            judged = self.at(first)
            hourly = any(each.code == _BY_THE_HOUR for each in judged.findings)
            if hourly and judged != self.at(last):
                return self.at(start)  # a window of 24 hours ends in the middle of the day
            self._days[day, place] = judged
        return self._days[day, place]

    def at(self, start: datetime, also: Sequence[datetime] = ()) -> Judged:
        """The rules about a session that starts then, beside others planned at `also`."""
        day = local_day(start, self._zone)
        number, plan, sessions = self._placed(start, also)
        era = self._era(day)
        known = replace(
            self._known,
            on=day,
            at=start,
            plan=plan,
            sessions=sessions,
            given=self._given(also),
            other_therapies=self._therapies_on(day),
            course_counts=era.course_counts,
            effects=era.effects,
        )
        found = findings(self._case_in(era).of_session(known))
        phase = self.protocol.phase_of(number)
        return Judged.of(number, phase.name if phase else None, found)

    @property
    def look_back_days(self) -> int:
        """What is planned so many days before a session, or longer ago, only gives it its number;
        but the rules see the session next to it, however far that is."""
        return max(self._case_in(era).look_back_days for era in self._eras)

    def window(self, as_of: date) -> Window:
        """Of the plan's next session after all that take or took place, as one sees it that day."""
        era = self._era(as_of)
        known = replace(self._known, on=as_of, course_counts=era.course_counts)
        return window_of(known, era.figures, as_of)

    def _case_in(self, era: Era) -> Case:
        """What all sessions share by the figures of one rule set."""
        if era.since not in self._cases:
            self._cases[era.since] = Case(Stage.SCHEDULING, self._known, era.figures)
        return self._cases[era.since]

    def _era(self, day: date) -> Era:
        return next(each for each in reversed(self._eras) if each.since <= day)

    def _placed(self, start: datetime, also: Sequence[datetime]) -> _Placed:
        if also:
            return self._place(_places(self.starts, also, start), also)
        between = bisect_right(self.starts, start)
        if between not in self._alone:
            self._alone[between] = self._place(_places(self.starts, (), start), ())
        return self._alone[between]

    def _place(self, places: dict[tuple[int, int], int], also: Sequence[datetime]) -> _Placed:
        number = places[_NEW, 0]
        plan = replace(self._plan, session_number=number)
        return _Placed(number, plan, self._sessions(places, also))

    def _sessions(
        self, places: dict[tuple[int, int], int], also: Sequence[datetime]
    ) -> tuple[facts.PlanSession, ...]:
        """The other sessions, numbered as they will be once the new ones are there."""
        known = [
            replace(each, number=places.get((_KNOWN, each.number - 1), each.number))
            for each in self._known.sessions or ()
        ]
        planned = [
            facts.PlanSession(places[_PLANNED, at], local_day(start, self._zone), performed=False)
            for at, start in enumerate(also)
        ]
        return tuple(sorted([*known, *planned], key=lambda each: (each.on, each.number)))

    def _given(self, also: Sequence[datetime]) -> tuple[facts.GivenDose, ...] | None:
        if not also or self._known.given is None:
            return self._known.given
        planned = [
            replace(dose, on=local_day(start, self._zone), at=start)
            for start in also
            for dose in self._doses
        ]
        return in_order([*self._known.given, *planned])

    @cached_property
    def _doses(self) -> tuple[facts.GivenDose, ...]:
        """What one session of this plan would give, as booked sessions are reckoned."""
        formula, volume = self._known.formula, self._plan.volume_per_session_ul
        if formula is None or volume is None:
            return ()
        lines = [
            (each.ingredient_code, each.concentration_milli, each.volume_ul)
            for each in formula.components
        ]
        prepared = mixture_volume_ul(
            (line[2] for line in lines if line[2] is not None), formula.total_volume_ul
        )
        doses: dict[str, int] = {}
        for code, strength, drawn in lines:
            if strength is not None and drawn is not None:
                doses[code] = doses.get(code, 0) + line_dose_micro(strength, drawn)
        return tuple(
            facts.GivenDose(
                code, date.min, stored_micro(share_micro(dose, volume, prepared)), planned=True
            )
            for code, dose in doses.items()
        )

    def _therapies_on(self, day: date) -> tuple[facts.OtherTherapy, ...] | None:
        if self._therapies is None:
            return None
        return therapies_on(self._therapies, day)


def _places(
    known: Sequence[datetime], planned: Sequence[datetime], new: datetime
) -> dict[tuple[int, int], int]:
    """Which session of the course each is, by its start: numbers follow the calendar."""
    starts = [(start, _KNOWN, at) for at, start in enumerate(known)]
    starts += [(start, _PLANNED, at) for at, start in enumerate(planned)]
    ordered = sorted([*starts, (new, _NEW, 0)])
    return {(kind, at): place for place, (_, kind, at) in enumerate(ordered, 1)}


def _at(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, zone).astimezone(UTC)
