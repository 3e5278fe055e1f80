"""`/v1/side-effects`."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, Security
from fastapi.responses import HTMLResponse

from api.database import ReadDb, WriteDb, found
from api.decisions.figures import in_force
from api.lots.look_back import DEFAULT_DAYS
from api.paging import Order, Page, Pager
from api.preconditions import IfMatch, tag
from api.routing import DryRun, Router
from api.security import Caller, read_caller, write_caller
from api.side_effects import follow_ups, review, service
from api.side_effects.answers import (
    SideEffectDetail,
    SideEffectRead,
    SideEffectReported,
)
from api.side_effects.case_answers import CaseReport
from api.side_effects.case_report import case_report
from api.side_effects.catalogue import catalogue
from api.side_effects.catalogue_answers import Catalogue
from api.side_effects.listing import listing
from api.side_effects.look_back import LookBack, look_back
from api.side_effects.reading import detailed, shown
from api.side_effects.report_page import POLICY, report_page, wants_page
from api.side_effects.schemas import (
    EnteredInError,
    FollowUpCreate,
    ResolveSideEffect,
    ReviewCreate,
    SideEffectQuery,
    SideEffectReport,
)
from models import SideEffect

router = Router(prefix="/v1/side-effects", tags=["Side effects"])
Reader = Annotated[Caller, Security(read_caller, scopes=["side_effects:read"])]
CatalogueReader = Annotated[Caller, Security(read_caller, scopes=["rules:read"])]
ReporterOf = Annotated[Caller, Security(write_caller, scopes=["side_effects:report"])]
FollowerUp = Annotated[
    Caller, Security(write_caller, scopes=["side_effects:report", "side_effects:read"])
]
Reviewer = Annotated[Caller, Security(write_caller, scopes=["side_effects:review"])]
Params = Annotated[SideEffectQuery, Query()]
LookBackDays = Annotated[int, Query(ge=1, le=3650, description="How far back to look, in days.")]
_HTML = "<!doctype html>…"


@router.post("", status_code=201, name="report_side_effect", summary="Report a side effect")
async def report_side_effect(
    draft: SideEffectReport,
    response: Response,
    caller: ReporterOf,
    db: WriteDb,
    dry_run: DryRun = False,
) -> SideEffectReported:
    """A report is never refused by a rule. The answer says whether it was to be expected, and
    which holds it has opened by itself."""
    effect, answer = await service.report(db, caller, draft)
    tag(response, effect, f"/v1/side-effects/{effect.id}")
    return answer


@router.get("", name="list_side_effects", summary="List side effects")
async def list_side_effects(
    request: Request, response: Response, query: Params, caller: Reader, db: ReadDb
) -> Page[SideEffectRead]:
    """Latest reported first."""
    pager = Pager(request, query, caller.clinic_id)
    figures = (await in_force(db, caller.clinic_id, caller.today)).figures
    order = Order((SideEffect.reported_at, SideEffect.id), descending=True)
    statement = listing(caller, query, figures.effects.values())
    rows, cursor, total = await pager.rows(db, statement, order)
    pager.link(response, cursor)
    return Page(items=await shown(db, caller, rows), next_cursor=cursor, total=total)


@router.get(
    "/catalogue", name="read_side_effect_catalogue", summary="Read the side-effect catalogue"
)
async def read_side_effect_catalogue(caller: CatalogueReader, db: ReadDb) -> Catalogue:
    """Terms, windows of onset and resolution, known frequency with its source, red flags."""
    return await catalogue(db, caller)


@router.get("/{side_effect_id}", name="read_side_effect", summary="Read a side effect")
async def read_side_effect(
    side_effect_id: UUID, response: Response, caller: Reader, db: ReadDb
) -> SideEffectDetail:
    """As it stands now, with its holds, follow-ups and reviews."""
    effect = await found(db, SideEffect, caller.clinic_id, side_effect_id)
    tag(response, effect)
    return await detailed(db, caller, effect)


@router.get(
    "/{side_effect_id}/report",
    name="read_case_report",
    summary="Read the case report",
    response_model=CaseReport,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}, "example": _HTML}}}},
)
async def read_case_report(
    side_effect_id: UUID, request: Request, response: Response, caller: Reader, db: ReadDb
) -> CaseReport | HTMLResponse:
    """The case with its four minimum criteria checked, and what is missing. With
    `Accept: text/html` a page that reads and prints well."""
    effect = await found(db, SideEffect, caller.clinic_id, side_effect_id)
    report = await case_report(db, caller, effect)
    if not wants_page(request.headers.get("accept", "")):
        response.headers["Vary"] = "Accept"
        return report
    headers = {"Content-Security-Policy": POLICY, "Vary": "Accept"}
    return HTMLResponse(report_page(report, caller.zone), headers=headers)


@router.get(
    "/{side_effect_id}/look-back",
    name="look_back_from_side_effect",
    summary="Who else was given the same lots or formula",
)
async def look_back_from_side_effect(
    side_effect_id: UUID, caller: Reader, db: ReadDb, look_back_days: LookBackDays = DEFAULT_DAYS
) -> LookBack:
    """The circle to contact: per lot that was used or named, and by the formula. Contacts need
    `patients:read`."""
    effect = await found(db, SideEffect, caller.clinic_id, side_effect_id)
    return await look_back(db, caller, effect, look_back_days)


@router.post(
    "/{side_effect_id}/follow-ups",
    status_code=201,
    name="follow_up_side_effect",
    summary="Follow a side effect up",
)
async def follow_up_side_effect(
    side_effect_id: UUID,
    draft: FollowUpCreate,
    response: Response,
    caller: FollowerUp,
    db: WriteDb,
    dry_run: DryRun = False,
) -> SideEffectReported:
    """Adds an entry and judges anew. Holds may open; none is ever released by this."""
    effect, answer = await follow_ups.follow_up(db, caller, side_effect_id, draft)
    tag(response, effect, f"/v1/side-effects/{effect.id}")
    return answer


@router.post("/{side_effect_id}/review", name="review_side_effect", summary="Review a side effect")
async def review_side_effect(
    side_effect_id: UUID,
    draft: ReviewCreate,
    expected: IfMatch,
    response: Response,
    caller: Reviewer,
    db: WriteDb,
) -> SideEffectDetail:
    """WHO-UMC causality, and the Naranjo score from its ten answers. Grade 3 or more is for the
    medical director."""
    effect = await review.review(db, caller, side_effect_id, draft, expected)
    tag(response, effect)
    return await detailed(db, caller, effect)


@router.post(
    "/{side_effect_id}/resolve", name="resolve_side_effect", summary="Resolve a side effect"
)
async def resolve_side_effect(
    side_effect_id: UUID,
    body: ResolveSideEffect,
    expected: IfMatch,
    response: Response,
    caller: Reviewer,
    db: WriteDb,
) -> SideEffectDetail:
    """Closes it with its outcome. Its holds stay until somebody releases them."""
    effect = await review.resolve(db, caller, side_effect_id, body, expected)
    tag(response, effect)
    return await detailed(db, caller, effect)


@router.post(
    "/{side_effect_id}/entered-in-error",
    name="retract_side_effect",
    summary="Mark a side effect as entered in error",
)
async def retract_side_effect(
    side_effect_id: UUID,
    body: EnteredInError,
    expected: IfMatch,
    response: Response,
    caller: Reviewer,
    db: WriteDb,
) -> SideEffectDetail:
    """It stays readable, with who, when and why, and no longer counts. Holds stay."""
    effect = await review.retract(db, caller, side_effect_id, body.reason, expected)
    tag(response, effect)
    return await detailed(db, caller, effect)
