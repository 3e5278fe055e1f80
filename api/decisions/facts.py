"""The facts of one matter, in a number of queries that does not grow with any history."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import local_day
from api.database import found
from api.decisions import facts_doses, facts_effects, facts_lots, facts_plan
from api.decisions.facts_courses import load_course_counts
from api.decisions.facts_formula import load_formula, load_own
from api.decisions.facts_known import Moment, load_known
from api.decisions.facts_reach import look_back, session_reach
from api.decisions.facts_sessions import load_sessions
from api.decisions.facts_visit import administered, also_given, lot_ids, screening_of
from api.decisions.figures import RuleSetInForce, in_force_between, judging
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
from models import TreatmentPlan
from rules import facts
from rules.rule_set import RuleSet
from rules.stage import Stage

STAGES: dict[type[Matter], Stage] = {
    FormulaApproval: Stage.FORMULA_APPROVAL,
    PlanActivation: Stage.PLAN_ACTIVATION,
    Scheduling: Stage.SCHEDULING,
    CheckIn: Stage.CHECK_IN,
    Administering: Stage.ADMINISTRATION,
    EffectReport: Stage.SIDE_EFFECT_REPORT,
}


class Told(NamedTuple):
    """What the rules are told about one matter, and the rule set in force on its day."""

    rule_set: RuleSetInForce
    facts: facts.Facts


def judged_on(caller: Caller, matter: Matter) -> date:
    """The clinic's local day whose figures judge the matter."""
    return _moment(caller, matter).on


def _moment(caller: Caller, matter: Matter) -> Moment:
    match matter:
        case Scheduling():
            on = local_day(matter.starts_at, caller.zone)
            return Moment(on, matter.starts_at, matter.session_id, matter.session_number)
        case CheckIn():
            session = matter.session
            return Moment(caller.today, caller.now, session.id, session.session_number)
        case Administering():
            on = local_day(matter.performed_at, caller.zone)
            session = matter.session
            return Moment(on, matter.performed_at, session.id, session.session_number)
        case EffectReport():
            number = matter.session.session_number if matter.session else None
            return Moment(caller.today, caller.now, None, number)
        case _:
            return Moment(caller.today, caller.now)


async def gather(db: AsyncSession, caller: Caller, matter: Matter, figures: RuleSet) -> facts.Facts:
    """Everything that the rules may look at for this matter."""
    moment = _moment(caller, matter)
    if isinstance(matter, FormulaApproval):
        return await _of_formula(db, caller, matter, moment)
    if isinstance(matter, EffectReport):
        return await _of_effect(db, caller, matter, moment, figures)
    return await _of_plan(db, caller, matter, moment, figures)


async def _of_formula(
    db: AsyncSession, caller: Caller, matter: FormulaApproval, moment: Moment
) -> facts.Facts:
    loaded = await load_formula(db, caller.clinic_id, matter.version.id)
    return facts.Facts(
        on=moment.on,
        at=moment.at,
        formula=loaded.formula,
        people=facts.People(
            author_id=str(loaded.author_id),
            approver_id=str(caller.actor_id),
            approver_roles=tuple(sorted(caller.roles)),
            proposer_id=str(loaded.author_id),
        ),
        own_ingredients=loaded.own,
    )


async def gather_many(
    db: AsyncSession, caller: Caller, matters: Sequence[Scheduling]
) -> list[Told]:
    """As `gather` for each, in a number of queries that does not grow with them."""
    if not matters:
        return []
    moments = [_moment(caller, matter) for matter in matters]
    days = min(each.on for each in moments), max(each.on for each in moments)
    turns = await in_force_between(db, caller.clinic_id, *days)
    plans = {matter.plan.id: matter.plan for matter in matters}
    known = await load_known(db, caller, plans.values(), days, [each.figures for _, each in turns])
    told = []
    for matter, moment in zip(matters, moments, strict=True):
        rule_set = judging(turns, moment.on)
        told.append(Told(rule_set, known.facts_of(matter.plan, moment, rule_set.figures)))
    return told


async def _of_plan(
    db: AsyncSession,
    caller: Caller,
    matter: PlanActivation | Scheduling | CheckIn | Administering,
    moment: Moment,
    figures: RuleSet,
) -> facts.Facts:
    plan, others = matter.plan, also_given(matter)
    known = await load_known(db, caller, [plan], (moment.on, moment.on), [figures])
    loaded = known.formulas[plan.formula_version_id]
    screening = matter.screening if isinstance(matter, CheckIn | Administering) else None
    told = known.facts_of(plan, moment, figures, screening, lot_ids(matter))
    extra: dict[str, Any] = {}
    if isinstance(matter, Administering):
        extra = await administered(db, caller, matter, loaded)
    return replace(
        told,
        screening=screening_of(matter),
        also_given=others,
        own_ingredients=await load_own(db, caller.clinic_id, loaded, others),
        **extra,
    )


async def gather_spacing(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, moment_on: date, figures: RuleSet
) -> facts.Facts:
    """Only what the spacing rules look at, for the window of the plan's next session."""
    clinic_id, patient_id = caller.clinic_id, plan.patient_id
    loaded = await load_formula(db, clinic_id, plan.formula_version_id)
    known = await facts_plan.load_plan(db, plan, None, caller.zone)
    days = look_back(figures, loaded, known.protocol)
    span, reach = facts_doses.Span.around(moment_on, days), session_reach(days, known.protocol)
    given = await facts_doses.load_given(db, clinic_id, patient_id, span)
    booked = await facts_doses.load_booked(db, clinic_id, patient_id, span, None)
    return facts.Facts(
        on=moment_on,
        formula=loaded.formula,
        plan=known,
        own_ingredients=loaded.own,
        sessions=await load_sessions(db, plan, moment_on, reach, None),
        given=facts_doses.in_order([*given, *booked]),
        course_counts=await load_course_counts(
            db, clinic_id, patient_id, loaded.formula, plan.areas, figures
        ),
    )


async def _of_effect(
    db: AsyncSession, caller: Caller, matter: EffectReport, moment: Moment, figures: RuleSet
) -> facts.Facts:
    """The report, and what else is open; with plan and formula where the effect has them."""
    effect, clinic_id = matter.side_effect, caller.clinic_id
    plan, loaded = None, None
    if effect.plan_id is not None:
        plan = await found(db, TreatmentPlan, clinic_id, effect.plan_id)
        loaded = await load_formula(db, clinic_id, plan.formula_version_id)
    effects = await facts_effects.load_effects(db, clinic_id, effect.patient_id)
    holds = await facts_effects.load_holds(db, clinic_id, plan, effect.patient_id)
    others = [each for each in effects if each.id != effect.id]
    number = moment.session_number
    return facts.Facts(
        on=moment.on,
        at=moment.at,
        formula=loaded.formula if loaded else None,
        plan=await facts_plan.load_plan(db, plan, number, caller.zone) if plan else None,
        effects=facts_effects.open_effects([*others, effect], holds, plan, figures),
        report=facts_effects.case_report(effect),
        emergency=await facts_lots.load_readiness(db, effect),
        own_ingredients=loaded.own if loaded else (),
    )
