"""Releasing a hold: who may, and what is written down. Nothing releases itself."""

import json
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.clock import local_day
from api.database import found
from api.problems import Forbidden, IllegalTransition
from api.scopes import Role
from api.security import Caller
from models import Hold, SideEffect, SideEffectFollowUp

PRACTITIONERS_GRADE_MAX = 2  # inclusive; above it only the medical director releases
_PRACTITIONER_ROLES = frozenset({"nurse", "prescriber"})


async def release(db: AsyncSession, caller: Caller, hold: Hold, reason: str) -> None:
    """Release one hold that the caller has locked, with who, when and why.

    The medical director releases any hold, a practitioner those that the escalation table leaves
    to a nurse or prescriber, unless their side effect was ever worse than grade 2. Raises
    Forbidden, or IllegalTransition where the hold was released already.
    """
    person = caller.person()
    if hold.released_at is not None:
        raise IllegalTransition("released", [], "This hold was released already.")
    if not await may_release(db, caller, hold):
        raise Forbidden("holds:release", "Only the medical director may release this hold.")
    if Role.MEDICAL_DIRECTOR not in caller.roles:
        await _check_waited(db, caller, hold)
    hold.released_at, hold.released_by, hold.release_reason = caller.now, person, reason
    audit.record(db, caller, "hold.released", hold, reason=reason)


async def may_release(db: AsyncSession, caller: Caller, hold: Hold) -> bool:
    """Whether this person may release this hold, by the roles and grades of the table."""
    if not caller.may("holds:release"):
        return False
    if Role.MEDICAL_DIRECTOR in caller.roles:
        return True
    if hold.release_role not in _PRACTITIONER_ROLES:
        return False
    if hold.side_effect_id is None:
        return True
    effect = await found(db, SideEffect, hold.clinic_id, hold.side_effect_id)
    return await highest_grade(db, effect) <= PRACTITIONERS_GRADE_MAX


async def _check_waited(db: AsyncSession, caller: Caller, hold: Hold) -> None:
    """IllegalTransition where the side effect has not been over for as long as the table asks."""
    if hold.release_after_days is None or hold.side_effect_id is None:
        return
    effect = await found(db, SideEffect, hold.clinic_id, hold.side_effect_id)
    over = None if effect.ended_at is None else local_day(effect.ended_at, caller.zone)
    if over is None or (caller.today - over).days < hold.release_after_days:
        raise IllegalTransition(
            "in_force",
            [],
            f"Its side effect must be over for {hold.release_after_days} days; only the medical "
            "director releases it earlier.",
        )


async def highest_grade(db: AsyncSession, effect: SideEffect) -> int:
    """The worst grade that it ever had, so that nobody comes to judge by lowering it."""
    noted = select(func.max(SideEffectFollowUp.grade)).where(
        SideEffectFollowUp.clinic_id == effect.clinic_id,
        SideEffectFollowUp.side_effect_id == effect.id,
        col(SideEffectFollowUp.entered_in_error_at).is_(None),
    )
    worst = (await db.exec(noted)).one()
    details: dict[str, Any] = json.loads(effect.details) if effect.details else {}
    first = details.get("first", {}).get("grade")
    return max(grade for grade in (effect.grade, worst, first) if grade is not None)
