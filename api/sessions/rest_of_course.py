"""The rest of a course when one of its sessions moves: left where it is, or moved along.

The findings are those of the scheduling rules about each session behind, had only the one moved.
Where a shift would put them is found by whoever plans courses (`api/main.py` says who); sessions
know nothing of that.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import local_day
from api.database import found
from api.decisions.days_ahead import DaysAhead, Judged, days_ahead
from api.decisions.later import left_by
from api.decisions.schemas import FindingRead
from api.preconditions import etag
from api.security import Caller
from api.sessions.afterwards_schemas import LeftBehind, RestOfCourse, RestSession, ShiftOffer
from api.sessions.schemas import SessionPatch
from models import SessionState, TreatmentPlan, TreatmentSession

AHEAD = timedelta(days=1100)  # behind a start: the longest that a course is followed
TO_COME = (SessionState.SCHEDULED, SessionState.CONFIRMED)
_WHO_AND_WHERE = ("practitioner_id", "room_id", "duration_minutes")


@dataclass(frozen=True, slots=True)
class Moved:
    """A session that moves, or has. was, to: its starts. made: whether that will be written.

    version: of the session as it is once this request has been answered.
    """

    session: TreatmentSession
    was: datetime
    to: datetime
    made: bool
    version: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where a shift would put each session. no_place_for: the number of one that finds none.

    unanswered: codes of the findings there that the body leaves open.
    """

    starts: dict[UUID, datetime]
    unanswered: tuple[str, ...]
    no_place_for: int | None = None


Planner = Callable[
    [AsyncSession, Caller, DaysAhead, Sequence[TreatmentSession], dict[str, Any]],
    Awaitable[Proposal],
]
_planners: dict[str, Planner] = {}
_JSON = TypeAdapter(dict[str, Any])


def plan_shifts_with(planner: Planner) -> None:
    """Ask `planner` where the rest of a course would go."""
    _planners["shift"] = planner


async def rest_of_course(
    db: AsyncSession, caller: Caller, moved: Moved, patch: SessionPatch
) -> RestOfCourse | None:
    """Both futures of the sessions behind; None where there are none, or the start stays.

    The rules are asked with facts loaded once; calendars are read by stretches of three weeks.
    """
    behind = await _behind(db, moved) if moved.was != moved.to else []
    if not behind:
        return None
    session = moved.session
    plan = await found(db, TreatmentPlan, caller.clinic_id, session.plan_id)
    known = await known_ahead(db, caller, plan, behind[-1].starts_at)
    rows = [session, *behind]
    judge = known.without([each.starts_at for each in rows])
    left = left_behind(judge, moved.to, behind)
    unmoved = left_behind(judge, moved.was, behind)
    body = await _body(db, caller, moved, patch, behind)
    proposal = await _planners["shift"](db, caller, judge, rows, body) if body else None
    return RestOfCourse(
        sessions=tuple(
            _shown(now, before, proposal) for now, before in zip(left, unmoved, strict=True)
        ),
        shift=_offer(moved, body, proposal) if body and proposal else None,
    )


async def known_ahead(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, start: datetime
) -> DaysAhead:
    """What the rules know of the plan, for as long as a course may take from that start."""
    last = max(local_day(start, caller.zone), caller.today) + AHEAD
    return await days_ahead(db, caller, plan, caller.today, last)


def left_behind(
    judge: DaysAhead, start: datetime, rows: Sequence[TreatmentSession]
) -> tuple[LeftBehind, ...]:
    """The rules about each of these, had only the one before them moved to `start`.

    judge: knows neither that one nor these.
    """
    return tuple(
        LeftBehind(
            id=row.id,
            session_number=judged.number,
            starts_at=row.starts_at,
            findings=judged.findings,
        )
        for row, judged in [(each, _judged(judge, start, each, rows)) for each in rows]
    )


def _judged(
    judge: DaysAhead, start: datetime, row: TreatmentSession, rows: Sequence[TreatmentSession]
) -> Judged:
    others = [start, *(each.starts_at for each in rows if each is not row)]
    return judge.at(row.starts_at, others)


def _shown(now: LeftBehind, before: LeftBehind, proposal: Proposal | None) -> RestSession:
    known = {_figures(each) for each in before.findings}
    return RestSession(
        **dict(now),
        brought=tuple(
            dict.fromkeys(each.code for each in now.findings if _figures(each) not in known)
        ),
        would_start_at=proposal.starts.get(now.id) if proposal else None,
    )


def _figures(finding: FindingRead) -> tuple[str, str, str | None, str | None]:
    """What makes a finding another one; its words name days and numbers that say nothing new."""
    return finding.code, finding.outcome, finding.measured, finding.limit


def _offer(moved: Moved, body: dict[str, Any], proposal: Proposal) -> ShiftOffer:
    return ShiftOffer(
        href=f"/v1/sessions/{moved.session.id}/shift?dry_run=true",
        if_match=etag(moved.version),
        body=body,
        unanswered=proposal.unanswered,
        no_place_for=proposal.no_place_for,
    )


async def _body(
    db: AsyncSession,
    caller: Caller,
    moved: Moved,
    patch: SessionPatch,
    behind: Sequence[TreatmentSession],
) -> dict[str, Any]:
    """What to send; empty where a shift cannot do what the move asks for.

    Of a move that is not made, the shift does the whole of it, with its answers.
    """
    if patch.overbook is not None and not moved.made:
        return {}
    later = await left_by(db, caller.clinic_id, [each.decision_id for each in behind])
    names = set() if moved.made else patch.model_fields_set & {*_WHO_AND_WHERE, "overrides"}
    body: dict[str, Any] = {
        "starts_at": moved.to,
        **{name: getattr(patch, name) for name in names},
        "acknowledged": sorted({*later, *(() if moved.made else patch.acknowledged)}),
    }
    present = moved.to if moved.made else moved.was
    passed = [each.id for each in behind if each.starts_at <= present]
    told: dict[str, Any] = _JSON.dump_python(
        body | ({"also_moving": passed} if passed else {}), mode="json"
    )
    return told


async def _behind(db: AsyncSession, moved: Moved) -> list[TreatmentSession]:
    """The plan's booked sessions behind where it was or will be, whichever is earlier."""
    session = moved.session
    statement = (
        select(TreatmentSession)
        .where(
            TreatmentSession.clinic_id == session.clinic_id,
            TreatmentSession.plan_id == session.plan_id,
            TreatmentSession.id != session.id,
            TreatmentSession.starts_at > min(moved.was, moved.to),
            col(TreatmentSession.state).in_(TO_COME),
        )
        .order_by(col(TreatmentSession.starts_at), col(TreatmentSession.id))
    )
    return list((await db.exec(statement)).all())
