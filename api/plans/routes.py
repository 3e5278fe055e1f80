"""`/v1/plans`."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, Security
from pydantic import Field
from sqlmodel import col, select

from api.database import ReadDb, WriteDb, found
from api.decisions.schemas import Answers
from api.paging import Order, Page, PageQuery, Pager
from api.plans import drafting, reading, service
from api.plans.hold_schemas import HoldOpen, HoldRead, HoldRelease
from api.plans.holds import concerning
from api.plans.schemas import (
    PlanActivated,
    PlanActivation,
    PlanCompletion,
    PlanCreate,
    PlanPatch,
    PlanRead,
    PlanStop,
    PlanSummary,
)
from api.preconditions import IfMatch, tag
from api.routing import DryRun, Router
from api.security import Caller, read_caller, write_caller
from models import FormulaVersion, Hold, PlanState, ProtocolVersion, TreatmentPlan

router = Router(prefix="/v1/plans", tags=["Plans"])
Reader = Annotated[Caller, Security(read_caller, scopes=["plans:read"])]
Writer = Annotated[Caller, Security(write_caller, scopes=["plans:write"])]
Releaser = Annotated[Caller, Security(write_caller, scopes=["holds:release"])]


class PlansQuery(PageQuery):
    """Which plans to list."""

    patient_id: UUID | None = Field(None, description="Plans of this patient.")
    practitioner_id: UUID | None = Field(None, description="Plans of this practitioner.")
    state: PlanState | None = Field(None, description="Plans in this state.")
    protocol_id: UUID | None = Field(None, description="Plans on any version of this protocol.")
    formula_id: UUID | None = Field(None, description="Plans with any version of this formula.")


class HoldsQuery(PageQuery):
    """Which holds to list."""

    in_force: bool | None = Field(None, description="true: not yet released; false: released.")


@router.post(
    "",
    status_code=201,
    name="create_plan",
    summary="Create a plan",
    responses={404: {"description": "An id in the body names nothing; see `pointer`."}},
)
async def create_plan(
    draft: PlanCreate, caller: Writer, db: WriteDb, response: Response
) -> PlanRead:
    """A draft that pins the versions of its protocol and formula; activate it to book sessions."""
    plan = await drafting.create(db, caller, draft)
    tag(response, plan, f"/v1/plans/{plan.id}")
    return await reading.shown(db, caller, plan)


@router.get("", name="list_plans", summary="List plans")
async def list_plans(
    request: Request,
    response: Response,
    query: Annotated[PlansQuery, Query()],
    caller: Reader,
    db: ReadDb,
) -> Page[PlanSummary]:
    """Plans, newest first."""
    statement = select(TreatmentPlan).where(TreatmentPlan.clinic_id == caller.clinic_id)
    for name in ("patient_id", "practitioner_id", "state"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(TreatmentPlan, name) == value)
    if query.protocol_id is not None:
        versions = select(ProtocolVersion.id).where(
            ProtocolVersion.clinic_id == caller.clinic_id,
            ProtocolVersion.protocol_id == query.protocol_id,
        )
        statement = statement.where(col(TreatmentPlan.protocol_version_id).in_(versions))
    if query.formula_id is not None:
        mixtures = select(FormulaVersion.id).where(
            FormulaVersion.clinic_id == caller.clinic_id,
            FormulaVersion.formula_id == query.formula_id,
        )
        statement = statement.where(col(TreatmentPlan.formula_version_id).in_(mixtures))
    pager = Pager(request, query, caller.clinic_id)
    order = Order((col(TreatmentPlan.id),), descending=True)
    rows, cursor, total = await pager.rows(db, statement, order)
    pager.link(response, cursor)
    items = await reading.summaries(db, caller, rows)
    return Page(items=items, next_cursor=cursor, total=total)


@router.get("/{plan_id}", name="read_plan", summary="Read a plan")
async def read_plan(plan_id: UUID, caller: Reader, db: ReadDb, response: Response) -> PlanRead:
    """One plan, the holds on it, and whether newer versions of what it pins exist."""
    plan = await found(db, TreatmentPlan, caller.clinic_id, plan_id)
    tag(response, plan)
    return await reading.shown(db, caller, plan)


@router.patch(
    "/{plan_id}",
    name="change_plan",
    summary="Change a draft plan",
    responses={409: {"description": "The plan is not a draft."}},
)
async def change_plan(
    plan_id: UUID,
    patch: PlanPatch,
    expected: IfMatch,
    caller: Writer,
    db: WriteDb,
    response: Response,
) -> PlanRead:
    """JSON merge patch, while the plan is a draft."""
    plan = await drafting.change(db, caller, plan_id, patch, expected)
    tag(response, plan)
    return await reading.shown(db, caller, plan)


@router.post(
    "/{plan_id}/activate",
    name="activate_plan",
    summary="Activate a plan",
    responses={
        409: {"description": "Not a draft, something pinned is not approved, or rules refuse."}
    },
)
async def activate_plan(
    plan_id: UUID,
    expected: IfMatch,
    caller: Writer,
    db: WriteDb,
    response: Response,
    answers: PlanActivation | None = None,
    dry_run: DryRun = False,
) -> PlanActivated:
    """Start treatment: every rule of plan activation is asked, and the answer is kept."""
    plan, decided = await service.activate(db, caller, plan_id, answers or Answers(), expected)
    tag(response, plan)
    shown = await reading.shown(db, caller, plan)
    return PlanActivated.of(shown, decided.findings, decided.id)


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
    responses={409: {"description": "No such hold is in force."}},
)
async def release_plan(
    plan_id: UUID,
    order: HoldRelease,
    expected: IfMatch,
    caller: Releaser,
    db: WriteDb,
    response: Response,
) -> PlanRead:
    """A practitioner releases what grade 2 or less holds, the medical director everything."""
    plan = await service.release(db, caller, plan_id, order, expected)
    tag(response, plan)
    return await reading.shown(db, caller, plan)


@router.post(
    "/{plan_id}/complete",
    name="complete_plan",
    summary="Complete a plan",
    responses={409: {"description": "The plan is not running, or sessions are still booked."}},
)
async def complete_plan(
    plan_id: UUID,
    expected: IfMatch,
    caller: Writer,
    db: WriteDb,
    response: Response,
    completion: PlanCompletion | None = None,
) -> PlanRead:
    """The course is over as planned."""
    reason = completion.reason if completion else None
    plan = await service.complete(db, caller, plan_id, reason, expected)
    tag(response, plan)
    return await reading.shown(db, caller, plan)


@router.post(
    "/{plan_id}/stop",
    name="stop_plan",
    summary="Stop a plan",
    responses={409: {"description": "The plan is not running, or the patient is checked in."}},
)
async def stop_plan(
    plan_id: UUID,
    order: PlanStop,
    expected: IfMatch,
    caller: Writer,
    db: WriteDb,
    response: Response,
) -> PlanRead:
    """End it before its course is over. Its booked sessions are cancelled."""
    plan = await service.stop(db, caller, plan_id, order.reason, expected)
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
