"""What is known of many plans and their patients at once, and the facts that are made of it.

However many plans there are, and however long anybody's history is, it is the same number of
queries. Whoever asks the rules about one session has it loaded for one plan: there is one way to
load, so that a search, a booking and a second look cannot be told different things.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions import facts_doses, facts_effects
from api.decisions.facts_courses import Treated, course_counts, limited_codes, treated_of_many
from api.decisions.facts_entries import Entries, load_entries
from api.decisions.facts_formula import LoadedFormula, load_formulas
from api.decisions.facts_patient import patient_on
from api.decisions.facts_plan import (
    assessed_of_many,
    diagnoses_of_many,
    load_protocols,
    plan_facts,
)
from api.decisions.facts_reach import look_back, session_reach
from api.decisions.facts_sessions import Visit, visits_of_many, within
from api.decisions.facts_treatments import consents_of_many
from api.security import Caller
from models import Hold, Patient, Screening, SideEffect, TreatmentPlan
from rules import facts
from rules.protocol import Protocol
from rules.rule_set import RuleSet


@dataclass(frozen=True, slots=True)
class Moment:
    """When a session of a plan is judged, and which one it is about, if any."""

    on: date
    at: datetime | None = None
    session_id: UUID | None = None
    session_number: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Formulas and protocols by version; plans and visits by plan; the rest by patient.

    span: the days whose doses were read.
    """

    span: facts_doses.Span
    formulas: Mapping[UUID, LoadedFormula]
    protocols: Mapping[UUID, Protocol]
    plans: Mapping[UUID, facts.Plan]
    visits: Mapping[UUID, Sequence[Visit]]
    patients: Mapping[UUID, Patient]
    entries: Mapping[UUID, Entries]
    consents: Mapping[UUID, tuple[facts.Consent, ...]]
    given: facts_doses.Doses
    booked: Mapping[UUID, Sequence[facts_doses.BookedVisit]]
    treated: Mapping[UUID, Sequence[Treated]]
    effects: Mapping[UUID, Sequence[SideEffect]]
    holds: Sequence[Hold]

    def facts_of(
        self,
        plan: TreatmentPlan,
        moment: Moment,
        figures: RuleSet,
        screening: Screening | None = None,
        lots: Sequence[UUID] = (),
    ) -> facts.Facts:
        """The facts of a session of the plan, without what happens at the visit itself.

        screening, lots: of the visit under review.
        """
        loaded, whose = self.formulas[plan.formula_version_id], plan.patient_id
        person = patient_on(self.patients[whose], self.entries[whose], moment.on, screening)
        effects, holds = self.effects.get(whose, ()), facts_effects.holds_of(self.holds, plan)
        days = look_back(figures, loaded, self.protocols[plan.protocol_version_id])
        return facts.Facts(
            on=moment.on,
            at=moment.at,
            patient=person.patient,
            consents=self.consents.get(whose, ()),
            formula=loaded.formula,
            plan=replace(self.plans[plan.id], session_number=moment.session_number),
            other_therapies=person.therapies,
            people=facts.People(proposer_id=str(plan.recorded_by)),
            own_ingredients=loaded.own,
            course_counts=self.counted(plan, figures),
            effects=facts_effects.open_effects(effects, holds, plan, figures),
            prior_reactions=facts_effects.prior_reactions(effects, figures, person.tested_negative),
            holds=facts_effects.holds_in_force(
                holds, plan, loaded.formula, moment.session_id, lots
            ),
            **self.history(plan, (moment.on, moment.on), days, moment.session_id),
        )

    def history(
        self,
        plan: TreatmentPlan,
        days: tuple[date, date],
        around: int,
        under_review: UUID | None = None,
    ) -> dict[str, Any]:
        """The plan's other sessions, and the patient's doses of any plan: of these days, first
        and last, and so many around them."""
        first, last = days
        protocol = self.protocols[plan.protocol_version_id]
        span = facts_doses.Span.around(first, around)
        span = replace(span, last=facts_doses.Span.around(last, around).last)
        given = self.given.get(plan.patient_id, ())
        booked = self.booked.get(plan.patient_id, ())
        others = [v for v in self.visits.get(plan.id, ()) if v.session_id != under_review]
        return {
            "sessions": within(
                others, first, (last - first).days + session_reach(around, protocol)
            ),
            "given": facts_doses.in_order(
                [
                    *(each for each in given if span.first <= each.on <= span.last),
                    *facts_doses.doses_within(booked, span, under_review),
                ]
            ),
        }

    def counted(self, plan: TreatmentPlan, figures: RuleSet) -> tuple[facts.CourseCount, ...]:
        """How often the patient had what only so many sessions may give."""
        formula = self.formulas[plan.formula_version_id].formula
        return course_counts(self.treated.get(plan.patient_id, ()), formula, plan.areas, figures)


async def load_known(
    db: AsyncSession,
    caller: Caller,
    plans: Collection[TreatmentPlan],
    days: tuple[date, date],
    figures: Collection[RuleSet],
) -> Known:
    """For sessions of these plans from the first to the last of the days.

    figures: of all rule sets that judge those days. Where the days lie ahead, what is recorded of
    the patients is what is known today.
    """
    clinic_id, (first, last) = caller.clinic_id, days
    formulas = await load_formulas(db, clinic_id, {each.formula_version_id for each in plans})
    protocols = await load_protocols(db, clinic_id, {each.protocol_version_id for each in plans})
    patients = {each.patient_id for each in plans}
    around = max(
        look_back(each, formulas[plan.formula_version_id], protocols[plan.protocol_version_id])
        for plan in plans
        for each in figures
    )
    span = facts_doses.Span(
        facts_doses.Span.around(first, around).first, facts_doses.Span.around(last, around).last
    )
    limited = {
        code
        for loaded in formulas.values()
        for each in figures
        for code in limited_codes(loaded.formula, each)
    }
    assessed = await assessed_of_many(db, clinic_id, patients)
    diagnoses = await diagnoses_of_many(db, clinic_id, patients)
    return Known(
        span=span,
        formulas=formulas,
        protocols=protocols,
        plans={
            each.id: plan_facts(
                each, caller.zone, protocols[each.protocol_version_id], assessed, diagnoses
            )
            for each in plans
        },
        visits=await visits_of_many(db, clinic_id, {each.id for each in plans}),
        patients=await _patients(db, clinic_id, patients),
        entries=await load_entries(db, clinic_id, patients, first),
        consents=await consents_of_many(db, clinic_id, patients),
        given=await facts_doses.given_to_many(db, clinic_id, patients, span),
        booked=await facts_doses.booked_for_many(db, clinic_id, patients, span),
        treated=await treated_of_many(db, clinic_id, patients, limited),
        effects=await facts_effects.effects_of_many(db, clinic_id, patients),
        holds=await facts_effects.holds_about(db, clinic_id, patients, {each.id for each in plans}),
    )


async def _patients(
    db: AsyncSession, clinic_id: UUID, patient_ids: Collection[UUID]
) -> dict[UUID, Patient]:
    statement = select(Patient).where(
        Patient.clinic_id == clinic_id, col(Patient.id).in_(sorted(patient_ids))
    )
    return {each.id: each for each in await db.exec(statement)}
