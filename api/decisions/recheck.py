"""Judging sessions that are still to come again, after something about them has changed.

What is newly refused, or newly asks for an override, goes onto the review worklist and into the
feed (`session.needs_review`), in the transaction of the change. What was already answered for
(when the formula was approved, the plan activated, the session booked) or dismissed by a person
does not come back as long as its figures stay the same. An item is closed when a later look finds
nothing, or the session is moved, cancelled, missed or performed.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.decisions.answering import Standing
from api.decisions.foresight import foresee
from api.decisions.schemas import FindingRead
from api.decisions.stock import lacking
from api.decisions.worklist import Figures, add_item, close_item, figures_text, read_figures
from api.security import Caller
from models import (
    Decision,
    Override,
    OverrideKind,
    PlanState,
    TreatmentPlan,
    TreatmentSession,
    WorklistEnd,
    WorklistItem,
    WorklistKind,
    WorklistSeverity,
)
from rules.codec import decision_from_json
from rules.finding import Finding, Severity

_LIVE = (PlanState.ACTIVE, PlanState.ON_HOLD)
_TITLES = {
    WorklistSeverity.BLOCK: "This session would be refused.",
    WorklistSeverity.OVERRIDE: "This session would need an override.",
}


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What a second look at one session found; no findings where nothing stands in its way.

    news: whether that puts it onto the worklist, or something else stands there now.
    """

    session: TreatmentSession
    findings: tuple[FindingRead, ...]
    news: bool = False


async def recheck(
    db: AsyncSession, caller: Caller, sessions: Sequence[TreatmentSession], cause: str
) -> list[Rechecked]:
    """Judge these booked sessions again, each on its own day, and keep the worklist true.

    cause: code of what changed, such as `weight` or `rule_set`; it is shown with new items.
    Returns the sessions in order of their ids, with every finding that nobody has answered for.
    The caller has the clinic's turn, and has locked the patients unless it has it alone.
    """
    await db.flush()
    sessions = sorted(sessions, key=lambda each: each.id)
    plans = await _plans(db, caller.clinic_id, sessions)
    answered = await _answered(db, caller.clinic_id, sessions, plans)
    kept = await _items(db, caller.clinic_id, sessions)
    live = [plan for plan in plans.values() if plan.state in _LIVE]
    missing = await lacking(db, caller.clinic_id, live, caller.today)
    to_judge = [each for each in sessions if plans[each.plan_id].state in _LIVE]
    told = await foresee(db, caller, to_judge, plans)
    foreseen = dict(zip([each.id for each in to_judge], told, strict=True))
    looked: list[Rechecked] = []
    found: list[tuple[Finding, ...]] = []
    for session in sessions:
        plan = plans[session.plan_id]
        findings: tuple[Finding, ...] = ()
        if session.id in foreseen:
            subjects = (session.id, plan.id, plan.formula_version_id)
            known = frozenset().union(*(answered[each] for each in subjects))
            lack = missing.get(plan.formula_version_id, ())
            asked = (*foreseen[session.id], *lack)
            findings = tuple(each for each in asked if Standing.key(each) not in known)
        found.append(findings)
        looked.append(Rechecked(session, tuple(FindingRead.of(each) for each in findings)))
    return [
        replace(each, news=await _keep(db, caller, each, findings, kept[each.session.id], cause))
        for each, findings in zip(looked, found, strict=True)
    ]


async def _plans(
    db: AsyncSession, clinic_id: UUID, sessions: Sequence[TreatmentSession]
) -> dict[UUID, TreatmentPlan]:
    statement = select(TreatmentPlan).where(
        TreatmentPlan.clinic_id == clinic_id,
        col(TreatmentPlan.id).in_({each.plan_id for each in sessions}),
    )
    return {plan.id: plan for plan in await db.exec(statement)}


