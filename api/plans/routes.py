"""`/v1/plans`."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, Security
from pydantic import Field
from sqlmodel import col, select

from api.database import ReadDb, WriteDb, found
from api.decisions.schemas import Answers
from api.fields import Day
from api.paging import Order, Page, PageQuery, Pager
from api.plans import drafting, reading, service
from api.plans.schemas import (
    PlanActivated,
    PlanActivation,
    PlanCompletion,
    PlanCreate,
    PlanPatch,
    PlanRead,
    PlanStop,
    PlanSummary,
    WindowRead,
)
from api.preconditions import IfMatch, always_whole, tag
from api.routing import DryRun, Router
from api.security import Caller, read_caller, write_caller
from models import FormulaVersion, PlanState, ProtocolVersion, TreatmentPlan

router = Router(prefix="/v1/plans", tags=["Plans"])
Reader = Annotated[Caller, Security(read_caller, scopes=["plans:read"])]
Writer = Annotated[Caller, Security(write_caller, scopes=["plans:write"])]


class PlansQuery(PageQuery):
    """Which plans to list."""

    patient_id: UUID | None = Field(None, description="Plans of this patient.")
    practitioner_id: UUID | None = Field(None, description="Plans of this practitioner.")
    state: PlanState | None = Field(None, description="Plans in this state.")
    protocol_id: UUID | None = Field(None, description="Plans on any version of this protocol.")
    formula_id: UUID | None = Field(None, description="Plans with any version of this formula.")


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
async def read_plan(
    plan_id: UUID, request: Request, caller: Reader, db: ReadDb, response: Response
) -> PlanRead:
    """One plan, the holds on it, and whether newer versions of what it pins exist.

    Always answered in full: a hold on its formula stops a plan whose own row does not change.
    """
    always_whole(request)
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


@router.get("/{plan_id}/window", name="read_plan_window", summary="When the next session may be")
async def read_plan_window(
    plan_id: UUID,
    caller: Reader,
    db: ReadDb,
    as_of: Annotated[
        Day | None, Query(description="Judged as of this day; today without it.")
    ] = None,
) -> WindowRead:
    """The next session's first, best and last day, from the rules that would judge its booking."""
    plan = await found(db, TreatmentPlan, caller.clinic_id, plan_id)
    return await reading.window_shown(db, caller, plan, as_of or caller.today)
