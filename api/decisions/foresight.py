"""What the rules would say to a session that is still to come, were it to take place as booked.

A booking is judged by the scheduling rules; what its check-in and its administration will be
asked is largely known before. So a future session is put to the stages in turn, on its own day,
as if that day went well: what must be asked, measured or tested on the day is taken to be done
and to come out well; everything that is already known (allergies, conditions, medicines, consent
on that day, the last weight, open side effects, the pinned formula) counts as it is.

- scheduling and plan activation: every finding, missing input included, for it was due then;
- check-in: the same, with allergies confirmed on the day and pregnancy and weight as last known;
- administration: only what fails, with the plan's whole volume given to all its areas together;
  lots, technique on the day and the emergency kit are not known yet.

A rule speaks once, at the first of these stages that it names. A hold in force is no rule, but it
would refuse the check-in as well: it is found as `HOLD`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions import just_told
from api.decisions.facts import gather_many
from api.decisions.matters import Scheduling
from api.security import Caller
from models import TreatmentPlan, TreatmentSession
from rules import facts
from rules.evaluate import evaluate
from rules.finding import Finding, Outcome, Severity
from rules.rule_set import RuleSet
from rules.stage import Stage

_STAGES = (Stage.SCHEDULING, Stage.PLAN_ACTIVATION, Stage.CHECK_IN, Stage.ADMINISTRATION)
_STOPPING = (Severity.BLOCK, Severity.OVERRIDE)
# Measured on the day itself, and judged by nothing else.
_OF_THE_DAY = frozenset({"CONTRA-VITALS", "CONTRA-SITE-INFECTION"})


async def foresee(
    db: AsyncSession,
    caller: Caller,
    sessions: Sequence[TreatmentSession],
    plans: Mapping[UUID, TreatmentPlan],
) -> list[tuple[Finding, ...]]:
    """What would refuse each session or ask for an override, worst first within each stage.

    Judged by the rule set in force on the session's day. Nothing is stored.
    """
    told_before = just_told.kept(db, sessions)
    if told_before is not None:
        return [foreseen(told_before.facts, told_before.figures)]
    matters = [_matter(each, plans[each.plan_id]) for each in sessions]
    told = await gather_many(db, caller, matters)
    found = []
    for each in told:
        found.append(foreseen(each.facts, each.rule_set.figures))
        await asyncio.sleep(0)  # of hundreds of sessions it takes a while: others are served
    return found


def _matter(session: TreatmentSession, plan: TreatmentPlan) -> Scheduling:
    return Scheduling(
        plan,
        session.id,
        session.session_number,
        session.starts_at,
        session.ends_at,
        session.practitioner_id,
    )


def foreseen(known: facts.Facts, figures: RuleSet) -> tuple[Finding, ...]:
    """The findings of severity `block` and `override`, each rule at its first stage."""
    day = _gone_well(known)
    spoken = set(_OF_THE_DAY)
    found = [_held(each) for each in known.holds]
    for stage in _STAGES:
        told = known if stage is Stage.SCHEDULING else day
        decision = evaluate(stage, told, figures)
        found.extend(each for each in decision.findings if _counts(stage, each, spoken))
        spoken.update(result.code for result in decision.results)
    return tuple(found)


def _held(hold: facts.Hold) -> Finding:
    return Finding(
        code="HOLD",
        outcome=Outcome.FAIL,
        severity=Severity.BLOCK,
        title="Held until somebody releases it",
        message=f"There is a hold in force on this {hold.scope} ({hold.reason_code}).",
        pointer=None,
        measured=None,
        limit=None,
        unit=None,
        source="the clinic's own hold, see /v1/holds",
        evidence="convention",
        remedy="Release the hold once its criteria are met, or cancel the session.",
        first_day=None,
        override_role=None,
        second_person=False,
    )


def _counts(stage: Stage, finding: Finding, spoken: set[str]) -> bool:
    if finding.code in spoken or finding.severity not in _STOPPING:
        return False
    return stage is not Stage.ADMINISTRATION or finding.outcome is Outcome.FAIL


def _gone_well(known: facts.Facts) -> facts.Facts:
    """The session's day, with what it will bring taken to be done and to come out well."""
    patient, plan = known.patient, known.plan
    given = facts.Administration(areas=())
    if plan is not None:
        # The doses of the visit are those of its whole volume, however the areas will share it.
        given = facts.Administration(plan.areas, administered_ul=plan.volume_per_session_ul)
    return replace(
        known,
        patient=None if patient is None else replace(patient, **_asked_again(patient, known)),
        screening=facts.Screening(allergies_confirmed=True),
        administration=given,
    )


def _asked_again(patient: facts.Patient, known: facts.Facts) -> dict[str, Any]:
    """The answers of today as they would be given on the session's day; a yes stays a yes."""
    answers: dict[str, Any] = {}
    if patient.weight_g is not None:
        answers["weighed_on"] = known.on
    if patient.pregnancy is not None:
        answers["pregnancy_asked_on"] = known.on
    if patient.pregnancy_test != "positive":
        answers |= {"pregnancy_test": "negative", "pregnancy_tested_on": known.on}
    if patient.effective_contraception is None:
        answers["effective_contraception"] = True
    return answers
