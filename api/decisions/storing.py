"""Decisions as they are kept: facts and result byte for byte, with who answered for what."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.decisions.answering import Answered, Standing
from api.decisions.figures import RuleSetInForce
from api.decisions.matters import (
    Administering,
    CheckIn,
    EffectReport,
    FormulaApproval,
    Matter,
    PlanActivation,
    Scheduling,
)
from api.security import Caller
from models import (
    ActorKind,
    Decision,
    DecisionOutcome,
    DecisionStage,
    Override,
    OverrideKind,
)
from rules import finding as answer
from rules.codec import decision_from_json, decision_to_json, facts_to_json
from rules.facts import Facts


def subject_of(matter: Matter) -> tuple[str, UUID, UUID | None]:
    """What is decided about: its kind, its id, and the patient where there is one."""
    match matter:
        case FormulaApproval():
            return "formula_version", matter.version.id, None
        case PlanActivation():
            return "plan", matter.plan.id, matter.plan.patient_id
        case Scheduling():
            return "session", matter.session_id, matter.plan.patient_id
        case CheckIn() | Administering():
            return "session", matter.session.id, matter.plan.patient_id
        case EffectReport():
            return "side_effect", matter.side_effect.id, matter.side_effect.patient_id


async def store(
    db: AsyncSession,
    caller: Caller,
    matter: Matter,
    in_force: RuleSetInForce,
    facts: Facts,
    decision: answer.Decision,
    answered: tuple[Answered, ...],
) -> Decision:
    """Keep one decision and the answers that were given to it now."""
    kind, subject_id, patient_id = subject_of(matter)
    row = Decision(
        clinic_id=caller.clinic_id,
        stage=DecisionStage(decision.stage.value),
        subject_kind=kind,
        subject_id=subject_id,
        patient_id=patient_id,
        rule_set_id=in_force.id,
        facts=facts_to_json(facts),
        result=decision_to_json(decision),
        outcome=DecisionOutcome(decision.verdict.value),
        decided_at=caller.now,
        decided_by_kind=ActorKind(caller.actor_kind.value),
        decided_by=caller.actor_id,
        request_id=caller.request_id or None,
    )
    db.add(row)
    for given in _answers(caller, row, answered):
        db.add(given)
        if given.kind is OverrideKind.OVERRIDE:
            action = "finding.overridden"
            audit.record(db, caller, action, given, patient_id=patient_id, reason=given.code)
    await db.flush()
    return row


def _answers(caller: Caller, row: Decision, answered: tuple[Answered, ...]) -> list[Override]:
    """One row per finding that was answered now; two at one place are one answer."""
    rows: dict[tuple[str, str], Override] = {}
    for each in answered:
        acknowledged = each.resolved_by == "acknowledgement"
        if not acknowledged and each.override is None:
            continue
        code, pointer = each.finding.code, each.finding.pointer or ""
        rows[(code, pointer)] = Override(
            clinic_id=row.clinic_id,
            decision_id=row.id,
            kind=OverrideKind.ACKNOWLEDGEMENT if acknowledged else OverrideKind.OVERRIDE,
            code=code,
            pointer=pointer,
            decided_by=caller.actor_id,
            decided_at=caller.now,
            **({} if acknowledged else _said(each)),
        )
    return list(rows.values())


def _said(answered: Answered) -> dict[str, Any]:
    override = answered.override
    if override is None or answered.role is None:
        raise RuntimeError("an override without a person's answer")
    return {
        "reason": override.reason,
        "comment": override.comment,
        "role": answered.role.value,
    }


async def standing_overrides(
    db: AsyncSession, clinic_id: UUID, subject_id: UUID, before: UUID | None = None
) -> Standing:
    """What was overridden about this subject so far. before: the decision that asks."""
    statement = (
        select(Override, Decision.result)
        .join(
            Decision,
            (col(Decision.clinic_id) == col(Override.clinic_id))
            & (col(Decision.id) == col(Override.decision_id)),
        )
        .where(
            Decision.clinic_id == clinic_id,
            Decision.subject_id == subject_id,
            Override.clinic_id == clinic_id,
            Override.kind == OverrideKind.OVERRIDE,
        )
    )
    if before is not None:
        statement = statement.where(col(Decision.id) < before)
    keys = set()
    for override, result in (await db.exec(statement)).all():
        for finding in decision_from_json(result).findings:
            if (finding.code, finding.pointer or "") == (override.code, override.pointer):
                keys.add(Standing.key(finding))
    return Standing(frozenset(keys))
