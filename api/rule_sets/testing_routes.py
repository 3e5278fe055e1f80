"""A version tried on what has been, and on what is to come."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, Security

from api.database import ReadDb, WriteDb
from api.operations import service as operations
from api.operations.schemas import OperationRead
from api.paging import Page
from api.routing import Router
from api.rule_sets import backtests, results
from api.rule_sets.parameters import Number, RulesManager
from api.rule_sets.testing_schemas import (
    BacktestCreate,
    BacktestQuery,
    BacktestSession,
    RecheckedSession,
    RecheckQuery,
)
from api.security import Caller, read_caller

router = Router(prefix="/v1/rule-sets", tags=["Rule sets"])
# What a rule says of a patient tells something of their health.
BacktestReader = Annotated[Caller, Security(read_caller, scopes=["rules:manage", "clinical:read"])]
RecheckReader = Annotated[Caller, Security(read_caller, scopes=["rules:read", "clinical:read"])]
_ACCEPTED = {
    "description": "Accepted: an operation, which is watched at its Location.",
    "headers": {
        "Location": {"description": "Where it is watched.", "schema": {"type": "string"}},
        "ETag": {"description": "The operation's version.", "schema": {"type": "string"}},
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    },
}


@router.post(
    "/{number}/backtest",
    status_code=202,
    name="backtest_rule_set",
    summary="Try a version on the clinic's history",
    responses={202: _ACCEPTED},
)
async def backtest_rule_set(
    number: Number,
    asked: BacktestCreate,
    caller: RulesManager,
    db: WriteDb,
    response: Response,
) -> OperationRead:
    """Judge every kept decision again by this version, draft or not, as an operation.

    Its result says per rule how many decisions were allowed, warned, overridden or refused, and
    would be; `href` lists the sessions. `shorter_history` counts decisions whose facts reach back
    less far than this version looks, so that its windows may find less in them than they would;
    `unreadable` those kept in a shape that can no longer be read.
    """
    return operations.accepted(response, await backtests.ask(db, caller, number, asked))


@router.get(
    "/{number}/backtests/{operation_id}/sessions",
    name="list_backtest_sessions",
    summary="What a version would have said, session by session",
)
async def list_backtest_sessions(
    number: Number,
    operation_id: UUID,
    query: Annotated[BacktestQuery, Query()],
    caller: BacktestReader,
    db: ReadDb,
    request: Request,
    response: Response,
) -> Page[BacktestSession]:
    """Each rule that found something in a decision then, or would by this version."""
    page, pager = await results.backtest_sessions(
        db, caller, request, (number, operation_id), query
    )
    pager.link(response, page.next_cursor)
    return page


@router.get(
    "/{number}/recheck/{operation_id}/sessions",
    name="list_rechecked_sessions",
    summary="Sessions to come that a version finds something about",
)
async def list_rechecked_sessions(
    number: Number,
    operation_id: UUID,
    query: Annotated[RecheckQuery, Query()],
    caller: RecheckReader,
    db: ReadDb,
    request: Request,
    response: Response,
) -> Page[RecheckedSession]:
    """What the publication of this version found; the review worklist says what is still open."""
    page, pager = await results.rechecked_sessions(
        db, caller, request, (number, operation_id), query
    )
    pager.link(response, page.next_cursor)
    return page
