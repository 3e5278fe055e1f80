"""Running a version over the clinic's kept decisions: what it would have let pass, and what not.

Kept decisions hold all that was known when they were made, so each can be judged again exactly.
What was refused then is not among them: a refusal is an answer and leaves nothing behind.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions import figures
from api.decisions.backtesting import UNREADABLE, judge
from api.operations import service as operations
from api.operations.work import Work, add_items
from api.problems import invalid
from api.rule_sets.publishing import Outdated
from api.rule_sets.service import read_rule_set
from api.rule_sets.tallying import Tally, change_of, is_told
from api.rule_sets.testing_schemas import BacktestCreate
from api.security import Caller
from models import Decision, Operation, RuleSet

BACKTEST = "rule_set_backtest"
SCOPE = "rules:manage"
_BATCH = 100


async def ask(db: AsyncSession, caller: Caller, number: int, body: BacktestCreate) -> Operation:
    """Have a version run over the decisions of these days, both included; all without days."""
    if body.from_on is not None and body.to_on is not None and body.from_on > body.to_on:
        raise invalid("/to_on", "order", "The last day is not before the first.")
    row = await read_rule_set(db, caller, number)
    args = {
        "rule_set_number": row.number,
        "content_hash": row.content_hash,
        "from_on": None if body.from_on is None else body.from_on.isoformat(),
        "to_on": None if body.to_on is None else body.to_on.isoformat(),
    }
    return await operations.ask(db, caller, BACKTEST, SCOPE, args)


async def run(work: Work) -> dict[str, Any]:
    """Judge batch after batch in a process of its own, and keep what differs and what is told."""
    async with work.database.reading() as db:
        caller = await work.caller(db)
        row = await _tested(db, caller, work)
        look_back = (await figures.version(db, caller.clinic_id, row.id)).figures.look_back_days
        total = work.progress.total
        if total is None:
            total = (await db.exec(_asked(select(func.count()), work, caller))).one()
    state = work.progress.checkpoint or {}
    tally, last = Tally.of(state.get("tally")), state.get("last")
    async with judge(row.document) as judging:
        while batch := await _batch(work, caller, last):
            answers = await judging.ask(batch)
            reach = await _look_backs(work, caller, batch)
            lines = _counted(work, tally, batch, answers, reach, look_back)
            last = str(batch[-1].id)
            async with work.step() as step:
                await add_items(step, lines)
                done = work.progress.done + len(batch)
                step.came_to(done, max(done, total), {"last": last, "tally": tally.plain()})
    href = f"/v1/rule-sets/{row.number}/backtests/{work.lease.operation_id}/sessions"
    return {"decisions": work.progress.done, "href": href, **tally.result()}


async def _tested(db: AsyncSession, caller: Caller, work: Work) -> RuleSet:
    row = await read_rule_set(db, caller, work.args["rule_set_number"])
    if row.content_hash != work.args["content_hash"]:
        raise Outdated("The draft was changed after the test was asked for.")
    return row


def _asked(statement: Any, work: Work, caller: Caller) -> Any:
    """Restrict a statement to the decisions that the test is about."""
    statement = statement.where(Decision.clinic_id == caller.clinic_id)
    if (first := work.args["from_on"]) is not None:
        start = _midnight(caller, date.fromisoformat(first))
        statement = statement.where(col(Decision.decided_at) >= start)
    if (final := work.args["to_on"]) is not None:
        end = _midnight(caller, date.fromisoformat(final) + timedelta(days=1))
        statement = statement.where(col(Decision.decided_at) < end)
    return statement


def _midnight(caller: Caller, on: date) -> datetime:
    return datetime.combine(on, time(), caller.zone).astimezone(UTC)


async def _batch(work: Work, caller: Caller, last: str | None) -> Sequence[Decision]:
    statement = _asked(select(Decision), work, caller)
    if last is not None:
        statement = statement.where(col(Decision.id) > UUID(last))
    async with work.database.reading() as db:
        statement = statement.order_by(col(Decision.id)).limit(_BATCH)
        batch: Sequence[Decision] = (await db.exec(statement)).all()
        return batch


async def _look_backs(work: Work, caller: Caller, batch: Sequence[Decision]) -> dict[UUID, int]:
    """How many days of history each rule set had the facts loaded with."""
    async with work.database.reading() as db:
        return {
            each: (await figures.version(db, caller.clinic_id, each)).figures.look_back_days
            for each in {decision.rule_set_id for decision in batch}
        }


def _counted(
    work: Work,
    tally: Tally,
    batch: Sequence[Decision],
    answers: Sequence[Any],
    reach: dict[UUID, int],
    look_back: int,
) -> list[Any]:
    """Count each answer; returns the lines to keep, one per rule that said or says something."""
    lines = []
    for decision, answer in zip(batch, answers, strict=True):
        if answer == UNREADABLE:
            tally.unreadable += 1
            continue
        tally.shorter_history += reach[decision.rule_set_id] < look_back
        then, now, rules = answer
        tally.count_verdicts(then, now)
        for code, before, after in rules:
            tally.count_rule(code, before, after)
            if is_told(before) or is_told(after):
                tally.lines += 1
                subject = decision.subject_id or decision.id
                data = _line(decision, before, after)
                kind = change_of(before, after)
                lines.append(work.item(tally.lines, code, kind, subject, data))
    return lines


def _line(decision: Decision, before: str, after: str) -> dict[str, Any]:
    patient_id = decision.patient_id
    return {
        "decision_id": str(decision.id),
        "subject_kind": decision.subject_kind,
        "patient_id": None if patient_id is None else str(patient_id),
        "stage": decision.stage.value,
        "decided_at": decision.decided_at.isoformat(),
        "before": before,
        "after": after,
    }
