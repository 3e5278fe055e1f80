"""`/health`: for supervisors and load balancers; no credentials, no personal data."""

from typing import Literal

from fastapi import Request, Response
from pydantic import Field
from sqlalchemy import text

from api.database import database_of
from api.fields import Answer
from api.routing import Router
from models.guards import missing_guards

router = Router(prefix="/health", tags=["Health"])


class Liveness(Answer):
    status: Literal["alive"] = "alive"


class Readiness(Answer):
    """Ready when the database answers and every constraint and trigger is in place."""

    status: Literal["ready", "not_ready"]
    missing: tuple[str, ...] = Field(
        default=(), description="Constraints and triggers that are absent."
    )


@router.get("/live", name="read_liveness", summary="Is the process alive?")
async def read_liveness() -> Liveness:
    """Answers without touching the database."""
    return Liveness()


@router.get(
    "/ready",
    name="read_readiness",
    summary="Can it work?",
    responses={503: {"description": "The database is not ready.", "model": Readiness}},
)
async def read_readiness(request: Request, response: Response) -> Readiness:
    """One round trip to the database, and the inventory of its constraints and triggers."""
    async with database_of(request).engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        missing = await missing_guards(connection)
    if missing:
        response.status_code = 503
        return Readiness(status="not_ready", missing=tuple(missing))
    return Readiness(status="ready")
