"""The facts of one matter, in a number of queries that does not grow with any history."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import local_day
from api.database import found
from api.decisions import (
    facts_doses,
    facts_effects,
    facts_lots,
    facts_patient,
    facts_plan,
    facts_treatments,
)
from api.decisions.facts_formula import LoadedFormula, load_formula, load_own
from api.decisions.facts_visit import administered, also_given, lot_ids, screening_of
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
from models import Patient, TreatmentPlan
from rules import facts
from rules.protocol import Phase, Protocol
from rules.rule_set import RuleSet, look_back_days
from rules.stage import Stage

# A session may be performed some days off its booked day; those are still read.
SLACK_DAYS = 31

STAGES: dict[type[Matter], Stage] = {
    FormulaApproval: Stage.FORMULA_APPROVAL,
    PlanActivation: Stage.PLAN_ACTIVATION,
    Scheduling: Stage.SCHEDULING,
    CheckIn: Stage.CHECK_IN,
    Administering: Stage.ADMINISTRATION,
    EffectReport: Stage.SIDE_EFFECT_REPORT,
}


@dataclass(frozen=True, slots=True)
class _Moment:
    """When a matter is judged, and which session of the plan it is about."""

    on: date
    at: datetime | None = None
    session_id: UUID | None = None
    session_number: int | None = None


def judged_on(caller: Caller, matter: Matter) -> date:
    """The clinic's local day whose figures judge the matter."""
    return _moment(caller, matter).on


def _moment(caller: Caller, matter: Matter) -> _Moment:
    match matter:
        case Scheduling():
            on = local_day(matter.starts_at, caller.zone)
            return _Moment(on, matter.starts_at, matter.session_id, matter.session_number)
        case CheckIn():
            session = matter.session
            return _Moment(caller.today, caller.now, session.id, session.session_number)
        case Administering():
            on = local_day(matter.performed_at, caller.zone)
            session = matter.session
            return _Moment(on, matter.performed_at, session.id, session.session_number)
        case EffectReport():
            number = matter.session.session_number if matter.session else None
            return _Moment(caller.today, caller.now, None, number)
        case _:
            return _Moment(caller.today, caller.now)


async def gather(db: AsyncSession, caller: Caller, matter: Matter, figures: RuleSet) -> facts.Facts:
    """Everything that the rules may look at for this matter."""
    moment = _moment(caller, matter)
    if isinstance(matter, FormulaApproval):
        return await _of_formula(db, caller, matter, moment)
    if isinstance(matter, EffectReport):
        return await _of_effect(db, caller, matter, moment, figures)
    return await _of_plan(db, caller, matter, moment, figures)


async def _of_formula(
    db: AsyncSession, caller: Caller, matter: FormulaApproval, moment: _Moment
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


async def _of_plan(
    db: AsyncSession,
    caller: Caller,
    matter: PlanActivation | Scheduling | CheckIn | Administering,
    moment: _Moment,
    figures: RuleSet,
) -> facts.Facts:
    plan, clinic_id = matter.plan, caller.clinic_id
    loaded = await load_formula(db, clinic_id, plan.formula_version_id)
    known = await facts_plan.load_plan(db, plan, moment.session_number, caller.zone)
    screening = matter.screening if isinstance(matter, CheckIn | Administering) else None
    person = await found(db, Patient, clinic_id, plan.patient_id)
    loaded_patient = await facts_patient.load_patient(db, person, moment.on, screening)
    others = also_given(matter)
    extra: dict[str, Any] = {}
    if isinstance(matter, Administering):
        extra = await administered(db, caller, matter, loaded)
    return facts.Facts(
        on=moment.on,
        at=moment.at,
        patient=loaded_patient.patient,
        consents=await facts_treatments.load_consents(db, clinic_id, person.id),
        formula=loaded.formula,
        plan=known,
        screening=screening_of(matter),
        other_therapies=loaded_patient.therapies,
        people=facts.People(proposer_id=str(plan.recorded_by)),
        also_given=others,
        own_ingredients=await load_own(db, clinic_id, loaded, others),
        **await _history(db, plan, moment, loaded, known.protocol, figures),
        **await _safety(
            db, plan, loaded, moment, figures, lot_ids(matter), loaded_patient.tested_negative
        ),
        **extra,
    )


async def gather_spacing(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, moment_on: date, figures: RuleSet
) -> facts.Facts:
    """Only what the spacing rules look at, for the window of the plan's next session."""
    loaded = await load_formula(db, caller.clinic_id, plan.formula_version_id)
    known = await facts_plan.load_plan(db, plan, None, caller.zone)
    moment = _Moment(moment_on)
    return facts.Facts(
        on=moment_on,
        formula=loaded.formula,
        plan=known,
        own_ingredients=loaded.own,
        **await _history(db, plan, moment, loaded, known.protocol, figures),
    )


async def _history(
    db: AsyncSession,
    plan: TreatmentPlan,
    moment: _Moment,
    loaded: LoadedFormula,
    protocol: Protocol | None,
    figures: RuleSet,
) -> dict[str, Any]:
    """Other sessions of the plan, and the doses of this patient from any plan."""
    clinic_id, patient_id, session_id = plan.clinic_id, plan.patient_id, moment.session_id
    days = max(figures.look_back_days, look_back_days(loaded.own), stated_days(loaded, protocol))
    span = facts_doses.Span.around(moment.on, days)
    reach = max(days, 2 * longest_interval(protocol)) + SLACK_DAYS
    given = await facts_doses.load_given(db, clinic_id, patient_id, span)
    booked = await facts_doses.load_booked(db, clinic_id, patient_id, span, session_id)
    areas = plan.areas
    return {
        "sessions": await facts_plan.load_sessions(db, plan, moment.on, reach, session_id),
        "given": facts_doses.in_order([*given, *booked]),
        "course_counts": await facts_doses.load_course_counts(
            db, clinic_id, patient_id, loaded.formula, areas, figures
        ),
    }


def stated_days(loaded: LoadedFormula, protocol: Protocol | None) -> int:
    """The longest interval that a product's label or the protocol states, in days."""
    labels = (line.label_min_interval_days or 0 for line in loaded.formula.components)
    exceptions = (each.min_days for each in protocol.exceptions) if protocol else ()
    days: int = max([0, *labels, *exceptions])
    return days


def longest_interval(protocol: Protocol | None) -> int:
    """The longest gap that a phase allows, in days; 0 where none is stated."""
    if protocol is None:
        return 0
    phases: list[Phase] = [*protocol.phases]
    if protocol.maintenance is not None:
        phases.append(protocol.maintenance)
    return max((phase.max_days or 0 for phase in phases), default=0)


async def _safety(
    db: AsyncSession,
    plan: TreatmentPlan,
    loaded: LoadedFormula,
    moment: _Moment,
    figures: RuleSet,
    lots: list[UUID],
    tested_negative: frozenset[str],
) -> dict[str, Any]:
    effects = await facts_effects.load_effects(db, plan.clinic_id, plan.patient_id)
    holds = await facts_effects.load_holds(db, plan.clinic_id, plan, plan.patient_id)
    return {
        "effects": facts_effects.open_effects(effects, holds, plan, figures),
        "prior_reactions": facts_effects.prior_reactions(effects, figures, tested_negative),
        "holds": facts_effects.holds_in_force(holds, plan, loaded.formula, moment.session_id, lots),
    }


async def _of_effect(
    db: AsyncSession, caller: Caller, matter: EffectReport, moment: _Moment, figures: RuleSet
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
