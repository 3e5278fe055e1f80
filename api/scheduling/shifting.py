"""Moving a session together with the rest of its course."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.availability import freeing
from api.availability.horizon import refuse_too_far
from api.clock import local_day
from api.database import found, locked
from api.decisions.days_ahead import DaysAhead
from api.decisions.refusal import Refused
from api.preconditions import check
from api.problems import invalid
from api.scheduling.course_answers import impossible, outcome_of, shown
from api.scheduling.course_planning import Placed, Stuck
from api.scheduling.queueing import one_course_at_a_time
from api.scheduling.shift_planning import places, stays, unanswered
from api.scheduling.shift_schemas import ShiftCreate, ShiftedSession, ShiftRead
from api.security import Caller
from api.sessions import booking, moves
from api.sessions.afterwards_schemas import LeftBehind
from api.sessions.conflicts import flush_booking
from api.sessions.locking import lock_resources
from api.sessions.occupying import Booking
from api.sessions.rest_of_course import TO_COME, known_ahead, left_behind
from api.sessions.schemas import SessionPatch
from models import Patient, SessionState, TreatmentPlan, TreatmentSession

_ASIDE = timedelta(days=36_500)  # where rows wait while others take their places


@dataclass(frozen=True, slots=True)
class _Move:
    session: TreatmentSession
    was: datetime
    to: Placed


async def shift(
    db: AsyncSession, caller: Caller, session_id: UUID, draft: ShiftCreate, expected: int
) -> ShiftRead:
    """Move the session, and place those behind it nearest to the protocol's days from there.

    At its present start it stays, and only those behind it move. They keep to the people and rooms
    that they have between them. All or nothing; each that moves goes through the door of a single
    rescheduling. Raises CourseImpossible where one finds no place, Refused where findings are
    unanswered.
    """
    await one_course_at_a_time(db, caller.clinic_id)
    rows = await _locked(db, caller, session_id, draft)
    check(rows[0], expected)
    moves.require(rows[0], moves.RESCHEDULE, caller.now)
    plan = await locked(db, TreatmentPlan, caller.clinic_id, rows[0].plan_id)
    known = await known_ahead(db, caller, plan, draft.starts_at)
    judge = known.without([each.starts_at for each in rows])
    _check_start(caller, judge, draft)
    placed = await places(db, caller, judge, rows, draft)
    if isinstance(placed, Stuck):
        raise impossible(caller, judge, placed)
    behind = left_behind(judge, draft.starts_at, rows[1:])
    all_of_them = [_Move(row, row.starts_at, to) for row, to in zip(rows, placed, strict=True)]
    staying = all_of_them[: int(stays(rows[0], draft))]
    going = all_of_them[len(staying) :]
    _check_answers(caller, draft, going, behind)
    left = [(freeing.Freed.of(move.session), move.session) for move in going]
    await _aside(db, [move.session for move in going])
    for move in going:
        await _put(db, caller, move)
    sessions = [_shown(caller, move, move.session) for move in staying]
    sessions += [await _judge(db, caller, draft, move) for move in going]
    await freeing.tell_what_is_left(db, caller, left)
    db.info["decision"] = _document(sessions, behind, [])
    return ShiftRead(sessions=tuple(sessions), otherwise=behind)


async def _locked(
    db: AsyncSession, caller: Caller, session_id: UUID, draft: ShiftCreate
) -> list[TreatmentSession]:
    """The session and those of its plan that move behind it, with all that they take."""
    session = await found(db, TreatmentSession, caller.clinic_id, session_id)
    await locked(db, Patient, caller.clinic_id, session.patient_id)
    for each in draft.also_moving:
        await found(db, TreatmentSession, caller.clinic_id, each)
    statement = (
        select(TreatmentSession)
        .where(
            TreatmentSession.clinic_id == caller.clinic_id,
            TreatmentSession.plan_id == session.plan_id,
            TreatmentSession.id != session.id,
            col(TreatmentSession.state).in_(TO_COME),
            (col(TreatmentSession.starts_at) > session.starts_at)
            | col(TreatmentSession.id).in_(draft.also_moving),
        )
        .order_by(col(TreatmentSession.starts_at), col(TreatmentSession.id))
    )
    rows = [session, *(await db.exec(statement)).all()]
    for place, each in enumerate(draft.also_moving):
        if each not in {row.id for row in rows[1:]}:
            text = "This is no other booked session of the same plan."
            raise invalid(f"/also_moving/{place}", "not_of_the_course", text)
    people, rooms = {row.practitioner_id for row in rows}, {row.room_id for row in rows}
    people.add(draft.practitioner_id or session.practitioner_id)
    await lock_resources(db, caller, people, rooms | {draft.room_id})
    return [await locked(db, TreatmentSession, caller.clinic_id, row.id) for row in rows]


def _check_start(caller: Caller, judge: DaysAhead, draft: ShiftCreate) -> None:
    if draft.starts_at < caller.now.replace(second=0, microsecond=0):
        raise invalid("/starts_at", "in_the_past", "Sessions are booked ahead.")
    refuse_too_far(caller.now, draft.starts_at)
    if judge.starts and draft.starts_at <= judge.starts[-1]:
        text = "The rest of a course cannot move before a session that stays."
        raise invalid("/starts_at", "out_of_order", text)


def _check_answers(
    caller: Caller, draft: ShiftCreate, going: Sequence[_Move], behind: tuple[LeftBehind, ...]
) -> None:
    """Refused, with every session's findings, where something is left to answer."""
    left = unanswered([move.to.judged for move in going], draft)
    if not left:
        return
    sessions = [_shown(caller, move, None) for move in going]
    raise Refused(len(left), _document(sessions, behind, left))


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


def _shown(caller: Caller, move: _Move, row: TreatmentSession | None) -> ShiftedSession:
    """A session that was not asked about: it stays, or nothing moves. row: where it stays."""
    told = shown(caller, row, move.to, None)
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
