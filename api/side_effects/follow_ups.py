"""How a side effect went on: entries that are only ever added."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found, locked, touch
from api.decisions.figures import in_force
from api.problems import IllegalTransition
from api.security import Caller
from api.side_effects import suspects
from api.side_effects.answers import SideEffectReported
from api.side_effects.checks import FATAL_GRADE, check_follow_up
from api.side_effects.clocks import News, run_clocks
from api.side_effects.details import read_details, shedding_details, write_details
from api.side_effects.escalation import escalate
from api.side_effects.judging import judge_expectedness
from api.side_effects.schemas import FollowUpCreate
from api.side_effects.service import answer, judged
from api.side_effects.states import MOVES, require_move
from api.side_effects.vocabulary import Seriousness
from models import Patient, SideEffect, SideEffectFollowUp, SideEffectState

_STANDING = ("grade", "outcome", "action_taken", "treatment", "ended_at")
_ENTRY = (*_STANDING, "text", "significant")


async def follow_up(
    db: AsyncSession, caller: Caller, effect_id: UUID, draft: FollowUpCreate
) -> tuple[SideEffect, SideEffectReported]:
    """Add an entry, and judge the side effect anew as it stands now.

    What it says of grade, outcome and the like becomes how the side effect stands; the first
    report stays readable. Holds may open; none is released. A resolved side effect takes late
    information, but does not come to life again. Raises NotFound, IllegalTransition or
    InvalidRequest.
    """
    effect = await locked_effect(db, caller, effect_id)
    require_move(effect, "follow-ups")
    noted_at = draft.noted_at or caller.now
    check_follow_up(caller, effect, draft, noted_at)
    await suspects.check_named(db, caller, draft.suspect_ingredient_codes, ())
    _check_settled(effect, draft)
    figures = (await in_force(db, caller.clinic_id, caller.today)).figures
    entry = SideEffectFollowUp(
        clinic_id=caller.clinic_id,
        recorded_by=caller.actor_id,
        recorded_at=caller.now,
        side_effect_id=effect.id,
        patient_id=effect.patient_id,
        noted_at=noted_at,
        shedding_score=draft.shedding.score if draft.shedding else None,
        shedding_scale=draft.shedding.scale if draft.shedding else None,
        **{name: getattr(draft, name) for name in _ENTRY},
    )
    db.add(entry)
    worse = _is_worse(effect, draft)
    _apply(effect, draft, entry.id)
    judge_expectedness(caller, effect, figures)
    touch(effect, db)
    await db.flush()
    news = News(entry.id, significant=draft.significant, worse=worse)
    device = draft.device_incident
    await run_clocks(db, caller, effect, figures, device_incident=device, news=news)
    findings = await judged(db, caller, effect)
    audit.record(db, caller, "side_effect.followed_up", effect)
    escalation = await escalate(db, caller, effect, figures, worse=worse)
    await db.flush()
    return effect, await answer(db, caller, effect, escalation, findings)


async def locked_effect(db: AsyncSession, caller: Caller, effect_id: UUID) -> SideEffect:
    """The side effect, locked after its patient, as the order of locks wants it; or NotFound."""
    patient_id = (await found(db, SideEffect, caller.clinic_id, effect_id)).patient_id
    await locked(db, Patient, caller.clinic_id, patient_id)
    return await locked(db, SideEffect, caller.clinic_id, effect_id)


def _check_settled(effect: SideEffect, draft: FollowUpCreate) -> None:
    reopening = any(getattr(draft, name) is not None for name in ("grade", "outcome", "ended_at"))
    if effect.state is SideEffectState.RESOLVED and reopening:
        raise IllegalTransition(
            effect.state.value,
            list(MOVES[effect.state]),
            "It is resolved; report a recurrence as a new side effect.",
        )


def _is_worse(effect: SideEffect, draft: FollowUpCreate) -> bool:
    """Before it is applied: whether the grade rises, or a criterion of seriousness is new."""
    newly = {each.value for each in draft.seriousness} - set(effect.seriousness)
    return bool(newly) or (draft.grade is not None and draft.grade > effect.grade)


def _apply(effect: SideEffect, draft: FollowUpCreate, entry_id: UUID) -> None:
    for name in _STANDING:
        value = getattr(draft, name)
        if value is not None:
            setattr(effect, name, value)
    told = {each.value for each in draft.seriousness}
    if effect.grade == FATAL_GRADE:
        told.add(Seriousness.DEATH.value)
    added: dict[str, list[Any]] = {
        "seriousness": sorted(told - set(effect.seriousness)),
        "suspect_ingredient_codes": [
            code
            for code in dict.fromkeys(draft.suspect_ingredient_codes)
            if code not in effect.suspect_ingredient_codes
        ],
        "results": [each.model_dump(mode="json") for each in draft.results],
    }
    effect.seriousness = tuple(sorted({*effect.seriousness, *added["seriousness"]}))
    effect.suspect_ingredient_codes += tuple(added["suspect_ingredient_codes"])
    details = read_details(effect) | shedding_details(draft.shedding)
    for name in ("draining", "device_incident"):
        if getattr(draft, name) is not None:
            details[name] = getattr(draft, name)
    if any(added.values()):
        details.setdefault("added", {})[str(entry_id)] = added
    write_details(effect, details)
