"""Moving a session together with the rest of its course."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability.booking_settings import how_to_book
from api.clock import local_day
from api.database import found, locked
from api.decisions.days_ahead import DaysAhead, days_ahead
from api.decisions.later import MET_LATER
from api.decisions.refusal import Refused
from api.preconditions import check
from api.problems import invalid
from api.scheduling.course_answers import impossible, outcome_of, shown
from api.scheduling.course_planning import Placed, Planner, Stuck, Wanted
from api.scheduling.queueing import one_course_at_a_time
from api.scheduling.ranking import Preferences
from api.scheduling.search import Agenda, Period, Who
from api.scheduling.shift_schemas import LeftBehind, ShiftCreate, ShiftedSession, ShiftRead
from api.security import Caller
from api.sessions import booking, moves
from api.sessions.conflicts import flush_booking
from api.sessions.locking import lock_resources
from api.sessions.occupying import Booking
from api.sessions.schemas import SessionPatch
from models import Patient, SessionState, TreatmentPlan, TreatmentSession

_TO_COME = (SessionState.SCHEDULED, SessionState.CONFIRMED)
_DAY = timedelta(days=1)
_AHEAD = 1100 * _DAY
_ASIDE = 36_500 * _DAY  # where rows wait while others take their places


@dataclass(frozen=True, slots=True)
class _Move:
    session: TreatmentSession
    was: datetime
    to: Placed


async def shift(
    db: AsyncSession, caller: Caller, session_id: UUID, draft: ShiftCreate, expected: int
) -> ShiftRead:
    """Move the session, and place those behind it nearest to the protocol's days from there.

    They keep to the people and rooms that they have between them. All or nothing; each goes
    through the door of a single rescheduling. Raises CourseImpossible where one finds no place,
    Refused where findings are unanswered.
    """
    await one_course_at_a_time(db, caller.clinic_id)
    rows = await _locked(db, caller, session_id)
    session = rows[0]
    check(session, expected)
    moves.require(session, moves.RESCHEDULE, caller.now)
    plan = await locked(db, TreatmentPlan, caller.clinic_id, session.plan_id)
    last = max(local_day(draft.starts_at, caller.zone), caller.today) + _AHEAD
    known = await days_ahead(db, caller, plan, caller.today, last)
    judge = known.without([each.starts_at for each in rows])
    _check_start(caller, judge, draft)
    placed = await _placed(db, caller, judge, rows, draft)
    behind = _otherwise(judge, rows, draft.starts_at)
    going = [_Move(row, row.starts_at, to) for row, to in zip(rows, placed, strict=True)]
    _check_answers(caller, draft, going, behind)
    await _aside(db, rows)
    for move in going:
        await _put(db, caller, move)
    sessions = [await _judge(db, caller, draft, move) for move in going]
    db.info["decision"] = _document(sessions, behind, [])
    return ShiftRead(sessions=tuple(sessions), otherwise=behind)


async def _locked(db: AsyncSession, caller: Caller, session_id: UUID) -> list[TreatmentSession]:
    """The session and those of its plan behind it, with all that they take."""
    session = await found(db, TreatmentSession, caller.clinic_id, session_id)
    await locked(db, Patient, caller.clinic_id, session.patient_id)
    statement = (
        select(TreatmentSession)
        .where(
            TreatmentSession.clinic_id == caller.clinic_id,
            TreatmentSession.plan_id == session.plan_id,
            col(TreatmentSession.state).in_(_TO_COME),
            TreatmentSession.starts_at > session.starts_at,
        )
        .order_by(col(TreatmentSession.starts_at), col(TreatmentSession.id))
    )
    rows = [session, *(await db.exec(statement)).all()]
    people, rooms = {row.practitioner_id for row in rows}, {row.room_id for row in rows}
    await lock_resources(db, caller, people, rooms)
    return [await locked(db, TreatmentSession, caller.clinic_id, row.id) for row in rows]


def _check_start(caller: Caller, judge: DaysAhead, draft: ShiftCreate) -> None:
    if draft.starts_at < caller.now.replace(second=0, microsecond=0):
        raise invalid("/starts_at", "in_the_past", "Sessions are booked ahead.")
    if judge.starts and draft.starts_at <= judge.starts[-1]:
        text = "The rest of a course cannot move before a session that stays."
        raise invalid("/starts_at", "out_of_order", text)


async def _placed(
    db: AsyncSession,
    caller: Caller,
    judge: DaysAhead,
    rows: Sequence[TreatmentSession],
    draft: ShiftCreate,
) -> tuple[Placed, ...]:
    first = rows[0]
    people = list(dict.fromkeys(row.practitioner_id for row in rows))
    rooms = list(dict.fromkeys(row.room_id for row in rows if row.room_id is not None))
    who = Who(people, rooms, first.patient_id, moving=[row.id for row in rows])
    how = await how_to_book(db, caller.clinic_id)
    minute = caller.now.replace(second=0, microsecond=0)
    day = local_day(draft.starts_at, caller.zone)
    last = day + _AHEAD - _DAY
    length = first.ends_at - first.starts_at
    start = Placed(
        draft.starts_at, draft.starts_at + length, first.practitioner_id, first.room_id, None,
        judge.at(draft.starts_at),
    )  # fmt: skip
    today = {each.code for each in judge.at(caller.now).findings}
    wanted = Wanted(
        sessions=len(rows),
        first_on=caller.today,
        last_on=last,
        overridden=frozenset(each.code for each in draft.overrides) | (MET_LATER - today),
        acknowledged=frozenset(draft.acknowledged),
        wishes=Preferences(zone=caller.zone, people=frozenset({first.practitioner_id})),
        how=how,
        length=length,
    )
    until = minute + (last - caller.today).days * _DAY
    agenda = Agenda(db, caller, Period(minute, until, how.not_before(caller.now)), who)
    placed = await Planner(wanted, judge, agenda, caller.zone).place((start,))
    if isinstance(placed, Stuck):
        raise impossible(caller, judge, placed)
    return placed


def _otherwise(
    judge: DaysAhead, rows: Sequence[TreatmentSession], start: datetime
) -> tuple[LeftBehind, ...]:
    """The rules about each session behind, had only the first one moved."""
    told = []
    for row in rows[1:]:
        others = [start, *(each.starts_at for each in rows[1:] if each is not row)]
        judged = judge.at(row.starts_at, others)
        told.append(
            LeftBehind(
                id=row.id,
                session_number=judged.number,
                starts_at=row.starts_at,
                findings=judged.findings,
            )
        )
    return tuple(told)


def _check_answers(
    caller: Caller, draft: ShiftCreate, going: Sequence[_Move], behind: tuple[LeftBehind, ...]
) -> None:
    """Refused, with every session's findings, where something is left to answer."""
    given = {*draft.acknowledged, *(each.code for each in draft.overrides)}
    judged = [move.to.judged for move in going]
    left = {
        code
        for each in judged
        for code in (*each.blocked, *each.override, *each.acknowledge)
        if code not in given or code in each.blocked
    }
    if not left:
        return
    sessions = [_shown(caller, move, None) for move in going]
    raise Refused(len(left), _document(sessions, behind, sorted(left)))