async def _answered(
    db: AsyncSession,
    clinic_id: UUID,
    sessions: Sequence[TreatmentSession],
    plans: dict[UUID, TreatmentPlan],
) -> defaultdict[UUID, Figures]:
    """What was overridden about each session, plan and formula version, at which figures."""
    subjects = {each.id for each in sessions} | set(plans)
    subjects |= {plan.formula_version_id for plan in plans.values()}
    statement = (
        select(Decision.subject_id, Decision.result, Override.code, Override.pointer)
        .join(
            Decision,
            (col(Decision.clinic_id) == col(Override.clinic_id))
            & (col(Decision.id) == col(Override.decision_id)),
        )
        .where(
            Decision.clinic_id == clinic_id,
            col(Decision.subject_id).in_(subjects),
            Override.clinic_id == clinic_id,
            Override.kind == OverrideKind.OVERRIDE,
        )
    )
    keys: defaultdict[UUID, set[tuple[str, ...]]] = defaultdict(set)
    for subject_id, result, code, pointer in (await db.exec(statement)).all():
        for finding in decision_from_json(result).findings:
            if subject_id is not None and (finding.code, finding.pointer or "") == (code, pointer):
                keys[subject_id].add(Standing.key(finding))
    return defaultdict(frozenset, {subject: frozenset(each) for subject, each in keys.items()})


async def _items(
    db: AsyncSession, clinic_id: UUID, sessions: Sequence[TreatmentSession]
) -> defaultdict[UUID, list[WorklistItem]]:
    """The open items of these sessions, and those that a person dismissed."""
    statement = select(WorklistItem).where(
        WorklistItem.clinic_id == clinic_id,
        WorklistItem.kind == WorklistKind.SESSION,
        col(WorklistItem.session_id).in_({each.id for each in sessions}),
        col(WorklistItem.closed_at).is_(None)
        | (col(WorklistItem.closed_because) == WorklistEnd.DISMISSED),
    )
    # Somebody may be dismissing one right now: what they dismiss is what was found before.
    statement = statement.order_by(col(WorklistItem.id)).with_for_update(key_share=True)
    statement = statement.execution_options(populate_existing=True)
    items: defaultdict[UUID, list[WorklistItem]] = defaultdict(list)
    for item in await db.exec(statement):
        if item.session_id is not None:
            items[item.session_id].append(item)
    return items


async def _keep(
    db: AsyncSession,
    caller: Caller,
    looked: Rechecked,
    findings: tuple[Finding, ...],
    items: list[WorklistItem],
    cause: str,
) -> bool:
    """Open, bring up to date, or close the session's item; whether that is news to its readers."""
    now = frozenset(Standing.key(each) for each in findings)
    dismissed = frozenset().union(
        *(read_figures(each.figures) for each in items if each.closed_at is not None)
    )
    item = next((each for each in items if each.closed_at is None), None)
    if item is None:
        return not now <= dismissed and await _open(db, caller, looked, now, cause)
    if not findings:
        close_item(db, caller, item, WorklistEnd.CLEAN)
        return False
    before = read_figures(item.figures)
    if now == before:
        return False
    item.findings, item.figures = _text(looked), figures_text(now)
    item.severity, item.title = _severity(looked), _TITLES[_severity(looked)]
    grown = not now <= before
    if grown:
        item.cause = cause
        audit.record(db, caller, "session.needs_review", looked.session, reason=cause)
    else:
        audit.record(db, caller, "worklist_item.updated", item)
    return grown


async def _open(
    db: AsyncSession, caller: Caller, looked: Rechecked, figures: Figures, cause: str
) -> bool:
    session, severity = looked.session, _severity(looked)
    item = WorklistItem(
        clinic_id=session.clinic_id,
        kind=WorklistKind.SESSION,
        cause=cause,
        severity=severity,
        title=_TITLES[severity],
        findings=_text(looked),
        figures=figures_text(figures),
        patient_id=session.patient_id,
        session_id=session.id,
        practitioner_id=session.practitioner_id,
        decision_id=session.decision_id,
        due_at=session.starts_at,
        opened_at=caller.now,
    )
    added = await add_item(db, item)
    if added:
        audit.record(db, caller, "session.needs_review", session, reason=cause)
    return added


def _severity(looked: Rechecked) -> WorklistSeverity:
    blocked = any(each.severity == Severity.BLOCK.value for each in looked.findings)
    return WorklistSeverity.BLOCK if blocked else WorklistSeverity.OVERRIDE


def _text(looked: Rechecked) -> str:
    return json.dumps([each.model_dump(mode="json") for each in looked.findings])
