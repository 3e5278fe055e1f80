"""`/v1/overrides/summary`."""

from typing import Annotated

from fastapi import Query, Security

from api.database import ReadDb
from api.decisions import override_summary
from api.decisions.override_summary_schemas import OverrideQuery, OverrideSummary
from api.routing import Router
from api.security import Caller, read_caller

router = Router(tags=["Rules and decisions"])
Reader = Annotated[Caller, Security(read_caller, scopes=["rules:read", "insights:read"])]


@router.get("/v1/overrides/summary", name="summarise_overrides", summary="How rules are overridden")
async def summarise_overrides(
    query: Annotated[OverrideQuery, Query()], caller: Reader, db: ReadDb
) -> OverrideSummary:
    """Per rule: how often it was overridden, by whom, for which coded reasons, and in which share
    of the decisions at which it was asked. A rule that is overridden as a matter of course does
    not protect anybody: its figure, or the habit, is worth a look."""
    return await override_summary.summarise(db, caller, query)
