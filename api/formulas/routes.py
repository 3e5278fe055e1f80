"""`/v1/formulas`."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response, Security
from sqlmodel import col, select

from api.database import ReadDb, WriteDb, found
from api.formulas import reading, service
from api.formulas.answers import FormulaDiff, FormulaItem, FormulaRead, VersionItem, VersionRead
from api.formulas.differences import difference
from api.formulas.schemas import Approve, FormulaCreate, FormulaQuery, Retire, VersionCreate
from api.paging import Order, Page, PageParams, Pager
from api.preconditions import IfMatch, tag
from api.routing import DryRun, Router
from api.security import Caller, read_caller, write_caller
from models import Formula, FormulaVersion

router = Router(prefix="/v1/formulas", tags=["Formulary"])
Reader = Annotated[Caller, Security(read_caller, scopes=["formulas:read"])]
Writer = Annotated[Caller, Security(write_caller, scopes=["formulas:write"])]
Approver = Annotated[Caller, Security(write_caller, scopes=["formulas:approve"])]
FormulaParams = Annotated[FormulaQuery, Query()]
Number = Annotated[
    int, Path(ge=1, le=1_000_000, description="Version number, from 1.", examples=[1])
]
Against = Annotated[
    int | None,
    Query(ge=1, le=1_000_000, description="The other version; the one before if not given."),
]


@router.post("", status_code=201, name="create_formula", summary="Author a formula")
async def create_formula(
    draft: FormulaCreate, response: Response, caller: Writer, db: WriteDb
) -> FormulaRead:
    """A formula with its version 1, a draft. Findings tell what approval will look at."""
    formula = await service.create(db, caller, draft)
    tag(response, formula, f"/v1/formulas/{formula.id}")
    return await reading.formula_read(db, caller, formula)


@router.get("", name="list_formulas", summary="List formulas")
async def list_formulas(
    request: Request, response: Response, query: FormulaParams, caller: Reader, db: ReadDb
) -> Page[FormulaItem]:
    """By name, each with its latest version in brief."""
    pager = Pager(request, query, caller.clinic_id)
    statement = reading.listing(caller.clinic_id, query)
    order = Order((col(Formula.name), col(Formula.id)))
    rows, cursor, total = await pager.rows(db, statement, order)
    pager.link(response, cursor)
    return Page(items=await reading.items(db, rows), next_cursor=cursor, total=total)


@router.get("/{formula_id}", name="read_formula", summary="Read a formula")
async def read_formula(
    formula_id: UUID, response: Response, caller: Reader, db: ReadDb
) -> FormulaRead:
    """A formula with its latest version, its arithmetic and its findings of today."""
    formula = await found(db, Formula, caller.clinic_id, formula_id)
    tag(response, formula)
    return await reading.formula_read(db, caller, formula)


@router.post(
    "/{formula_id}/versions",
    status_code=201,
    name="draft_formula_version",
    summary="Draft a new version",
)
async def draft_formula_version(
    formula_id: UUID,
    draft: VersionCreate,
    expected: IfMatch,
    response: Response,
    caller: Writer,
    db: WriteDb,
) -> FormulaRead:
    """The next version, as a draft. Plans on earlier versions keep them and say that it exists."""
    formula = await service.add_version(db, caller, formula_id, draft, expected)
    answer = await reading.formula_read(db, caller, formula)
    tag(response, formula, f"/v1/formulas/{formula.id}/versions/{answer.latest.number}")
    return answer


@router.get("/{formula_id}/versions", name="list_formula_versions", summary="List versions")
async def list_formula_versions(
    formula_id: UUID,
    request: Request,
    response: Response,
    page: PageParams,
    caller: Reader,
    db: ReadDb,
) -> Page[VersionItem]:
    """Every version there ever was, newest first."""
    await found(db, Formula, caller.clinic_id, formula_id)
    pager = Pager(request, page, caller.clinic_id)
    statement = select(FormulaVersion).where(
        FormulaVersion.clinic_id == caller.clinic_id, FormulaVersion.formula_id == formula_id
    )
    order = Order((col(FormulaVersion.number),), descending=True)
    rows, cursor, total = await pager.rows(db, statement, order)
    pager.link(response, cursor)
    items = [
        VersionItem.model_validate(row.model_dump() | {"author_id": row.recorded_by})
        for row in rows
    ]
    return Page(items=items, next_cursor=cursor, total=total)


@router.get(
    "/{formula_id}/versions/{number}", name="read_formula_version", summary="Read a version"
)
async def read_formula_version(
    formula_id: UUID, number: Number, response: Response, caller: Reader, db: ReadDb
) -> VersionRead:
    """One version, whatever its state. Its ETag is the formula's."""
    formula = await found(db, Formula, caller.clinic_id, formula_id)
    version = await reading.numbered(db, caller.clinic_id, formula_id, number)
    tag(response, formula)
    return await reading.version_read(db, caller, formula, version)


@router.get(
    "/{formula_id}/versions/{number}/diff",
    name="compare_formula_versions",
    summary="Compare two versions",
)
async def compare_formula_versions(
    formula_id: UUID, number: Number, caller: Reader, db: ReadDb, against: Against = None
) -> FormulaDiff:
    """What changed from version `against` to this one, as data and in words."""
    formula = await found(db, Formula, caller.clinic_id, formula_id)
    other = against if against is not None else max(number - 1, 1)
    after = await reading.numbered(db, caller.clinic_id, formula_id, number)
    before = await reading.numbered(db, caller.clinic_id, formula_id, other)
    return difference(
        await reading.version_read(db, caller, formula, before),
        await reading.version_read(db, caller, formula, after),
    )


@router.post(
    "/{formula_id}/versions/{number}/approve",
    name="approve_formula_version",
    summary="Approve a version",
    responses={409: {"description": "The rules refuse it, or the version is not a draft."}},
)
async def approve_formula_version(
    formula_id: UUID,
    number: Number,
    expected: IfMatch,
    response: Response,
    caller: Approver,
    db: WriteDb,
    answers: Approve | None = None,
    dry_run: DryRun = False,
) -> FormulaRead:
    """Release a draft for use: never by its author, never by a machine. It cannot change then."""
    formula = await service.approve(db, caller, formula_id, number, answers or Approve(), expected)
    tag(response, formula)
    return await reading.formula_read(db, caller, formula)


@router.post(
    "/{formula_id}/versions/{number}/retire",
    name="retire_formula_version",
    summary="Retire a version",
    responses={409: {"description": "The version is not approved."}},
)
async def retire_formula_version(
    formula_id: UUID,
    number: Number,
    retirement: Retire,
    expected: IfMatch,
    response: Response,
    caller: Approver,
    db: WriteDb,
) -> FormulaRead:
    """No new plan may take it from now on; plans that run on it go on."""
    formula = await service.retire(db, caller, formula_id, number, retirement.reason, expected)
    tag(response, formula)
    return await reading.formula_read(db, caller, formula)
