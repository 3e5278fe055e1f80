"""The windows of many plans at once, in a number of queries that does not grow with them.

The same rules read the same facts as for one plan (`windows.window`); only the loading differs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.facts_doses import (
    BookedVisit,
    Doses,
    Span,
    booked_for_many,
    doses_within,
    given_to_many,
    in_order,
)
from api.decisions.facts_formula import LoadedFormula, load_formulas
from api.decisions.facts_plan import load_protocols, planned_areas, starts_on
from api.decisions.facts_reach import look_back, session_reach
from api.decisions.facts_sessions import Visit, visits_of_many, within
from api.decisions.figures import in_force
from api.decisions.windows import ahead
from api.security import Caller
from models import TreatmentPlan, TreatmentSession
from rules import facts
from rules.protocol import Protocol
from rules.rule_set import RuleSet
from rules.window import Window
from rules.window import window as window_of

_NONE: Mapping[UUID, TreatmentSession] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What the plans' windows are read off, by plan, patient, formula and protocol version."""

    formulas: Mapping[UUID, LoadedFormula]
    protocols: Mapping[UUID, Protocol]
    visits: Mapping[UUID, Sequence[Visit]]
    given: Doses
    booked: Mapping[UUID, Sequence[BookedVisit]]


async def windows(
    db: AsyncSession,
    caller: Caller,
    plans: Sequence[TreatmentPlan],
    as_of: date,
    moving: Mapping[UUID, TreatmentSession] = _NONE,
) -> dict[UUID, Window]:
    """By plan, the window of its next session after all that are performed or booked.

    as_of: the day from which one looks; judged by the rule set in force on it. moving: by plan, a
    booked session whose own window is asked instead, between the plan's others.
    """
    if not plans:
        return {}
    rule_set = (await in_force(db, caller.clinic_id, as_of)).figures
    clinic_id = caller.clinic_id
    formulas = await load_formulas(db, clinic_id, {plan.formula_version_id for plan in plans})
    protocols = await load_protocols(db, clinic_id, {plan.protocol_version_id for plan in plans})
    days = max(
        look_back(rule_set, formulas[each.formula_version_id], protocols[each.protocol_version_id])
        for each in plans
    )
    patients = {plan.patient_id for plan in plans}
    span = Span.around(as_of, days)
    loaded = _Loaded(
        formulas,
        protocols,
        await visits_of_many(db, clinic_id, {plan.id for plan in plans}),
        await given_to_many(db, clinic_id, patients, span),
        await booked_for_many(db, clinic_id, patients, span),
    )
    return {
        plan.id: ahead(window_of(told, rule_set, as_of), as_of)
        for plan in plans
        for told in [_facts(caller, plan, as_of, rule_set, loaded, moving.get(plan.id))]
    }


def _facts(
    caller: Caller,
    plan: TreatmentPlan,
    on: date,
    rule_set: RuleSet,
    loaded: _Loaded,
    moved: TreatmentSession | None,
) -> facts.Facts:
    formula = loaded.formulas[plan.formula_version_id]
    protocol = loaded.protocols[plan.protocol_version_id]
    days = look_back(rule_set, formula, protocol)
    span = Span.around(on, days)
    given = loaded.given.get(plan.patient_id, ())
    under_review = None if moved is None else moved.id
    booked = doses_within(loaded.booked.get(plan.patient_id, ()), span, under_review)
    others = [v for v in loaded.visits.get(plan.id, ()) if v.session_id != under_review]
    return facts.Facts(
        on=on,
        formula=formula.formula,
        plan=facts.Plan(
            plan_id=str(plan.id),
            diagnosis_icd10=plan.diagnosis_icd10,
            areas=planned_areas(plan),
            volume_per_session_ul=plan.volume_per_session_ul,
            protocol=protocol,
            started_on=starts_on(plan, caller.zone),
            session_number=None if moved is None else moved.session_number,
        ),
        own_ingredients=formula.own,
        sessions=within(others, on, session_reach(days, protocol)),
        given=in_order([*(dose for dose in given if span.first <= dose.on <= span.last), *booked]),
    )
