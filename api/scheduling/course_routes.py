"""Whole courses: booking all remaining sessions, and moving the rest together."""

from typing import Annotated
from uuid import UUID

from fastapi import Response, Security

from api.database import WriteDb
from api.preconditions import IfMatch
from api.routing import DryRun, Router
from api.scheduling import course, shifting
from api.scheduling.course_schemas import BookedCourse, CourseCreate
from api.scheduling.shift_schemas import ShiftDraft, ShiftRead
from api.security import Caller, write_caller

router = Router(prefix="/v1", tags=["Scheduling"])
Scheduler = Annotated[Caller, Security(write_caller, scopes=["sessions:schedule"])]


@router.post(
    "/plans/{plan_id}/course",
    status_code=201,
    name="book_course",
    summary="Book a whole course",
    responses={
        200: {"description": "Every session was booked before; nothing changed."},
        409: {
            "description": "Nothing was booked: `course-impossible` with the session that finds no"
            " place; `refused-by-rules` with all sessions and what is to be answered;"
            " `illegal-transition`."
        },
    },
)
async def book_course(
    plan_id: UUID,
    caller: Scheduler,
    db: WriteDb,
    response: Response,
    draft: CourseCreate | None = None,
    dry_run: DryRun = False,
) -> BookedCourse:
    """All sessions that the protocol still has, each nearest to its day, through the rules and
    conflicts of a single booking, in one transaction: all or nothing. Try it with `dry_run` first.
    Asked again, it answers with the course that is there."""
    answer, booked = await course.book(db, caller, plan_id, draft or CourseCreate())
    if not booked:
        response.status_code = 200
    return answer


@router.post(
    "/sessions/{session_id}/shift",
    name="shift_course",
    summary="Move a session and the rest of its course",
    responses={
        409: {
            "description": "Nothing was moved: `course-impossible` with the session that finds no"
            " place; `refused-by-rules`, `schedule-conflict`, `outside-calendars`;"
            " `illegal-transition`."
        },
    },
)
async def shift_course(
    session_id: UUID,
    draft: ShiftDraft,
    expected: IfMatch,
    caller: Scheduler,
    db: WriteDb,
    dry_run: DryRun = False,
) -> ShiftRead:
    """The booked sessions behind it follow at the protocol's distances, all or nothing. `otherwise`
    says what the rules would say to them had only this one moved; `PATCH` moves it alone."""
    return await shifting.shift(db, caller, session_id, draft.at(caller.zone), expected)
