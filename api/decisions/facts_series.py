"""What the rules are told about the sessions that one transaction books for one plan.

Formula, patient and history are the same for all, and are loaded once. What was booked is read
anew for each session: it is judged beside those that were booked before it.
"""

from dataclasses import dataclass, replace
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import local_day
from api.decisions import facts_doses
from api.decisions.facts import Told
from api.decisions.facts_known import Known, Moment, load_known
from api.decisions.facts_sessions import visits_of_many
from api.decisions.figures import Turns, in_force_between, judging
from api.decisions.matters import Scheduling
from api.security import Caller
from models import TreatmentPlan


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """turns: the rule sets that judge its days."""

    plan: TreatmentPlan
    turns: Turns
    known: Known

    async def told(self, db: AsyncSession, caller: Caller, matter: Scheduling) -> Told:
        """As a single booking would be told now. What was booked before is flushed."""
        plan, clinic_id = self.plan, caller.clinic_id
        moment = Moment(
            local_day(matter.starts_at, caller.zone),
            matter.starts_at,
            matter.session_id,
            matter.session_number,
        )
        now = replace(
            self.known,
            visits=await visits_of_many(db, clinic_id, {plan.id}),
            booked=await facts_doses.booked_for_many(
                db, clinic_id, {plan.patient_id}, self.known.span
            ),
        )
        rule_set = judging(self.turns, moment.on)
        return Told(rule_set, now.facts_of(plan, moment, rule_set.figures))


async def load_series(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, days: tuple[date, date]
) -> SeriesFacts:
    """For sessions of the plan, whose patient is locked, on the days from the first to the last."""
    turns = await in_force_between(db, caller.clinic_id, *days)
    known = await load_known(db, caller, [plan], days, [each.figures for _, each in turns])
    return SeriesFacts(plan, turns, known)
