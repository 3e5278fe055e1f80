"""`/v1/side-effects/{id}/submissions` and `/v1/worklists/reports`."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, Security

from api.database import ReadDb, WriteDb
from api.paging import Order, Page, Pager
from api.preconditions import IfMatch, tag
from api.routing import DryRun, Router
from api.security import Caller, read_caller, write_caller
from api.side_effects import report_worklist, submissions
from api.side_effects.answers import SideEffectDetail
from api.side_effects.reading import detailed
from api.side_effects.schemas import EnteredInError
from api.side_effects.submission_schemas import (
    ReportDue,
    ReportsQuery,
    SubmissionCreate,
    Submitted,
)
from models import ReportClock

router = Router(tags=["Side effects"])
Reader = Annotated[Caller, Security(read_caller, scopes=["side_effects:read"])]
Reviewer = Annotated[Caller, Security(write_caller, scopes=["side_effects:review"])]
Params = Annotated[ReportsQuery, Query()]
_PATH = "/v1/side-effects/{side_effect_id}/submissions"


@router.post(_PATH, status_code=201, name="submit_case_report", summary="Record a submission")
async def submit_case_report(
    side_effect_id: UUID,
    draft: SubmissionCreate,
    response: Response,
    caller: Reviewer,
    db: WriteDb,
    dry_run: DryRun = False,
) -> Submitted:
    """The case was reported to somebody, or nobody needs to be told. Settles the clocks that it
    answers; after the due day it needs a reason."""
    answer = await submissions.submit(db, caller, side_effect_id, draft)
    response.headers["Location"] = f"/v1/side-effects/{side_effect_id}"
    return answer


@router.post(
    _PATH + "/{submission_id}/entered-in-error",
    name="retract_case_report",
    summary="Mark a submission as entered in error",
)
async def retract_case_report(
    side_effect_id: UUID,
    submission_id: UUID,
    body: EnteredInError,
    expected: IfMatch,
    response: Response,
    caller: Reviewer,
    db: WriteDb,
) -> SideEffectDetail:
    """It stays readable, with who, when and why; the clocks that it settled run again. The ETag
    is the side effect's."""
    effect = await submissions.retract_submission(
        db, caller, side_effect_id, submission_id, body.reason, expected
    )
    tag(response, effect)
    return await detailed(db, caller, effect)


@router.get("/v1/worklists/reports", name="list_due_reports", summary="Cases to report")
async def list_due_reports(
    request: Request, response: Response, query: Params, caller: Reader, db: ReadDb
) -> Page[ReportDue]:
    """Cases whose reporting clock runs, due soonest first."""
    pager = Pager(request, query, caller.clinic_id)
    order = Order((ReportClock.due_on, ReportClock.id))
    rows, cursor, total = await pager.rows(db, report_worklist.listing(caller, query), order)
    pager.link(response, cursor)
    items = await report_worklist.shown(db, caller, rows)
    return Page(items=items, next_cursor=cursor, total=total)
