"""Who may release a hold, and what is written down when they do."""

import json
from collections.abc import Sequence
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import audit
from api.database import found
from api.problems import Forbidden, IllegalTransition, Problem
from api.releasing.criteria import Criterion, criteria_of
from api.scopes import Role
from api.security import Caller
from models import Hold, SideEffect, SideEffectFollowUp

PRACTITIONERS_GRADE_MAX = 2  # inclusive; above it only the medical director releases
_PRACTITIONER_ROLES = frozenset({"nurse", "prescriber"})


class CriteriaNotMet(Problem):
    """The records lack what the escalation table wants to see before the hold is released."""

    name, status, title = "release-criteria-not-met", 409, "Not yet to be released"
    what_to_do = (
        "Record what `criteria` names as not met, then release it; `missing` has the codes."
    )

    def __init__(self, criteria: Sequence[Criterion], missing: Sequence[Criterion]) -> None:
        super().__init__(
            " ".join(each.because for each in missing),
            missing=[each.code for each in missing],
            criteria=[
                {"code": each.code, "words": each.words, "met": each.met}
                | ({} if each.met else {"because": each.because})
                for each in criteria
            ],
        )


async def release(db: AsyncSession, caller: Caller, hold: Hold, reason: str) -> None:
    """Release one hold that the caller has locked, with who, when and why.

    The medical director releases any hold, a practitioner those that the escalation table leaves
    to a nurse or prescriber, unless their side effect was ever worse than grade 2. Raises
    Forbidden, IllegalTransition where the hold was released already, or CriteriaNotMet.
    """
    person = caller.person()
    if hold.released_at is not None:
        raise IllegalTransition("released", [], "This hold was released already.")
    if not await may_release(db, caller, hold):
        raise Forbidden("holds:release", "Only the medical director may release this hold.")
    await _check_criteria(db, caller, hold)
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


async def _check_criteria(db: AsyncSession, caller: Caller, hold: Hold) -> None:
    """CriteriaNotMet where the records lack something that this person cannot waive."""
    criteria = await criteria_of(db, caller, hold)
    director = Role.MEDICAL_DIRECTOR in caller.roles
    missing = [
        each
        for each in criteria
        if not (each.met or each.by_person or (each.waivable and director))
    ]
    if missing:
        raise CriteriaNotMet(criteria, missing)


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
