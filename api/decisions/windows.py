"""When the next session of a plan may take place, read off the very rules that judge bookings."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.facts import gather, gather_spacing, judged_on
from api.decisions.figures import in_force
from api.decisions.matters import Scheduling
from api.decisions.schemas import FindingRead
from api.security import Caller
from models import TreatmentPlan
from rules.facts import Facts
from rules.protocol import course_dates
from rules.rule_set import RuleSet
from rules.window import Window
from rules.window import window as window_of


async def window(db: AsyncSession, caller: Caller, plan: TreatmentPlan, as_of: date) -> Window:
    """The window of the plan's next session after all that are performed or booked.

    as_of: the day from which one looks, usually today; judged by the rule set in force on it.
    """
    rule_set = await in_force(db, caller.clinic_id, as_of)
    facts = await gather_spacing(db, caller, plan, as_of, rule_set.figures)
    return ahead(window_of(facts, rule_set.figures, as_of), as_of)


def ahead(found: Window, as_of: date) -> Window:
    """The first run of free days that is not over yet; if all are over, the first as it was."""
    coming = [run for run in found.runs if run.last is None or run.last >= as_of]
    if not coming or coming[0] == found.runs[0]:
        return found
    first, last = coming[0].first, coming[0].last
    target = found.target_on
    if target is not None and first is not None:
        target = max(target, first)
    if target is not None and last is not None:
        target = min(target, last)
    return replace(found, earliest_on=first, latest_on=last, target_on=target, findings=())


async def session_window(db: AsyncSession, caller: Caller, matter: Scheduling) -> Window:
    """The window of the session under review, new or moved, between the plan's others."""
    rule_set = await in_force(db, caller.clinic_id, judged_on(caller, matter))
    facts = await gather(db, caller, matter, rule_set.figures)
    return ahead(window_of(facts, rule_set.figures, caller.today), caller.today)


async def course_targets(
    db: AsyncSession, caller: Caller, plan: TreatmentPlan, first_on: date, sessions: int
) -> tuple[date, ...] | None:
    """The protocol's target days of a course that starts on `first_on`, that day included.

    Fewer where the protocol ends; None where its spacing was never published.
    """
    rule_set = await in_force(db, caller.clinic_id, first_on)
    facts = await gather_spacing(db, caller, plan, first_on, rule_set.figures)
    protocol = facts.plan.protocol if facts.plan else None
    return None if protocol is None else course_dates(protocol, first_on, sessions)


def window_document(facts: Facts, figures: RuleSet, as_of: date) -> dict[str, Any]:
    """The window of the session under review, for a refusal to carry."""
    found = ahead(window_of(facts, figures, as_of), as_of)
    return {
        "session_number": found.session_number,
        "phase": found.phase,
        "earliest_on": _text(found.earliest_on),
        "target_on": _text(found.target_on),
        "latest_on": _text(found.latest_on),
        "findings": [FindingRead.of(each).model_dump(mode="json") for each in found.findings],
    }


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