async def _aside(db: AsyncSession, rows: Sequence[TreatmentSession]) -> None:
    """Out of each other's way: one may go where another still is."""
    for row in rows:
        row.starts_at, row.ends_at = row.starts_at + _ASIDE, row.ends_at + _ASIDE
        row.occupied_from = row.occupied_until = None
    await db.flush()


async def _put(db: AsyncSession, caller: Caller, move: _Move) -> None:
    """Its new place, before any is judged: each is judged beside where the others go."""
    session, to = move.session, move.to
    if to.starts_at != move.was and session.state is SessionState.CONFIRMED:
        session.state, session.confirmed_at = SessionState.SCHEDULED, None
    session.starts_at, session.ends_at = to.starts_at, to.ends_at
    session.scheduled_on = local_day(to.starts_at, caller.zone)
    session.practitioner_id, session.room_id = to.practitioner_id, to.room_id
    await flush_booking(db, Booking.of(session))


async def _judge(
    db: AsyncSession, caller: Caller, draft: ShiftCreate, move: _Move
) -> ShiftedSession:
    """The ordinary rescheduling, to where the session was just put."""
    asked = {*move.to.judged.override, *move.to.judged.acknowledge}
    patch = SessionPatch(
        starts_at=move.to.starts_at,
        overrides=tuple(each for each in draft.overrides if each.code in asked),
        acknowledged=tuple(code for code in draft.acknowledged if code in asked),
    )
    await db.flush()
    row, made = await booking.reschedule(
        db, caller, move.session.id, patch, move.session.version, ahead=True
    )
    told = shown(caller, row, move.to, made)
    return ShiftedSession(**told.model_dump(), moved_from=move.was)


def _shown(caller: Caller, move: _Move, made: None) -> ShiftedSession:
    told = shown(caller, None, move.to, made)
    known = told.model_dump() | {"id": move.session.id}
    return ShiftedSession(**known, moved_from=move.was)


def _document(
    sessions: Sequence[ShiftedSession], behind: tuple[LeftBehind, ...], left: Sequence[str]
) -> dict[str, Any]:
    """What a dry run answers, and what a refusal carries."""
    findings = [
        {**finding.model_dump(mode="json"), "session_number": each.session_number}
        for each in sessions
        for finding in each.findings
    ]
    return {
        "outcome": outcome_of(findings, left),
        "decision_id": None,
        "findings": findings,
        "unanswered": list(left),
        "sessions": [{**each.model_dump(mode="json"), "decision_id": None} for each in sessions],
        "otherwise": [each.model_dump(mode="json") for each in behind],
    }
