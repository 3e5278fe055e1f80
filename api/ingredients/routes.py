"""`/v1/ingredients`."""

from typing import Annotated

from fastapi import Path, Query, Request, Response, Security

from api.database import ReadDb, WriteDb
from api.ingredients import service
from api.ingredients.schemas import IngredientCreate, IngredientQuery, IngredientRead
from api.paging import Order, Page, Pager
from api.routing import Router
from api.security import Caller, read_caller, write_caller
from models import Ingredient

router = Router(prefix="/v1/ingredients", tags=["Formulary"])
Reader = Annotated[Caller, Security(read_caller, scopes=["formulas:read"])]
Writer = Annotated[Caller, Security(write_caller, scopes=["formulas:write"])]
CodeInPath = Annotated[
    str,
    Path(pattern=r"^[A-Z][A-Z0-9_]{1,39}$", description="Code or alias.", examples=["LIDOCAINE"]),
]
IngredientParams = Annotated[IngredientQuery, Query()]


@router.get("", name="list_ingredients", summary="List ingredients")
async def list_ingredients(
    request: Request, response: Response, query: IngredientParams, caller: Reader, db: ReadDb
) -> Page[IngredientRead]:
    """The formulary by code, with the limits in force today."""
    pager = Pager(request, query, caller.clinic_id)
    statement = service.listing(caller.clinic_id, query)
    rows, cursor, total = await pager.rows(db, statement, Order((Ingredient.code,)))
    pager.link(response, cursor)
    items = await service.shown(db, caller.clinic_id, caller.today, rows)
    return Page(items=items, next_cursor=cursor, total=total)


@router.post("", status_code=201, name="add_ingredient", summary="Add an ingredient")
async def add_ingredient(
    draft: IngredientCreate, response: Response, caller: Writer, db: WriteDb
) -> IngredientRead:
    """One of the clinic's own; every figure needs its unit, its source and an evidence mark."""
    ingredient = await service.create(db, caller, draft)
    read, etag = await service.shown_alone(db, caller.clinic_id, caller.today, ingredient)
    response.headers["ETag"] = etag
    response.headers["Location"] = f"/v1/ingredients/{ingredient.code}"
    return read


@router.get("/{code}", name="read_ingredient", summary="Read an ingredient")
async def read_ingredient(
    code: CodeInPath, response: Response, caller: Reader, db: ReadDb
) -> IngredientRead:
    """By code or alias, with the limits in force today and where they come from."""
    ingredient = await service.by_code(db, caller.clinic_id, code)
    read, etag = await service.shown_alone(db, caller.clinic_id, caller.today, ingredient)
    response.headers["ETag"] = etag
    return read
