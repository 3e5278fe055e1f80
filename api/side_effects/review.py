"""A clinician's judgement, the end of a side effect, and a report that was wrong."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import touch
from api.decisions.effects import naranjo_score
from api.decisions.figures import in_force
from api.preconditions import check
from api.problems import invalid
from api.releasing import highest_grade
from api.security import Caller
from api.side_effects.checks import check_end
from api.side_effects.clocks import clocks_of, settle
from api.side_effects.details import read_details, write_details
from api.side_effects.follow_ups import locked_effect
from api.side_effects.judging import judge_expectedness
from api.side_effects.schemas import ResolveSideEffect, ReviewCreate
from api.side_effects.states import require_judge, require_move
from api.side_effects.tasks import close_tasks
from api.side_effects.vocabulary import EffectOutcome
from models import SideEffect, SideEffectReview, SideEffectState


async def review(
    db: AsyncSession, caller: Caller, effect_id: UUID, draft: ReviewCreate, expected: int
) -> SideEffect:
    """Judge what caused it; the latest judgement counts, the earlier ones stay readable.

    It neither resolves the side effect nor releases a hold. Raises Forbidden where grade 3 or
    more is not judged by the medical director.
    """
    effect = await _asked(db, caller, effect_id, expected, "review")
    await _check_judge(db, caller, effect)
    answers = tuple(each.value for each in draft.naranjo or ())
    db.add(
        SideEffectReview(
            clinic_id=caller.clinic_id,
            side_effect_id=effect.id,
            patient_id=effect.patient_id,
            causality=draft.causality.value,
            naranjo_answers=answers,
            naranjo_score=naranjo_score(answers) if answers else None,
            comment=draft.comment,
            reviewed_by=caller.person(),
            reviewed_at=caller.now,
        )
    )
    effect.causality = draft.causality.value
    if effect.state is SideEffectState.OPEN:
        effect.state = SideEffectState.UNDER_REVIEW
    touch(effect, db)
    audit.record(db, caller, "side_effect.reviewed", effect)
    await db.flush()
    return effect


async def resolve(
    db: AsyncSession, caller: Caller, effect_id: UUID, draft: ResolveSideEffect, expected: int
) -> SideEffect:
    """Close it with its outcome. The holds that it opened stay until somebody releases them."""
    effect = await _asked(db, caller, effect_id, expected, "resolve")
    await _check_judge(db, caller, effect)
    _check_ending(caller, effect, draft)
    effect.state = SideEffectState.RESOLVED
    effect.outcome = draft.outcome.value
    effect.ended_at = draft.ended_at or effect.ended_at
    effect.resolution = draft.comment
    effect.resolved_at, effect.resolved_by = caller.now, caller.person()
    judge_expectedness(caller, effect, (await in_force(db, caller.clinic_id, caller.today)).figures)
    if draft.sequelae is not None:
        write_details(effect, read_details(effect) | {"sequelae": draft.sequelae})
    audit.record(db, caller, "side_effect.resolved", effect)
    await db.flush()
    return effect


async def retract(
    db: AsyncSession, caller: Caller, effect_id: UUID, reason: str, expected: int
) -> SideEffect:
    """Mark a report as entered in error. It stays readable and no longer counts for any rule;
    its holds stay until somebody releases them."""
    effect = await _asked(db, caller, effect_id, expected, "entered-in-error")
    await _check_judge(db, caller, effect)
    effect.state = SideEffectState.ENTERED_IN_ERROR
    effect.entered_in_error_at = caller.now
    effect.entered_in_error_by = caller.person()
    effect.entered_in_error_reason = reason
    running = [each for each in await clocks_of(db, effect) if each.settled_at is None]
    settle(caller, running, "The side effect was entered in error.")
    await close_tasks(db, caller, effect)
    audit.record(db, caller, "side_effect.entered_in_error", effect, reason=reason)
    await db.flush()
    return effect


async def _asked(
    db: AsyncSession, caller: Caller, effect_id: UUID, expected: int, move: str
) -> SideEffect:
    effect = await locked_effect(db, caller, effect_id)
    check(effect, expected)
    require_move(effect, move)
    return effect


async def _check_judge(db: AsyncSession, caller: Caller, effect: SideEffect) -> None:
    require_judge(caller, await highest_grade(db, effect))


def _check_ending(caller: Caller, effect: SideEffect, draft: ResolveSideEffect) -> None:
    check_end(caller, effect, draft.ended_at)
    if draft.outcome is EffectOutcome.RECOVERED and not (draft.ended_at or effect.ended_at):
        raise invalid("/ended_at", "missing", "Say when the patient had recovered.")
    if (draft.outcome is EffectOutcome.SEQUELAE) != (draft.sequelae is not None):
        raise invalid("/sequelae", "together", "Say what remains with, and only with, sequelae.")
    if (draft.outcome is EffectOutcome.FATAL) != (effect.grade == 5):
        raise invalid("/outcome", "contradiction", "A fatal outcome and grade 5 go together.")
