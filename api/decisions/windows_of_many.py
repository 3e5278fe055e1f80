"""The windows of many plans at once, in a number of queries that does not grow with them.

The same rules read the same facts as for one plan (`windows.window`); only the loading differs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.facts import SLACK_DAYS, longest_interval, stated_days
from api.decisions.facts_doses import Doses, Span, booked_for_many, given_to_many, in_order
from api.decisions.facts_formula import LoadedFormula, load_formulas
from api.decisions.facts_plan import (
    BOOKED,
    load_protocols,
    plan_session,
    planned_areas,
    starts_on,
)
from api.decisions.figures import in_force
from api.decisions.windows import ahead
from api.security import Caller
from models import (
    Administration,
    SessionState,
    TreatmentPlan,
    TreatmentSession,
)
from rules import facts
from rules.protocol import Protocol
from rules.rule_set import RuleSet, look_back_days
from rules.window import Window
from rules.window import window as window_of

Visits = dict[UUID, list[tuple[TreatmentSession, Administration | None]]]


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What the plans' windows are read off, by plan, patient, formula and protocol version."""

    formulas: Mapping[UUID, LoadedFormula]
    protocols: Mapping[UUID, Protocol]
    visits: Visits
    doses: Doses


async def windows(
    db: AsyncSession, caller: Caller, plans: Sequence[TreatmentPlan], as_of: date
) -> dict[UUID, Window]:
    """By plan, the window of its next session after all that are performed or booked.

    as_of: the day from which one looks; judged by the rule set in force on it.
    """
    if not plans:
        return {}
    rule_set = (await in_force(db, caller.clinic_id, as_of)).figures
    clinic_id = caller.clinic_id
    formulas = await load_formulas(db, clinic_id, {plan.formula_version_id for plan in plans})
    protocols = await load_protocols(db, clinic_id, {plan.protocol_version_id for plan in plans})
    days = max(
        _look_back(rule_set, formulas[each.formula_version_id], protocols[each.protocol_version_id])
        for each in plans
    )
    patients = {plan.patient_id for plan in plans}
    span = Span.around(as_of, days)
    doses = await given_to_many(db, clinic_id, patients, span)
    for patient_id, booked in (await booked_for_many(db, clinic_id, patients, span)).items():
        doses.setdefault(patient_id, []).extend(booked)
    visits = await _visits(db, clinic_id, {plan.id for plan in plans})
    loaded = _Loaded(formulas, protocols, visits, doses)
    return {
        plan.id: ahead(
            window_of(_facts(caller, plan, as_of, rule_set, loaded), rule_set, as_of), as_of
        )
        for plan in plans
    }


def _facts(
    caller: Caller, plan: TreatmentPlan, on: date, rule_set: RuleSet, loaded: _Loaded
) -> facts.Facts:
    formula = loaded.formulas[plan.formula_version_id]
    protocol = loaded.protocols[plan.protocol_version_id]
    days = _look_back(rule_set, formula, protocol)
    span = Span.around(on, days)
    reach = timedelta(days=max(days, 2 * longest_interval(protocol)) + SLACK_DAYS)
    doses = loaded.doses.get(plan.patient_id, ())
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
        ),
        own_ingredients=formula.own,
        sessions=_within(loaded.visits.get(plan.id, []), on, reach),
        given=in_order(each for each in doses if span.first <= each.on <= span.last),
    )


def _look_back(rule_set: RuleSet, formula: LoadedFormula, protocol: Protocol) -> int:
    days: int = max(
        rule_set.look_back_days, look_back_days(formula.own), stated_days(formula, protocol)
    )
    return days


def _within(
    visits: Sequence[tuple[TreatmentSession, Administration | None]], on: date, reach: timedelta
) -> tuple[facts.PlanSession, ...]:
    """Those within reach of the day, and the last performed before that."""
    near, before = [], []
    for session, administration in visits:
        known = plan_session(session, administration)
        if known is None or session.scheduled_on > on + reach:
            continue
        if session.scheduled_on >= on - reach:
            near.append(known)
        elif known.performed:
            before.append((session.scheduled_on, known))
    latest = [max(before, key=lambda each: each[0])[1]] if before else []
    return tuple(sorted([*near, *latest], key=lambda each: (each.on, each.number)))


async def _visits(db: AsyncSession, clinic_id: UUID, plan_ids: set[UUID]) -> Visits:
    """Each plan's booked and performed sessions with their standing administration."""
    statement = (
        select(TreatmentSession, Administration)
        .outerjoin(
            Administration,
            (col(Administration.clinic_id) == col(TreatmentSession.clinic_id))
            & (col(Administration.session_id) == col(TreatmentSession.id))
            & col(Administration.entered_in_error_at).is_(None),
        )
        .where(
            col(TreatmentSession.clinic_id) == clinic_id,
            col(TreatmentSession.plan_id).in_(plan_ids),
            col(TreatmentSession.state).in_((*BOOKED, SessionState.COMPLETED)),
        )
    )
    visits: Visits = {}
    for session, administration in await db.execute(statement):
        visits.setdefault(session.plan_id, []).append((session, administration))
    return visits
