"""`/v1/sessions`: the calendar's part, for the front desk and for scheduling scripts."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response, Security

from api.database import ReadDb, WriteDb, found
from api.decisions.service import Decided
from api.paging import Order, Page, Pager
from api.preconditions import IfMatch, tag
from api.routing import DryRun, Router
from api.security import Caller, read_caller, write_caller
from api.sessions import booking, desk, listing, moves, moving
from api.sessions.afterwards import afterwards
from api.sessions.listing import SessionQuery
from api.sessions.schemas import (
    SessionCancel,
    SessionCancelled,
    SessionDecided,
    SessionDraft,
    SessionMove,
    SessionMoved,
    SessionRead,
)
from models import TreatmentSession

router = Router(prefix="/v1/sessions", tags=["Sessions"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read"])]
Scheduler = Annotated[Caller, Security(write_caller, scopes=["sessions:schedule"])]
SessionParams = Annotated[SessionQuery, Query()]

_IN_THE_WAY = (
    "`schedule-conflict` with `conflicts` and `alternatives`; `outside-calendars` with"
    " `refused_by`, `conflicts` and `alternatives`; `illegal-transition`; `refused-by-rules` with"
    " `findings`"
)
_BOOKING: dict[int | str, dict[str, Any]] = {
    409: {
        "description": f"{_IN_THE_WAY}; `another-session-number` with `session_number` and"
        " `session_id`, where a number was expected."
    }
}
_MOVING: dict[int | str, dict[str, Any]] = {
    409: {"description": f"{_IN_THE_WAY} and `rest_of_course`."}
}


def _shown(session: TreatmentSession, caller: Caller) -> SessionRead:
    return SessionRead.of(session, moves.possible(session, caller.now))


def _decided(session: TreatmentSession, caller: Caller, decided: Decided | None) -> SessionDecided:
    return SessionDecided(
        **_shown(session, caller).model_dump(),
        outcome=decided.outcome if decided else None,
        findings=decided.findings if decided else (),
    )


@router.post("", status_code=201, name="book_session", summary="Book a session", responses=_BOOKING)
async def book_session(
    draft: SessionDraft,
    response: Response,
    caller: Scheduler,
    db: WriteDb,
    dry_run: DryRun = False,
) -> SessionDecided:
    """A session of an active plan, if nobody and nothing is taken then and the rules allow it.
    It gets the plan's next number. A conflict says who is taken, or which calendar refuses, and
    the nearest possible times. A start may be given on the clinic's clocks: `local_starts_at`."""
    session, decided = await booking.schedule(db, caller, draft.at(caller.zone))
    tag(response, session, f"/v1/sessions/{session.id}")
    return _decided(session, caller, decided)


@router.get("", name="list_sessions", summary="List sessions")
async def list_sessions(
    request: Request, response: Response, query: SessionParams, caller: Reader, db: ReadDb
) -> Page[SessionRead]:
    """The calendar: by practitioner, room, patient, plan, state and time."""
    pager = Pager(request, query, caller.clinic_id)
    order = Order(
        (TreatmentSession.starts_at, TreatmentSession.id), descending=query.sort == "-starts_at"
    )
    statement = listing.matching(caller.clinic_id, query)
    rows, cursor, total = await pager.rows(db, statement, order)
    pager.link(response, cursor)
    return Page(items=[_shown(row, caller) for row in rows], next_cursor=cursor, total=total)


@router.get("/{session_id}", name="read_session", summary="Read a session")
async def read_session(
    session_id: UUID, response: Response, caller: Reader, db: ReadDb
) -> SessionRead:
    """One session, without what is clinical."""
    session = await found(db, TreatmentSession, caller.clinic_id, session_id)
    tag(response, session)
    return _shown(session, caller)


@router.patch(
    "/{session_id}",
    name="reschedule_session",
    summary="Move or reassign a session",
    responses=_MOVING,
)
async def reschedule_session(
    session_id: UUID,
    patch: SessionMove,
    expected: IfMatch,
    response: Response,
    caller: Scheduler,
    db: WriteDb,
    dry_run: DryRun = False,
) -> SessionMoved:
    """JSON merge patch. All rules and conflicts are checked again; a new start takes the
    patient's confirmation back. The patient's other sessions are judged again as well: the answer
    shows the next one, and which came onto the review worklist. `rest_of_course` shows what comes
    of leaving the course's other sessions where they are, and offers to move them along; a dry run
    and a refusal by rules show it too."""
    session, decided, others, rest = await moving.move(
        db, caller, session_id, patch.at(caller.zone), expected
    )
    tag(response, session)
    known = dict(_decided(session, caller, decided))
    return SessionMoved(**known, **dict(others), **dict(rest))


@router.post("/{session_id}/confirm", name="confirm_session", summary="Confirm a session")
async def confirm_session(
    session_id: UUID, expected: IfMatch, response: Response, caller: Scheduler, db: WriteDb
) -> SessionRead:
    """The patient has said that they will come."""
    session = await desk.confirm(db, caller, session_id, expected)
    tag(response, session)
    return _shown(session, caller)


@router.post("/{session_id}/cancel", name="cancel_session", summary="Cancel a session")
async def cancel_session(
    session_id: UUID,
    cancellation: SessionCancel,
    expected: IfMatch,
    response: Response,
    caller: Scheduler,
    db: WriteDb,
) -> SessionCancelled:
    """Before its completion. Its time and its number in the plan are free again. The patient's
    other sessions are judged again: the answer shows the next one, and which came onto the review
    worklist."""
    session = await desk.cancel(db, caller, session_id, cancellation.reason, expected)
    others = await afterwards(db, caller, session)
    tag(response, session)
    return SessionCancelled(**dict(_shown(session, caller)), **dict(others))


@router.post("/{session_id}/no-show", name="mark_no_show", summary="Note that nobody came")
async def mark_no_show(
    session_id: UUID, expected: IfMatch, response: Response, caller: Scheduler, db: WriteDb
) -> SessionRead:
    """Once the start has passed. Its time and its number in the plan are free again."""
    session = await desk.no_show(db, caller, session_id, expected)
    tag(response, session)
    return _shown(session, caller)
