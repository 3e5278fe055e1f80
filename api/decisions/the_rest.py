"""Judging many patients' sessions again, when one change concerns them all.

The first are judged in the transaction of the change, the rest by an operation that commits with
it: nobody waits for a thousand sessions, and none is forgotten.
"""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.concerned import About, sessions_of, sit_with
from api.decisions.recheck import recheck
from api.operations import service as operations
from api.operations.work import Work
from api.security import Caller

RECHECK_REST = "sessions_recheck"
_SCOPE = "sessions:read"
_BATCH = 10


async def ask_for_rest(
    db: AsyncSession, caller: Caller, about: About, cause: str, after: UUID
) -> None:
    """Have the sessions behind this one, in the order of their ids, judged soon."""
    args = {"what": about.what, "id": str(about.id), "cause": cause, "after": str(after)}
    await operations.ask(db, caller, RECHECK_REST, _SCOPE, args, cancellable=False)


async def recheck_rest(work: Work) -> dict[str, Any]:
    """In steps of a few sessions. Result: sessions looked at, and those with findings."""
    state = work.progress.checkpoint or {"after": work.args["after"], "with_findings": 0}
    about = _about(work)
    while True:
        async with work.step() as step:
            caller = await work.caller(step.db)
            sessions = await sessions_of(step.db, caller, about, _BATCH, UUID(state["after"]))
            still = await sit_with(step.db, caller, sessions)
            looked = await recheck(step.db, caller, still, work.args["cause"])
            state = {
                "after": str(sessions[-1].id) if sessions else state["after"],
                "with_findings": state["with_findings"] + sum(bool(e.findings) for e in looked),
            }
            step.came_to(work.progress.done + len(sessions), None, state)
        if len(sessions) < _BATCH:
            return {"sessions": work.progress.done, "with_findings": state["with_findings"]}


def _about(work: Work) -> About:
    what, about_id = work.args["what"], work.args["id"]
    by_code = what == "ingredient"
    return About(what, work.lease.clinic_id, about_id if by_code else UUID(about_id))
