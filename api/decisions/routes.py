"""Rules and decisions over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response, Security
from starlette.requests import Request

from api.database import ReadDb, WriteDb
from api.decisions import catalogue, reading
from api.decisions.reading_schemas import (
    DecisionQuery,
    DecisionRead,
    DecisionSummary,
    OverrideReason,
    OverrideReasons,
    ReplayRead,
    RuleRead,
)
from api.decisions.reasons import USUAL_REASONS
from api.paging import Page, PageParams
from api.routing import Router
from api.security import Caller, read_caller, write_caller

router = Router(tags=["Rules and decisions"])
RulesReader = Annotated[Caller, Security(read_caller, scopes=["rules:read"])]
RulesAsker = Annotated[Caller, Security(write_caller, scopes=["rules:read"])]


@router.get("/v1/rules", name="list_rules", summary="The rule catalogue")
async def list_rules(
    page: PageParams, caller: RulesReader, db: ReadDb, response: Response, request: Request
) -> Page[RuleRead]:
    """Every rule with what it does, why, who may override it, and its figures in force today.

    All figures are reference defaults, to be confirmed by the clinic's medical director.
    """
    found = await catalogue.list_rules(db, caller, page)
    if found.next_cursor is not None:
        url = request.url.include_query_params(cursor=found.next_cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return found


@router.get(
    "/v1/rules/override-reasons", name="list_override_reasons", summary="Reasons for overriding"
)
async def list_override_reasons(caller: RulesReader, db: ReadDb) -> OverrideReasons:
    """The usual coded reasons; another code of small letters and underscores is accepted too."""
    return OverrideReasons(
        items=[OverrideReason(code=code, meaning=text) for code, text in USUAL_REASONS.items()]
    )


@router.get("/v1/rules/{code}", name="read_rule", summary="One rule")
async def read_rule(code: str, caller: RulesReader, db: ReadDb) -> RuleRead:
    """What the rule does, its figures with sources, and one example on each side of it."""
    return await catalogue.read_rule(db, caller, code)


@router.get("/v1/decisions", name="list_decisions", summary="Decisions, newest first")
async def list_decisions(
    query: Annotated[DecisionQuery, Query()],
    caller: RulesReader,
    db: ReadDb,
    request: Request,
    response: Response,
) -> Page[DecisionSummary]:
    """What the rules decided, by subject, patient, stage or verdict.

    Without clinical:read, only decisions about formulas and bookings.
    """
    page, pager = await reading.list_decisions(db, caller, request, query)
    pager.link(response, page.next_cursor)
    return page


@router.get("/v1/decisions/{decision_id}", name="read_decision", summary="One decision, explained")
async def read_decision(decision_id: UUID, caller: RulesReader, db: ReadDb) -> DecisionRead:
    """The question, the findings with figures, units and sources, who answered for what and why,
    and the facts it rests on; needs clinical:read where it is about a patient's health."""
    return await reading.read(db, caller, decision_id)


@router.post(
    "/v1/decisions/{decision_id}/replay", name="replay_decision", summary="Ask the rules again"
)
async def replay_decision(decision_id: UUID, caller: RulesAsker, db: WriteDb) -> ReplayRead:
    """Judge the kept facts by the kept rule set again and compare byte for byte."""
    return await reading.replay(db, caller, decision_id)
