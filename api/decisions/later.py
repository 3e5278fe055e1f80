"""What a session far ahead can only meet later.

A whole course is booked at its beginning. That an assessment will be due before its ninth session
is known then, and cannot be met then: the day for it has not come. Such a finding may be
acknowledged when a session is booked ahead, instead of overridden, if today it would not be found:
only the distance brings it about. It stays open. The session is on the review worklist, and the
same rule is asked again at check-in, where nothing but the assessment, or an override, answers it.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.matters import Matter, Scheduling
from api.security import Caller
from models import Override, OverrideKind
from rules.case import Case
from rules.catalogue import rule_named
from rules.evaluate import findings_of
from rules.facts import Facts
from rules.finding import Decision
from rules.rule_set import RuleSet
from rules.stage import Stage

# Asked again at check-in, and met by something that the clinic does before that.
MET_LATER = frozenset({"PLAN-REASSESS-DUE"})


def left_for_later(
    caller: Caller, matter: Matter, decision: Decision, facts: Facts, figures: RuleSet
) -> frozenset[str]:
    """Codes of the findings that an acknowledgement answers, because the session lies ahead."""
    if not isinstance(matter, Scheduling) or not matter.ahead:
        return frozenset()
    today = Case(Stage.SCHEDULING, replace(facts, on=caller.today, at=None), figures)
    found = {each.code for each in decision.findings} & MET_LATER
    return frozenset(
        code for code in found if (rule := rule_named(code)) and not findings_of(rule, today)
    )


async def was_left_for_later(db: AsyncSession, clinic_id: UUID, decision_id: UUID | None) -> bool:
    """Whether a session was booked, by this decision, with something left for later."""
    return bool(await left_by(db, clinic_id, [decision_id]))


async def left_by(
    db: AsyncSession, clinic_id: UUID, decision_ids: Iterable[UUID | None]
) -> frozenset[str]:
    """Codes of what was left for later when these decisions were made."""
    known = {each for each in decision_ids if each is not None}
    if not known:
        return frozenset()
    statement = select(col(Override.code)).where(
        Override.clinic_id == clinic_id,
        col(Override.decision_id).in_(known),
        Override.kind == OverrideKind.ACKNOWLEDGEMENT,
        col(Override.code).in_(MET_LATER),
    )
    return frozenset((await db.exec(statement)).all())
