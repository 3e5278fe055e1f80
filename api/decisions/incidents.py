"""An injection that the rules would have refused, and that has happened all the same."""

import json
from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found
from api.decisions import figures
from api.decisions.schemas import FindingRead
from api.decisions.worklist import add_item
from api.security import Caller
from models import (
    Administration,
    Decision,
    WorklistItem,
    WorklistKind,
    WorklistSeverity,
)
from rules.codec import facts_from_json
from rules.evaluate import evaluate
from rules.finding import Severity
from rules.stage import Stage


async def open_incident(db: AsyncSession, caller: Caller, administration: Administration) -> None:
    """Put it onto the worklist where the rules would have refused it at the time.

    Entered afterwards, a block turned into an override; whoever gave it answered for the record,
    not for the injection. The facts and the rule set are those of the decision that was kept.
    """
    if administration.decision_id is None:
        return
    decision = await found(db, Decision, caller.clinic_id, administration.decision_id)
    rule_set = await figures.version(db, caller.clinic_id, decision.rule_set_id)
    then = replace(facts_from_json(decision.facts), retrospective=False)
    judged = evaluate(Stage.ADMINISTRATION, then, rule_set.figures)
    blocks = [each for each in judged.findings if each.severity is Severity.BLOCK]
    if not blocks:
        return
    shown = [FindingRead.of(each).model_dump(mode="json") for each in blocks]
    item = WorklistItem(
        clinic_id=caller.clinic_id,
        kind=WorklistKind.INCIDENT,
        cause="retrospective_entry",
        severity=WorklistSeverity.BLOCK,
        title="This was injected although the rules would have refused it.",
        findings=json.dumps(shown),
        patient_id=administration.patient_id,
        session_id=administration.session_id,
        practitioner_id=administration.administered_by,
        administration_id=administration.id,
        decision_id=decision.id,
        due_at=caller.now,
        opened_at=caller.now,
    )
    await add_item(db, item)
    audit.record(db, caller, "incident.opened", item)
