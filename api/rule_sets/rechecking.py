"""Judging the sessions to come by a version that was just published, as an operation.

In steps of a few sessions, so that nobody waits for it. What now stands in the way of a session
is on the review worklist in the same transaction, and is listed in the operation's result.
"""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.concerned import sit_with
from api.decisions.recheck import Rechecked, recheck
from api.operations.work import Step, Work, add_items
from api.security import Caller
from models import SessionState, TreatmentSession

_BATCH = 10
_TO_COME = (SessionState.SCHEDULED, SessionState.CONFIRMED)
_CAUSE = "rule_set"


async def recheck_sessions(work: Work) -> dict[str, Any]:
    """Look at every booked session from the version's first day on.

    Result: sessions looked at, with_findings, refused, needs_override, and href of the list.
    """
    state = work.progress.checkpoint or {"last": None, "counts": {}}
    while True:
        async with work.step() as step:
            caller = await work.caller(step.db)
            first = _first_instant(work, caller)
            total = work.progress.total
            if total is None:
                total = await _count(step.db, caller, first)
            sessions = await _batch(step.db, caller, first, state["last"])
            looked = await recheck(
                step.db, caller, await sit_with(step.db, caller, sessions), _CAUSE
            )
            last = str(sessions[-1].id) if sessions else state["last"]
            state = await _store(work, step, state["counts"], last, looked)
            step.came_to(work.progress.done + len(sessions), total, state)
        if len(sessions) < _BATCH:
            return _result(work, state)


def _first_instant(work: Work, caller: Caller) -> datetime:
    on = date.fromisoformat(work.args["valid_from"])
    return max(caller.now, datetime.combine(on, time(), caller.zone).astimezone(UTC))


async def _count(db: AsyncSession, caller: Caller, first: datetime) -> int:
    count: int = (await db.exec(_coming(select(func.count()), caller, first))).one()
    return count


def _coming(statement: Any, caller: Caller, first: datetime) -> Any:
    return statement.where(
        TreatmentSession.clinic_id == caller.clinic_id,
        col(TreatmentSession.state).in_(_TO_COME),
        col(TreatmentSession.starts_at) >= first,
    )


async def _batch(
    db: AsyncSession, caller: Caller, first: datetime, last: str | None
) -> list[TreatmentSession]:
    statement = _coming(select(TreatmentSession), caller, first)
    if last is not None:
        statement = statement.where(col(TreatmentSession.id) > UUID(last))
    statement = statement.order_by(col(TreatmentSession.id)).limit(_BATCH)
    return list((await db.exec(statement)).all())


async def _store(
    work: Work, step: Step, before: dict[str, int], last: str | None, looked: list[Rechecked]
) -> dict[str, Any]:
    counts = dict(before)
    lines = []
    for each in looked:
        if not each.findings:
            continue
        refused = any(finding.severity == "block" for finding in each.findings)
        kind = "refused" if refused else "needs_override"
        counts[kind] = counts.get(kind, 0) + 1
        data = {
            "patient_id": str(each.session.patient_id),
            "starts_at": each.session.starts_at.isoformat(),
            "findings": [finding.model_dump(mode="json") for finding in each.findings],
        }
        lines.append(work.item(sum(counts.values()), _CAUSE, kind, each.session.id, data))
    await add_items(step, lines)
    return {"last": last, "counts": counts}


def _result(work: Work, state: dict[str, Any]) -> dict[str, Any]:
    counts = state["counts"]
    number = work.args["rule_set_number"]
    return {
        "sessions": work.progress.done,
        "with_findings": sum(counts.values()),
        "refused": counts.get("refused", 0),
        "needs_override": counts.get("needs_override", 0),
        "href": f"/v1/rule-sets/{number}/recheck/{work.lease.operation_id}/sessions",
    }
