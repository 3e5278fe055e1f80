"""Kept decisions, read and explained, and asked again."""

import json
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy.orm import defer
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.database import found
from api.decisions import figures, wording
from api.decisions.answering import Standing
from api.decisions.figures import RuleSetInForce
from api.decisions.reading_schemas import (
    AnswerGiven,
    DecisionQuery,
    DecisionRead,
    DecisionSummary,
    ReplayRead,
    RuleAsked,
    RuleSetUsed,
)
from api.decisions.schemas import FindingRead, ResolvedBy
from api.decisions.storing import standing_overrides
from api.paging import Order, Page, Pager
from api.problems import Forbidden
from api.security import Caller
from models import Decision, DecisionStage, Override, OverrideKind, StaffMember
from rules.catalogue import rule_named
from rules.codec import NotCanonical, decision_from_json, decision_to_json, facts_from_json
from rules.evaluate import evaluate
from rules.finding import Decision as Verdict
from rules.finding import Finding, Severity, verdict_of

_CLINICAL = "clinical:read"
# What the desk sees anyway: why a time cannot be booked, and formulas of nobody.
_FOR_ALL = (DecisionStage.SCHEDULING, DecisionStage.FORMULA_APPROVAL)


async def list_decisions(
    db: AsyncSession, caller: Caller, request: Request, query: DecisionQuery
) -> tuple[Page[DecisionSummary], Pager]:
    """Decisions newest first; those about a patient's health only with clinical:read."""
    statement = (
        select(Decision)
        .where(Decision.clinic_id == caller.clinic_id)
        .options(defer(col(Decision.facts)), defer(col(Decision.result)))  # type: ignore[arg-type]
    )
    wanted: dict[str, Any] = {
        "subject_id": query.subject_id,
        "patient_id": query.patient_id,
        "stage": query.stage,
        "outcome": query.verdict,
    }
    for name, value in wanted.items():
        if value is not None:
            statement = statement.where(getattr(Decision, name) == value)
    if not caller.may(_CLINICAL):
        statement = statement.where(col(Decision.stage).in_(_FOR_ALL))
    pager = Pager(request, query, caller.clinic_id)
    rows, cursor, total = await pager.rows(db, statement, Order((Decision.id,), descending=True))
    items = [DecisionSummary.of(row) for row in rows]
    return Page[DecisionSummary](items=items, next_cursor=cursor, total=total), pager


async def _readable(db: AsyncSession, caller: Caller, decision_id: UUID) -> Decision:
    row = await found(db, Decision, caller.clinic_id, decision_id)
    if row.stage not in _FOR_ALL and not caller.may(_CLINICAL):
        raise Forbidden(_CLINICAL)
    return row


async def read(db: AsyncSession, caller: Caller, decision_id: UUID) -> DecisionRead:
    """One decision, explained. Forbidden for what is clinical without clinical:read."""
    row = await _readable(db, caller, decision_id)
    rule_set = await figures.version(db, caller.clinic_id, row.rule_set_id)
    decision = decision_from_json(row.result)
    answers = await _answers(db, row)
    standing = Standing()
    if row.subject_id is not None:
        standing = await standing_overrides(db, row.clinic_id, row.subject_id, before=row.id)
    findings = [
        FindingRead.of(each, _resolved_by(each, answers, standing)) for each in decision.findings
    ]
    left = tuple(
        finding
        for finding, shown in zip(decision.findings, findings, strict=True)
        if shown.resolved_by is None and finding.severity is not Severity.INFO
    )
    facts = json.loads(row.facts)
    outcome = verdict_of(left).value
    question = wording.question(row.stage, facts)
    return DecisionRead(
        **DecisionSummary.of(row).model_dump(),
        question=question,
        outcome=outcome,
        explanation=wording.explanation(
            question, row, rule_set, outcome, findings, answers, caller.zone
        ),
        findings=findings,
        answers=answers,
        rules=_rules(decision),
        rule_set=_used(rule_set),
        facts=facts if caller.may(_CLINICAL) else None,
        request_id=row.request_id,
    )


async def _answers(db: AsyncSession, row: Decision) -> list[AnswerGiven]:
    statement = (
        select(Override, StaffMember.display_name)
        .outerjoin(
            StaffMember,
            (col(StaffMember.clinic_id) == col(Override.clinic_id))
            & (col(StaffMember.id) == col(Override.decided_by)),
        )
        .where(Override.clinic_id == row.clinic_id, Override.decision_id == row.id)
        .order_by(col(Override.id))
    )
    names = set(AnswerGiven.model_fields) - {"pointer", "decided_by_name"}
    return [
        AnswerGiven(
            **given.model_dump(include=names),
            pointer=given.pointer or None,
            decided_by_name=name,
        )
        for given, name in (await db.exec(statement)).all()
    ]


def _resolved_by(
    finding: Finding, answers: list[AnswerGiven], standing: Standing
) -> ResolvedBy | None:
    for given in answers:
        if (given.code, given.pointer) == (finding.code, finding.pointer):
            read = given.kind is OverrideKind.ACKNOWLEDGEMENT
            return "acknowledgement" if read else "override"
    overridable = finding.severity is Severity.OVERRIDE
    return "override" if overridable and standing.covers(finding) else None


def _rules(decision: Verdict) -> list[RuleAsked]:
    return [
        RuleAsked(
            code=each.code,
            title=known.title if (known := rule_named(each.code)) else each.code,
            outcome=each.outcome.value,
            severity=each.severity.value if each.severity else None,
        )
        for each in decision.results
    ]


def _used(rule_set: RuleSetInForce) -> RuleSetUsed:
    return RuleSetUsed(
        id=rule_set.id,
        number=rule_set.number,
        label=rule_set.label,
        valid_from=rule_set.valid_from,
        content_hash=rule_set.content_hash,
    )


async def replay(db: AsyncSession, caller: Caller, decision_id: UUID) -> ReplayRead:
    """Ask again with the kept facts and the kept figures, and compare byte for byte."""
    row = await _readable(db, caller, decision_id)
    rule_set = await figures.version(db, caller.clinic_id, row.rule_set_id)
    try:
        facts = facts_from_json(row.facts)
    except NotCanonical:
        again = None
    else:
        again = evaluate(decision_from_json(row.result).stage, facts, rule_set.figures)
    text = decision_to_json(again) if again else None
    return ReplayRead(
        identical=text == row.result,
        decision_id=row.id,
        rule_set_number=rule_set.number,
        verdict=again.verdict.value if again else None,
        differences=_differences(row.result, again) if text != row.result else [],
    )


def _differences(stored: str, again: Verdict | None) -> list[str]:
    before = _by_code(decision_from_json(stored))
    after = _by_code(again) if again else {}
    return sorted(
        code for code in before.keys() | after.keys() if before.get(code) != after.get(code)
    )


def _by_code(decision: Verdict) -> dict[str, tuple[Any, ...]]:
    """Of each rule: how it came out, and what it found."""
    return {
        each.code: (each, *(f for f in decision.findings if f.code == each.code))
        for each in decision.results
    }
