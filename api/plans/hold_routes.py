"""`/v1/plans/{id}/hold`, `/release` and `/holds`."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, Security
from pydantic import Field
from sqlmodel import col, select

from api.database import ReadDb, WriteDb, found
from api.paging import Order, Page, PageQuery, Pager
from api.plans import reading, service
from api.plans.hold_schemas import HoldOpen, HoldRead, HoldRelease
from api.plans.holds import concerning
from api.plans.schemas import PlanRead
from api.preconditions import IfMatch, tag
from api.routing import Router
from api.security import Caller, read_caller, write_caller
from models import Hold, TreatmentPlan

router = Router(prefix="/v1/plans", tags=["Plans"])
Reader = Annotated[Caller, Security(read_caller, scopes=["plans:read"])]
Writer = Annotated[Caller, Security(write_caller, scopes=["plans:write"])]
Releaser = Annotated[Caller, Security(write_caller, scopes=["holds:release"])]


class HoldsQuery(PageQuery):
    """Which holds to list."""

    in_force: bool | None = Field(None, description="true: not yet released; false: released.")


@router.post(
    "/{plan_id}/hold",
    name="hold_plan",
    summary="Put a plan on hold",
    responses={409: {"description": "The plan is neither active nor on hold."}},
)
async def hold_plan(
    plan_id: UUID,
    order: HoldOpen,
    expected: IfMatch,
    caller: Writer,
    db: WriteDb,
    response: Response,
) -> PlanRead:
    """Booked sessions stay; none is checked in or performed until the hold is released."""
    plan = await service.hold(db, caller, plan_id, order, expected)
    tag(response, plan)
    return await reading.shown(db, caller, plan)


@router.post(
    "/{plan_id}/release",
    name="release_plan",
    summary="Release a hold",
    responses={
        409: {"description": "No such hold is in force, or its `criteria` are not yet met."}
    },
)
async def release_plan(
    plan_id: UUID,
    order: HoldRelease,
    expected: IfMatch,
    caller: Releaser,
    db: WriteDb,
    response: Response,
) -> PlanRead:
    """A practitioner releases what grade 2 or less holds, the medical director everything; what
    the escalation table asks for must be on record, as `GET /v1/holds/{id}` shows it."""
    plan = await service.release(db, caller, plan_id, order, expected)
    tag(response, plan)
    return await reading.shown(db, caller, plan)


@router.get("/{plan_id}/holds", name="list_plan_holds", summary="List a plan's holds")
async def list_plan_holds(
    plan_id: UUID,
    request: Request,
    response: Response,
    query: Annotated[HoldsQuery, Query()],
    caller: Reader,
    db: ReadDb,
) -> Page[HoldRead]:
    """Every hold that is or was about this plan, newest first, released ones too."""
    plan = await found(db, TreatmentPlan, caller.clinic_id, plan_id)
    statement = select(Hold).where(concerning(plan))
    if query.in_force is not None:
        released = col(Hold.released_at)
        statement = statement.where(released.is_(None) if query.in_force else released.is_not(None))
    pager = Pager(request, query, caller.clinic_id)
    rows, cursor, total = await pager.rows(db, statement, Order((col(Hold.id),), descending=True))
    pager.link(response, cursor)
    clinical = caller.may("clinical:read")
    items = [HoldRead.of(row, clinical=clinical) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)
