"""Booking all remaining sessions of a plan, or none."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.booking_settings import how_to_book
from api.availability.horizon import refuse_course_too_far
from api.clock import local_day
from api.database import found, locked
from api.decisions.days_ahead import DaysAhead, days_ahead
from api.decisions.later import MET_LATER
from api.decisions.refusal import Refused
from api.plans import states
from api.plans.closed_records import refuse_closed
from api.plans.holds import refuse_if_held
from api.problems import FieldError, InvalidRequest, invalid
from api.scheduling import resources
from api.scheduling.agenda import Period, SparseAgenda, Who
from api.scheduling.course_answers import document, impossible, shown
from api.scheduling.course_booking import book_all
from api.scheduling.course_planning import Placed, Planner, Stuck, Wanted
from api.scheduling.course_schemas import BookedCourse, CourseCreate
from api.scheduling.queueing import one_course_at_a_time
from api.scheduling.ranking import Preferences
from api.security import Caller
from api.sessions.locking import lock_resources
from api.sessions.moves import LIVE
from models import Patient, PlanState, TreatmentPlan, TreatmentSession

_SLACK_DAYS = 90  # behind the last target day, for what cannot be placed nearer
_LONGEST_DAYS = 1100
_UNKNOWN_GAP_DAYS = 60
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Course:
    """One request, with what it asks for."""

    plan: TreatmentPlan
    draft: CourseCreate
    judge: DaysAhead
    wanted: Wanted
    period: Period


async def book(
    db: AsyncSession, caller: Caller, plan_id: UUID, draft: CourseCreate
) -> tuple[BookedCourse, bool]:
    """The plan's course, and whether anything was booked now.

    Every session goes through the door of a single booking: calendars, conflicts, rules, decision.
    Raises CourseImpossible where one finds no place, Refused where findings are unanswered; then
    nothing is booked. Booked whole already, it answers with what is there.
    """
    await one_course_at_a_time(db, caller.clinic_id)
    plan = await found(db, TreatmentPlan, caller.clinic_id, plan_id)
    await locked(db, Patient, caller.clinic_id, plan.patient_id)
    await refuse_closed(db, plan)
    if plan.state is not PlanState.ACTIVE:
        raise states.refusal(plan, "Sessions are booked for active plans.")
    await refuse_if_held(db, plan)
    course = await _course(db, caller, plan, draft)
    there = await _live(db, plan)
    if course.wanted.sessions <= 0:
        answer = BookedCourse(
            plan_id=plan.id,
            booked=0,
            already_booked=len(there),
            sessions=tuple(shown(caller, each, None, None) for each in there),
            open_points=(),
        )
        db.info["decision"] = document(answer, ())
        return answer, False
    placed = await _placed(db, caller, course)
    _check_answers(caller, course, placed)
    booked = await book_all(db, caller, plan, draft, placed)
    answer = BookedCourse(
        plan_id=plan.id,
        booked=len(booked),
        already_booked=len(there),
        sessions=tuple(shown(caller, row, each, made) for each, row, made in booked),
        open_points=tuple(sorted(_needed(placed) & MET_LATER - _overridden(draft))),
    )
    db.info["decision"] = document(answer, ())
    return answer, True


async def _course(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, draft: CourseCreate
) -> _Course:
    if draft.time_from and draft.time_to and draft.time_from >= draft.time_to:
        raise invalid("/time_to", "reversed", "This ends before it begins.")
    first = draft.first_on or caller.today
    if first < caller.today:
        raise invalid("/first_on", "in_the_past", "Sessions are booked ahead.")
    refuse_course_too_far(caller.today, first)
    how = await how_to_book(db, caller.clinic_id)
    judge = await days_ahead(db, caller, plan, caller.today, first + _LONGEST_DAYS * _DAY)
    left = judge.protocol.sessions - len(judge.starts)
    last = _last_day(judge, left, first, caller)
    wishes = Preferences(
        zone=caller.zone,
        people=frozenset({plan.practitioner_id}) if not draft.practitioner_ids else frozenset(),
        weekdays=frozenset(draft.weekdays),
        time_from=draft.time_from,
        time_to=draft.time_to,
    )
    length = timedelta(minutes=draft.duration_minutes) if draft.duration_minutes else None
    wanted = Wanted(
        sessions=left,
        first_on=first,
        last_on=last,
        overridden=_overridden(draft) | _later(caller, judge),
        acknowledged=frozenset(draft.acknowledged),
        wishes=wishes,
        how=how,
        length=length,
    )
    minute = caller.now.replace(second=0, microsecond=0)
    period = Period(minute, minute + (last - caller.today).days * _DAY, how.not_before(caller.now))
    return _Course(plan, draft, judge, wanted, period)


def _overridden(draft: CourseCreate) -> frozenset[str]:
    return frozenset(each.code for each in draft.overrides)


def _later(caller: Caller, judge: DaysAhead) -> frozenset[str]:
    """What only the distance brings about: planned for, and then to be acknowledged."""
    today = judge.at(caller.now)
    return MET_LATER - {each.code for each in today.findings}


def _last_day(judge: DaysAhead, left: int, first: date, caller: Caller) -> date:
    """Behind it no session of the course can lie. InvalidRequest where spacing is unknown."""
    days, done = 0, len(judge.starts)
    for number in range(done + 1, done + left + 1):
        phase = judge.protocol.phase_of(number)
        if phase is None or (phase.target_days is None and number > 1):
            raise invalid(
                "",
                "unknown_spacing",
                "The protocol's spacing was never published; book one by one.",
            )
        days += phase.max_days or phase.target_days or _UNKNOWN_GAP_DAYS
    begin = max(first, local_day(judge.starts[-1], caller.zone)) if judge.starts else first
    return min(begin + (days + _SLACK_DAYS) * _DAY, first + (_LONGEST_DAYS - 1) * _DAY)


async def _placed(db: AsyncSession, caller: Caller, course: _Course) -> tuple[Placed, ...]:
    """A place for each session, kept from now on: who and what it takes is locked."""
    draft, plan = course.draft, course.plan
    people = await resources.people(db, caller, draft.practitioner_ids)
    rooms = await resources.rooms(db, caller, draft.room_ids, draft.room_features, plan)
    people.sort(key=lambda each: each != plan.practitioner_id)
    first_look = await _try(db, caller, course, Who(people, rooms, plan.patient_id))
    who = {each.practitioner_id for each in first_look}
    where = {each.room_id for each in first_look}
    await lock_resources(db, caller, who, where)
    # Somebody may have booked meanwhile: look again, now that nobody can.
    chosen = Who(
        [each for each in people if each in who],
        [each for each in rooms if each in where],
        plan.patient_id,
    )
    placed = await _try(db, caller, course, chosen)
    await locked(db, TreatmentPlan, caller.clinic_id, plan.id)
    return placed


async def _try(db: AsyncSession, caller: Caller, course: _Course, who: Who) -> tuple[Placed, ...]:
    agenda = SparseAgenda(db, caller, course.period, who)
    placed = await Planner(course.wanted, course.judge, agenda, caller.zone).place()
    if isinstance(placed, Stuck):
        raise impossible(caller, course.judge, placed)
    return placed


def _needed(placed: Iterable[Placed]) -> set[str]:
    return {code for each in placed for code in (*each.judged.override, *each.judged.acknowledge)}


def _check_answers(caller: Caller, course: _Course, placed: tuple[Placed, ...]) -> None:
    """Refused, with every session's findings, where something is left to answer.

    Raises InvalidRequest for an override of something that no session asks for.
    """
    draft, needed = course.draft, _needed(placed)
    wrong = [
        FieldError(
            f"/overrides/{place}/code",
            "no_such_finding",
            "No session of the course has such a finding, so there is nothing to override.",
        )
        for place, each in enumerate(draft.overrides)
        if each.code not in needed
    ]
    if wrong:
        raise InvalidRequest(wrong)
    left = needed - {*draft.acknowledged, *_overridden(draft)}
    if not left:
        return
    answer = BookedCourse(
        plan_id=course.plan.id,
        booked=0,
        already_booked=len(course.judge.starts),
        sessions=tuple(shown(caller, None, each, None) for each in placed),
        open_points=(),
    )
    raise Refused(len(left), document(answer, sorted(left)))


async def _live(db: AsyncSession, plan: TreatmentPlan) -> list[TreatmentSession]:
    statement = (
        select(TreatmentSession)
        .where(
            TreatmentSession.clinic_id == plan.clinic_id,
            TreatmentSession.plan_id == plan.id,
            col(TreatmentSession.state).in_(LIVE),
        )
        .order_by(col(TreatmentSession.starts_at), col(TreatmentSession.id))
    )
    return list((await db.exec(statement)).all())
