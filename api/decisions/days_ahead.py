"""What the scheduling rules would say on many days, with the facts loaded once.

A search for slots, a course and a repair ask the same question for day after day; a repair asks it
for hundreds of plans.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions import facts_effects
from api.decisions.facts_known import Known, Moment, load_known
from api.decisions.facts_reach import look_back
from api.decisions.figures import in_force_between
from api.decisions.judged import Judged
from api.decisions.judging_ahead import DaysAhead, Era
from api.security import Caller
from models import TreatmentPlan
from rules.rule_set import RuleSet

__all__ = ["DaysAhead", "Era", "Judged", "days_ahead", "days_ahead_of_many"]

_Figures = Sequence[tuple[date, RuleSet]]


async def days_ahead(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, first: date, last: date
) -> DaysAhead:
    """Load what the rules look at for a new session of the plan on the days first to last."""
    (judge,) = await days_ahead_of_many(db, caller, [plan], first, last)
    return judge


async def days_ahead_of_many(
    db: AsyncSession, caller: Caller, plans: Collection[TreatmentPlan], first: date, last: date
) -> list[DaysAhead]:
    """As `days_ahead` for each plan, in a number of queries that does not grow with them."""
    if not plans:
        return []
    turns = await in_force_between(db, caller.clinic_id, first, last)
    figures = [(since, each.figures) for since, each in turns]
    known = await load_known(db, caller, plans, (first, last), [each for _, each in figures])
    return [_judge(known, caller, plan, (first, last), figures) for plan in plans]


def _judge(
    known: Known, caller: Caller, plan: TreatmentPlan, days: tuple[date, date], figures: _Figures
) -> DaysAhead:
    first, _ = days
    loaded, protocol = known.formulas[plan.formula_version_id], plan.protocol_version_id
    back = max(look_back(each, loaded, known.protocols[protocol]) for _, each in figures)
    # As for a session of the first day, with what lies around all the days.
    told = known.facts_of(plan, Moment(first), figures[0][1])
    told = replace(told, **known.history(plan, days, back))
    therapies = known.entries[plan.patient_id].therapies
    return DaysAhead(
        told,
        None if told.other_therapies is None else therapies,
        _eras(known, plan, figures),
        [each.starts_at for each in known.visits.get(plan.id, ())],
        caller.zone,
    )


def _eras(known: Known, plan: TreatmentPlan, figures: _Figures) -> list[Era]:
    """What is counted by the figures of each rule set."""
    effects = known.effects.get(plan.patient_id, ())
    holds = facts_effects.holds_of(known.holds, plan)
    return [
        Era(
            since,
            each,
            known.counted(plan, each),
            facts_effects.open_effects(effects, holds, plan, each),
        )
        for since, each in figures
    ]
