"""`/v1/day-sheet`: everything for one day in one call."""

from typing import Annotated

from fastapi import Query, Security

from api.database import ReadDb
from api.routing import Router
from api.security import Caller, read_caller
from api.worklists import day_sheet
from api.worklists.day_sheet_schemas import DaySheet, DaySheetQuery

router = Router(prefix="/v1/day-sheet", tags=["Worklists"])
Reader = Annotated[Caller, Security(read_caller, scopes=["sessions:read"])]


@router.get("", name="read_day_sheet", summary="Everything for one day")
async def read_day_sheet(
    query: Annotated[DaySheetQuery, Query()], caller: Reader, db: ReadDb
) -> DaySheet:
    """The day's sessions in order, with the patients' alerts, holds, open findings, the formula of
    each, and the lots to prepare with their expiry. Each part needs its own scope and is null
    without it: patients:read, clinical:read, rules:read, formulas:read."""
    return await day_sheet.read(db, caller, query)
