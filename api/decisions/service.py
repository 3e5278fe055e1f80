"""The one door to the rules: load the facts, ask, count the answers, keep the decision."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions import just_told, storing
from api.decisions.answering import Answered, Standing, answer
from api.decisions.facts import STAGES, Told, gather, judged_on
from api.decisions.figures import RuleSetInForce, in_force
from api.decisions.later import left_for_later
from api.decisions.matters import Administering, CheckIn, EffectReport, Matter, Scheduling
from api.decisions.proposers import proposers
from api.decisions.refusal import Refused
from api.decisions.schemas import Answers, FindingRead
from api.decisions.turns import share_turn
from api.decisions.windows import window, window_document
from api.security import Caller
from rules.arithmetic import stored_micro
from rules.case import Case
from rules.evaluate import evaluate
from rules.facts import Facts
from rules.finding import Decision, verdict_of
from rules.rule_set import RuleSet

__all__ = ["Decided", "Dose", "decide", "preview", "window"]


@dataclass(frozen=True, slots=True)
class Dose:
    """What the patient got of one ingredient: millionths of its unit, rounded up."""

    ingredient_code: str
    dose_micro: int


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that goes ahead, already stored.

    outcome: what the findings asked for by themselves: `allowed`, `needs_acknowledgement` or
    `needs_override` (and `refused` only for a reported side effect, which is kept all the same).
    doses: of an administration, one per ingredient, sorted by code; empty otherwise.
    """

    id: UUID
    outcome: str
    findings: tuple[FindingRead, ...]
    doses: tuple[Dose, ...] = ()


async def decide(
    db: AsyncSession, caller: Caller, matter: Matter, answers: Answers, told: Told | None = None
) -> Decided:
    """Ask the rules about `matter` and keep their decision.

    The rows of the matter are flushed and its patient is locked. Judged by the rule set in force
    on the day of the matter. Raises Refused where findings are left unanswered, Forbidden where
    an override comes from somebody who may not give any, InvalidRequest where it answers
    nothing. A side effect is never refused: not to record it would be worse.
    told: what the rules are told, where it was loaded for many matters at once in this turn.
    """
    if isinstance(matter, Scheduling):
        await share_turn(db, caller.clinic_id)
    rule_set, facts = told or await _told(db, caller, matter)
    decision = evaluate(STAGES[type(matter)], facts, rule_set.figures)
    standing = await _standing(db, caller, matter)
    later = left_for_later(caller, matter, decision, facts, rule_set.figures)
    answered = answer(decision.findings, answers, caller, proposers(matter), standing, later)
    left = [each for each in answered if each.stands_in_the_way]
    document = _document(decision, rule_set, answered)
    if left and not isinstance(matter, EffectReport):
        if isinstance(matter, Scheduling):
            document["window"] = window_document(facts, rule_set.figures, caller.today)
        raise Refused(len(left), document)
    row = await storing.store(db, caller, matter, rule_set, facts, decision, answered)
    just_told.keep(db, matter, facts, rule_set.figures)
    db.info["decision"] = document
    findings = tuple(each.read() for each in answered)
    doses = _doses(matter, facts, rule_set.figures)
    return Decided(row.id, decision.verdict.value, findings, doses)


async def preview(db: AsyncSession, caller: Caller, matter: Matter) -> tuple[FindingRead, ...]:
    """What the rules would find now; nothing is stored and nothing is refused."""
    rule_set, facts = await _told(db, caller, matter)
    decision = evaluate(STAGES[type(matter)], facts, rule_set.figures)
    return tuple(FindingRead.of(finding) for finding in decision.findings)


async def _told(db: AsyncSession, caller: Caller, matter: Matter) -> Told:
    rule_set = await in_force(db, caller.clinic_id, judged_on(caller, matter))
    return Told(rule_set, await gather(db, caller, matter, rule_set.figures))


async def _standing(db: AsyncSession, caller: Caller, matter: Matter) -> Standing:
    """An override given when the session was booked or checked in lasts until it is performed."""
    if not isinstance(matter, CheckIn | Administering):
        return Standing()
    return await storing.standing_overrides(db, caller.clinic_id, matter.session.id)


def _document(
    decision: Decision, rule_set: RuleSetInForce, answered: tuple[Answered, ...]
) -> dict[str, Any]:
    """What a dry run answers, and what a refusal carries.

    outcome: what is left once the answers are counted; verdict: what the findings ask for by
    themselves.
    """
    left = tuple(each.finding for each in answered if each.stands_in_the_way)
    return {
        "outcome": verdict_of(left).value,
        "verdict": decision.verdict.value,
        "stage": decision.stage.value,
        "findings": [each.read().model_dump(mode="json") for each in answered],
        "unanswered": sorted({finding.code for finding in left}),
        "rejected_overrides": [
            {"code": each.finding.code, "reason": each.rejected_for}
            for each in answered
            if each.rejected_for
        ],
        "rule_set": {"number": rule_set.number, "label": rule_set.label},
        "decision_id": None,
    }


def _doses(matter: Matter, facts: Facts, figures: RuleSet) -> tuple[Dose, ...]:
    """The doses that the rules reckoned with, so that what is stored is what was judged."""
    if not isinstance(matter, Administering):
        return ()
    case = Case(STAGES[Administering], facts, figures)
    return tuple(
        Dose(each.code, stored_micro(each.dose)) for each in case.doses if each.dose is not None
    )
