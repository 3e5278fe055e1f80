"""What the scheduling rules would say on many days, with the facts loaded once.

A search for slots, and a course, ask the same question for day after day. The rules are the very
ones that judge the booking, and the facts are what they would be told then: only the day, the
session's number and what is planned besides it change from question to question.
"""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from api.clock import local_day
from api.database import found
from api.decisions import facts_doses, facts_effects, facts_patient, facts_plan, facts_treatments
from api.decisions.facts import SLACK_DAYS, longest_interval, stated_days
from api.decisions.facts_formula import load_formula
from api.decisions.figures import in_force
from api.decisions.schemas import FindingRead
from api.security import Caller
from models import Patient, RuleSet, RuleSetState, SessionState, Therapy, TreatmentPlan
from models import TreatmentSession as Row
from rules import facts
from rules.arithmetic import line_dose_micro, mixture_volume_ul, share_micro, stored_micro
from rules.evaluate import evaluate
from rules.finding import Finding, Severity
from rules.rule_set import RuleSet as Figures
from rules.rule_set import look_back_days
from rules.stage import Stage

_LIVE = (
    SessionState.SCHEDULED,
    SessionState.CONFIRMED,
    SessionState.CHECKED_IN,
    SessionState.COMPLETED,
)
_PUBLISHED = (RuleSetState.PUBLISHED, RuleSetState.SUPERSEDED)
# The one scheduling rule that looks at hours: early in the day it finds whatever it finds later.
_BY_THE_HOUR = "DOSE-CUMULATIVE-WINDOW"
_SECOND = timedelta(seconds=1)
_KNOWN, _PLANNED, _NEW = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Judged:
    """What a booking on that day would be told.

    number, phase: of the session by its place in the course. acknowledge, override: codes that
    the booking must answer; blocked: codes that nobody can answer.
    """

    number: int
    phase: str | None
    findings: tuple[FindingRead, ...]
    acknowledge: tuple[str, ...]
    override: tuple[str, ...]
    blocked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Era:
    """Days that one rule set judges, from `since` on, with what is counted by its figures."""

    since: date
    figures: Figures
    course_counts: tuple[facts.CourseCount, ...]
    effects: tuple[facts.OpenEffect, ...]


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
        places = _places(self.starts, also, start)
        number = places[_NEW, 0]
        era = next(each for each in reversed(self._eras) if each.since <= day)
        known = replace(
            self._known,
            on=day,
            at=start,
            plan=replace(self._plan, session_number=number),
            sessions=self._sessions(places, also),
            given=self._given(also),
            other_therapies=self._therapies_on(day),
            course_counts=era.course_counts,
            effects=era.effects,
        )
        findings = evaluate(Stage.SCHEDULING, known, era.figures).findings
        phase = self.protocol.phase_of(number)
        return _judged(number, phase.name if phase else None, findings)

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
        return facts_doses.in_order([*self._known.given, *planned])

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
        return facts_treatments.therapies_on(self._therapies, day)


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


def _judged(number: int, phase: str | None, findings: tuple[Finding, ...]) -> Judged:
    def codes(severity: Severity) -> tuple[str, ...]:
        return tuple(sorted({each.code for each in findings if each.severity is severity}))

    return Judged(
        number,
        phase,
        tuple(FindingRead.of(each) for each in findings),
        codes(Severity.WARN),
        codes(Severity.OVERRIDE),
        codes(Severity.BLOCK),
    )


async def days_ahead(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, first: date, last: date
) -> DaysAhead:
    """Load what the rules look at for a new session of the plan on the days first to last."""
    clinic_id = caller.clinic_id
    figures = await _figures(db, caller, first, last)
    loaded = await load_formula(db, clinic_id, plan.formula_version_id)
    known = await facts_plan.load_plan(db, plan, None, caller.zone)
    person = await found(db, Patient, clinic_id, plan.patient_id)
    patient = await facts_patient.load_patient(db, person, first)
    own = max(look_back_days(loaded.own), stated_days(loaded, known.protocol))
    back = max(own, *(each.look_back_days for _, each in figures))
    span = facts_doses.Span.around(first, back)
    span = replace(span, last=last + (span.last - first))
    nobody = uuid7()
    given = await facts_doses.load_given(db, clinic_id, plan.patient_id, span)
    booked = await facts_doses.load_booked(db, clinic_id, plan.patient_id, span, nobody)
    reach = (last - first).days + max(back, 2 * longest_interval(known.protocol)) + SLACK_DAYS
    rows = await facts_treatments.load_therapies(db, clinic_id, plan.patient_id)
    return DaysAhead(
        facts.Facts(
            on=first,
            patient=patient.patient,
            formula=loaded.formula,
            plan=known,
            sessions=await facts_plan.load_sessions(db, plan, first, reach, nobody),
            given=facts_doses.in_order([*given, *booked]),
            people=facts.People(proposer_id=str(plan.recorded_by)),
            own_ingredients=loaded.own,
        ),
        None if patient.therapies is None else rows,
        await _eras(db, plan, loaded.formula, figures),
        await _starts(db, plan),
        caller.zone,
    )


async def _eras(
    db: AsyncSession,
    plan: TreatmentPlan,
    formula: facts.Formula,
    figures: Sequence[tuple[date, Figures]],
) -> list[Era]:
    """What is counted by the figures of each rule set."""
    whose = (plan.clinic_id, plan.patient_id)
    effects = await facts_effects.load_effects(db, *whose)
    holds = await facts_effects.load_holds(db, plan.clinic_id, plan, plan.patient_id)
    return [
        Era(
            since,
            each,
            await facts_doses.load_course_counts(db, *whose, formula, plan.areas, each),
            facts_effects.open_effects(effects, holds, plan, each),
        )
        for since, each in figures
    ]


async def _figures(
    db: AsyncSession, caller: Caller, first: date, last: date
) -> list[tuple[date, Figures]]:
    """The rule sets that judge these days, each with its first day."""
    statement = (
        select(col(RuleSet.valid_from))
        .where(
            RuleSet.clinic_id == caller.clinic_id,
            col(RuleSet.state).in_(_PUBLISHED),
            RuleSet.valid_from > first,
            RuleSet.valid_from <= last,
        )
        .order_by(col(RuleSet.valid_from))
    )
    turns = sorted(set((await db.exec(statement)).all()))
    opening = (date.min, (await in_force(db, caller.clinic_id, first)).figures)
    return [
        opening,
        *[(day, (await in_force(db, caller.clinic_id, day)).figures) for day in turns],
    ]


async def _starts(db: AsyncSession, plan: TreatmentPlan) -> list[datetime]:
    statement = (
        select(col(Row.starts_at))
        .where(Row.clinic_id == plan.clinic_id, Row.plan_id == plan.id, col(Row.state).in_(_LIVE))
        .order_by(col(Row.starts_at), col(Row.id))
    )
    return list((await db.exec(statement)).all())
