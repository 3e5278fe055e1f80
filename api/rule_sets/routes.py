"""Rule sets over HTTP: the dated figures by which the clinic's sessions are judged."""

from fastapi import Request, Response

from api.database import ReadDb, WriteDb
from api.paging import Page, PageParams
from api.preconditions import IfMatch, tag
from api.routing import Router
from api.rule_sets import differences, drafting, publishing, service
from api.rule_sets.parameters import Against, Number, RulesManager, RulesReader
from api.rule_sets.schemas import (
    RuleSetCreate,
    RuleSetDiff,
    RuleSetPatch,
    RuleSetPublish,
    RuleSetPublished,
    RuleSetRead,
    RuleSetSummary,
)

router = Router(prefix="/v1/rule-sets", tags=["Rule sets"])


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


@router.post("", status_code=201, name="draft_rule_set", summary="Draft a version")
async def draft_rule_set(
    draft: RuleSetCreate, caller: RulesManager, db: WriteDb, response: Response
) -> RuleSetRead:
    """The latest published version with some figures changed, or a whole document, as a draft.

    A clinic tightens freely. It loosens only what the reference marks as loosenable, with a
    reason per figure; hard ceilings stay. A document with any fault is refused whole.
    """
    row = await drafting.draft(db, caller, draft)
    tag(response, row, f"/v1/rule-sets/{row.number}")
    return RuleSetRead.of(row)


@router.patch("/{number}", name="change_rule_set", summary="Change a draft")
async def change_rule_set(
    number: Number,
    patch: RuleSetPatch,
    expected: IfMatch,
    caller: RulesManager,
    db: WriteDb,
    response: Response,
) -> RuleSetRead:
    """Merge changes into a draft, or replace its document; only who drafted it may."""
    row = await drafting.change(db, caller, number, patch, expected)
    tag(response, row)
    return RuleSetRead.of(row)


@router.post("/{number}/publish", name="publish_rule_set", summary="Publish a draft")
async def publish_rule_set(
    number: Number,
    approval: RuleSetPublish,
    expected: IfMatch,
    caller: RulesManager,
    db: WriteDb,
    response: Response,
) -> RuleSetPublished:
    """Put a draft that somebody else wrote in force from its first day.

    What is looser than before is approved figure by figure. Past decisions keep their version;
    the sessions to come are judged again by an operation, and what now stands in the way of one
    is on the review worklist.
    """
    row, operation = await publishing.publish(db, caller, number, approval, expected)
    await db.flush()
    tag(response, row)
    read = RuleSetRead.of(row)
    return RuleSetPublished(**dict(read), recheck_operation_id=operation.id)


@router.get("/{number}/diff", name="compare_rule_sets", summary="What a version changes")
async def compare_rule_sets(
    number: Number, caller: RulesReader, db: ReadDb, against: Against = None
) -> RuleSetDiff:
    """Every figure that differs, with old and new value, in words: tighter or looser, and why."""
    return await differences.diff(db, caller, number, against)
