"""Who proposed what is judged, and so cannot be the second person who overrides it.

A formula version is proposed by its author. A treatment is proposed by whoever wrote the plan and
by who treats: the plan's practitioner, the session's, and whoever injected. A booking that stands
was proposed by whoever booked it; a booking (or a move) that is being made is judged with the
request itself, so that a second person can make it with their override.
"""

from uuid import UUID

from api.decisions.matters import (
    Administering,
    CheckIn,
    EffectReport,
    FormulaApproval,
    Matter,
    PlanActivation,
    Scheduling,
)
from models import TreatmentPlan, TreatmentSession


def proposers(matter: Matter) -> frozenset[UUID]:
    """Ids of the staff members who count as the proposing side."""
    match matter:
        case FormulaApproval():
            return frozenset({matter.version.recorded_by})
        case PlanActivation():
            return _treating(matter.plan)
        case Scheduling():
            also = {matter.practitioner_id} if matter.practitioner_id else set()
            return _treating(matter.plan) | also
        case CheckIn():
            return _treating(matter.plan) | _of_session(matter.session)
        case Administering():
            by = {matter.administered_by} if matter.administered_by else set()
            return _treating(matter.plan) | _of_session(matter.session) | by
        case EffectReport():
            return frozenset()


def _of_session(session: TreatmentSession) -> frozenset[UUID]:
    return frozenset({session.practitioner_id, session.recorded_by})


def _treating(plan: TreatmentPlan) -> frozenset[UUID]:
    return frozenset({plan.recorded_by, plan.practitioner_id})
