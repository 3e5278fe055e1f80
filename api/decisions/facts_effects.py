"""What the rules are told about side effects and holds that stand in the way of a treatment."""

import json
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.entries import CLINIC, PATIENTS, by_patient, standing, whose
from models import Hold, HoldScope, SideEffect, SideEffectState, TreatmentPlan
from rules import facts
from rules.rule_set import RuleSet

_UNRESOLVED = (SideEffectState.OPEN, SideEffectState.UNDER_REVIEW)
_NOT_CAUSED = "unlikely"
_DIRECTOR = "medical_director"
_TREATMENT = (HoldScope.SESSION, HoldScope.PLAN, HoldScope.PATIENT)
_FATAL = frozenset({"death", "life_threatening"})
_PATCHY = frozenset({"patchy", "scarring", "patchy_or_scarring"})
_EFFECTS = standing(SideEffect).order_by(col(SideEffect.id))
_HOLDS = (
    select(Hold)
    .where(
        Hold.clinic_id == CLINIC,
        or_(
            col(Hold.patient_id).in_(PATIENTS),
            col(Hold.plan_id).in_(bindparam("plans", expanding=True)),
            col(Hold.patient_id).is_(None)
            & col(Hold.plan_id).is_(None)
            & col(Hold.released_at).is_(None),
        ),
    )
    .order_by(col(Hold.id))
)


async def load_effects(db: AsyncSession, clinic_id: UUID, patient_id: UUID) -> list[SideEffect]:
    """The patient's side effects that were not entered in error, resolved ones included."""
    return (await effects_of_many(db, clinic_id, {patient_id})).get(patient_id, [])


async def effects_of_many(
    db: AsyncSession, clinic_id: UUID, patients: Collection[UUID]
) -> dict[UUID, list[SideEffect]]:
    """By patient, as `load_effects`; nobody without any is in it. One query."""
    return await by_patient(db, _EFFECTS, whose(clinic_id, patients))


async def load_holds(
    db: AsyncSession, clinic_id: UUID, plan: TreatmentPlan | None, patient_id: UUID
) -> list[Hold]:
    """Every hold about this patient or plan, released ones included (they are sign-offs), and
    those that hold everybody."""
    return await holds_about(db, clinic_id, {patient_id}, {plan.id} if plan else set())


async def holds_about(
    db: AsyncSession, clinic_id: UUID, patients: Collection[UUID], plans: Collection[UUID]
) -> list[Hold]:
    """As `load_holds`, about any of these patients and plans. One query."""
    values = whose(clinic_id, patients) | {"plans": sorted(plans)}
    return list((await db.exec(_HOLDS, params=values)).all())


def holds_of(holds: Sequence[Hold], plan: TreatmentPlan) -> list[Hold]:
    """Those among them that are about this plan, its patient, or everybody."""
    return [
        each
        for each in holds
        if plan.patient_id == each.patient_id
        or plan.id == each.plan_id
        or (each.patient_id is None and each.plan_id is None)
    ]


def open_effects(
    effects: Sequence[SideEffect],
    holds: Sequence[Hold],
    plan: TreatmentPlan | None,
    figures: RuleSet,
) -> tuple[facts.OpenEffect, ...]:
    """Unresolved effects attributed to the plan, or not attributed elsewhere.

    An effect that a review called unlikely to be caused by the treatment is not attributed.
    """
    mine = [
        each
        for each in effects
        if each.state in _UNRESOLVED
        and each.causality != _NOT_CAUSED
        and (plan is None or each.plan_id in (None, plan.id))
    ]
    return tuple(_open_effect(each, holds, figures) for each in mine)


