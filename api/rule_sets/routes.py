"""Rule sets over HTTP: the dated figures by which the clinic's sessions are judged."""

from typing import Annotated

from fastapi import Path, Request, Response, Security

from api.database import ReadDb
from api.paging import Page, PageParams
from api.preconditions import tag
from api.routing import Router
from api.rule_sets import service
from api.rule_sets.schemas import RuleSetRead, RuleSetSummary
from api.security import Caller, read_caller

router = Router(prefix="/v1/rule-sets", tags=["Rule sets"])
RulesReader = Annotated[Caller, Security(read_caller, scopes=["rules:read"])]
Number = Annotated[int, Path(ge=1, le=1_000_000, description="The clinic's version, from 1.")]


@router.get("", name="list_rule_sets", summary="Versions of the figures")
async def list_rule_sets(
    page: PageParams, caller: RulesReader, db: ReadDb, request: Request, response: Response
) -> Page[RuleSetSummary]:
    """The clinic's rule sets, newest first; a past session is judged by the one of its day."""
    found, pager = await service.list_rule_sets(db, caller, request, page)
    pager.link(response, found.next_cursor)
    return found


@router.get("/{number}", name="read_rule_set", summary="One version with all its figures")
async def read_rule_set(
    number: Number, caller: RulesReader, db: ReadDb, response: Response
) -> RuleSetRead:
    """Every figure with unit, source and evidence mark; reference defaults to be confirmed."""
    row = await service.read_rule_set(db, caller, number)
    tag(response, row)
    return RuleSetRead.of(row)
