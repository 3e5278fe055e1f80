"""A side effect with all that followed, as it is shown."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.effects import grade_words, naranjo_category, shedding_severity
from api.decisions.figures import in_force
from api.security import Caller
from api.side_effects.answers import (
    EffectHoldRead,
    FollowUpRead,
    ReviewRead,
    SideEffectDetail,
    SideEffectRead,
)
from api.side_effects.clocks import clocks_of
from api.side_effects.details import first_report, read_details
from api.side_effects.states import MOVES, UNRESOLVED
from api.side_effects.submission_schemas import ClockRead, SubmissionRead
from models import (
    Expectedness,
    Hold,
    ReportSubmission,
    SideEffect,
    SideEffectFollowUp,
    SideEffectReview,
    SideEffectState,
)

if TYPE_CHECKING:
    from rules.rule_set import RuleSet
    from rules.tables import Effect

EXPECTED = {
    Expectedness.EXPECTED: True,
    Expectedness.UNEXPECTED: False,
    Expectedness.NOT_EVALUABLE: None,
}


def _waits(effect: SideEffect, now: datetime) -> bool:
    """For a judgement of how it stands now."""
    return (
        effect.state is SideEffectState.OPEN
        and effect.review_due_at is not None
        and effect.review_due_at < now
    )


async def shown(
    db: AsyncSession, caller: Caller, effects: Sequence[SideEffect]
) -> list[SideEffectRead]:
    """The side effects in their order, judged by the catalogue in force today."""
    figures = (await in_force(db, caller.clinic_id, caller.today)).figures
    return [SideEffectRead.model_validate(_fields(caller, each, figures)) for each in effects]


async def detailed(db: AsyncSession, caller: Caller, effect: SideEffect) -> SideEffectDetail:
    """One side effect with its holds, follow-ups, reviews, clocks and submissions: six queries."""
    figures = (await in_force(db, caller.clinic_id, caller.today)).figures
    added: dict[str, Any] = read_details(effect).get("added", {})
    follow_ups = [
        FollowUpRead.of(row, added.get(str(row.id), {}))
        for row in await follow_ups_of(db, effect.clinic_id, effect.id)
    ]
    reviews = [
        ReviewRead.of(row, naranjo_category(row.naranjo_score))
        for row in await _reviews(db, effect.clinic_id, effect.id)
    ]
    holds = [EffectHoldRead.of(hold) for hold in await holds_of(db, effect.clinic_id, effect.id)]
    clocks = [ClockRead.of(row, caller.today) for row in await clocks_of(db, effect)]
    sent = [SubmissionRead.of(row) for row in await submissions_of(db, effect)]
    return SideEffectDetail.model_validate(
        _fields(caller, effect, figures)
        | {"holds": holds, "follow_ups": follow_ups, "reviews": reviews}
        | {"clocks": clocks, "submissions": sent}
    )


async def follow_ups_of(
    db: AsyncSession, clinic_id: UUID, effect_id: UUID
) -> list[SideEffectFollowUp]:
    """Oldest first."""
    statement = select(SideEffectFollowUp).where(
        SideEffectFollowUp.clinic_id == clinic_id, SideEffectFollowUp.side_effect_id == effect_id
    )
    ordered = statement.order_by(col(SideEffectFollowUp.noted_at), col(SideEffectFollowUp.id))
    return list(await db.exec(ordered))


async def holds_of(db: AsyncSession, clinic_id: UUID, effect_id: UUID) -> list[Hold]:
    """All that the side effect opened, released ones included, oldest first."""
    statement = select(Hold).where(Hold.clinic_id == clinic_id, Hold.side_effect_id == effect_id)
    return list(await db.exec(statement.order_by(col(Hold.id))))


async def submissions_of(db: AsyncSession, effect: SideEffect) -> list[ReportSubmission]:
    """All submissions of the side effect, wrong ones included, oldest first."""
    statement = select(ReportSubmission).where(
        ReportSubmission.clinic_id == effect.clinic_id,
        ReportSubmission.side_effect_id == effect.id,
    )
    return list(await db.exec(statement.order_by(col(ReportSubmission.id))))


async def _reviews(db: AsyncSession, clinic_id: UUID, effect_id: UUID) -> list[SideEffectReview]:
    statement = select(SideEffectReview).where(
        SideEffectReview.clinic_id == clinic_id, SideEffectReview.side_effect_id == effect_id
    )
    return list(await db.exec(statement.order_by(col(SideEffectReview.id))))


def expected_end(effect: SideEffect, term: "Effect | None") -> date | None:
    """The local day by which the catalogue expects it to be over; None where it does not say."""
    if term is None or term.end_days is None or effect.onset_on is None:
        return None
    if term.ends_after == "onset":
        return effect.onset_on + timedelta(days=term.end_days)
    if effect.days_since_session is None:
        return None
    return effect.onset_on + timedelta(days=term.end_days - effect.days_since_session)


def _fields(caller: Caller, effect: SideEffect, figures: "RuleSet") -> dict[str, Any]:
    term, today = figures.effects.get(effect.code), caller.today
    details = read_details(effect)
    end_on = expected_end(effect, term)
    unresolved = effect.state in UNRESOLVED and effect.ended_at is None
    return effect.model_dump() | {
        "term": term.name if term else effect.code,
        "grade_text": grade_words(term.ctcae_terms if term else (), effect.grade),
        "review_overdue": _waits(effect, caller.now),
        "shedding_severity": shedding_severity(effect, today, figures),
        "possible": sorted(MOVES[effect.state]),
        "expected": EXPECTED[effect.expected],
        "expected_because": details["because"],
        "expected_end_on": end_on,
        "overdue": unresolved and end_on is not None and today > end_on,
        "sides": details.get("sides", {}),
        "serious": bool(effect.seriousness),
        "shedding": details.get("shedding"),
        "draining": details.get("draining", False),
        "device_incident": details.get("device_incident"),
        "sequelae": details.get("sequelae"),
        "first_report": details.get("first") or first_report(effect),
    }