def _open_effect(effect: SideEffect, holds: Sequence[Hold], figures: RuleSet) -> facts.OpenEffect:
    known = figures.effects.get(effect.code)
    details: dict[str, Any] = json.loads(effect.details) if effect.details else {}
    stated = [details[name] for name in sorted(_PATCHY & details.keys())]
    named = known is not None and "patchy_or_scarring" in known.kinds
    last = None
    if effect.onset_on is not None and effect.days_since_session is not None:
        last = effect.onset_on - timedelta(days=effect.days_since_session)
    return facts.OpenEffect(
        code=effect.code,
        grade=effect.grade,
        side_effect_id=str(effect.id),
        onset_on=effect.onset_on,
        last_session_on=last,
        patchy_or_scarring=named or (any(stated) if stated else None),
        cleared=_cleared(effect, holds),
    )


def _cleared(effect: SideEffect, holds: Sequence[Hold]) -> bool:
    """Signed off: reviewed, and what stopped the treatment was released by the director's right.

    One that has become worse since is open again until it is reviewed anew.
    A lot, ingredient, area or formula that stays held speaks for itself, as a hold in force.
    """
    mine = [h for h in holds if h.side_effect_id == effect.id and h.scope in _TREATMENT]
    if effect.state is not SideEffectState.UNDER_REVIEW:
        return False
    if any(h.released_at is None or h.permanent for h in mine):
        return False
    return any(hold.release_role == _DIRECTOR for hold in mine)


def prior_reactions(
    effects: Sequence[SideEffect], figures: RuleSet, tested_negative: frozenset[str]
) -> tuple[facts.PriorReaction, ...]:
    """Allergic events with their suspects, of any plan and time.

    tested_negative: the suspects to which an allergy was tested and refuted.
    """
    allergic = [
        each
        for each in effects
        if (known := figures.effects.get(each.code)) is not None and "allergy" in known.kinds
    ]
    reactions = {
        facts.PriorReaction(code, each.grade, each.causality, code in tested_negative)
        for each in allergic
        for code in each.suspect_ingredient_codes
    }
    return tuple(
        sorted(reactions, key=lambda r: (r.ingredient_code, r.grade or 0, r.causality or ""))
    )


def case_report(effect: SideEffect) -> facts.CaseReport:
    """The reporting clock of one side effect; fatal is also what its grade says."""
    return facts.CaseReport(
        serious=bool(effect.seriousness),
        fatal_or_life_threatening=bool(_FATAL & set(effect.seriousness)) or effect.grade >= 4,
        day0_on=effect.report_clock_on or effect.day0_on,
        submitted_on=effect.report_submitted_on,
    )


def holds_in_force(
    holds: Sequence[Hold],
    plan: TreatmentPlan,
    formula: facts.Formula,
    session_id: UUID | None,
    lot_ids: Sequence[UUID],
) -> tuple[facts.Hold, ...]:
    """The holds that touch this plan, by what they are about."""
    codes = {line.ingredient_code for line in formula.components}
    subjects: dict[HoldScope, set[str]] = {
        HoldScope.SESSION: {str(session_id)} if session_id else set(),
        HoldScope.AREA: set(plan.areas),
        HoldScope.FORMULA: {formula.formula_id},
        HoldScope.INGREDIENT: codes,
        HoldScope.LOT: {str(lot_id) for lot_id in lot_ids},
        HoldScope.PLAN: {str(plan.id)},
        HoldScope.PATIENT: {str(plan.patient_id)},
    }
    found = {
        facts.Hold(hold.scope.value, hold.reason_code, _subject(hold))
        for hold in holds
        if hold.released_at is None and _subject(hold) in subjects[hold.scope]
    }
    return tuple(sorted(found, key=lambda each: (each.scope, each.subject, each.reason_code)))


def _subject(hold: Hold) -> str:
    """What the hold is about, as text."""
    about = {
        HoldScope.SESSION: hold.session_id,
        HoldScope.AREA: hold.area,
        HoldScope.FORMULA: hold.formula_id,
        HoldScope.INGREDIENT: hold.ingredient_code,
        HoldScope.LOT: hold.lot_id,
        HoldScope.PLAN: hold.plan_id,
        HoldScope.PATIENT: hold.patient_id,
    }
    return str(about[hold.scope])
