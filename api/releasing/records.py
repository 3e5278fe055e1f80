"""What was recorded about a side effect since it opened a hold: judgements, results, its end.

Each function answers whether its criterion is met, and what that rests on or what is missing, in
words.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.clock import local_day
from api.scopes import Role
from api.security import Caller
from models import (
    Allergy,
    AllergyStatus,
    Hold,
    SideEffect,
    SideEffectFollowUp,
    SideEffectReview,
    SideEffectState,
    StaffMember,
)

Seen = tuple[bool, str]
"""Whether it is met, and why or why not."""


@dataclass(frozen=True, slots=True)
class Look:
    """One hold in front of the records, and the side effect that opened it, if one did."""

    db: AsyncSession
    caller: Caller
    hold: Hold
    effect: SideEffect | None


async def resolved_or_reviewed(look: Look) -> Seen:
    """Its side effect is over, or a prescriber has judged it since the hold was opened."""
    if look.effect is not None and look.effect.state is SideEffectState.RESOLVED:
        return True, "The side effect is resolved."
    return await reviewed(look)


async def reviewed(look: Look) -> Seen:
    """A prescriber has judged it since the hold was opened."""
    reviews = await _reviews(look)
    if not reviews:
        return False, "Nobody has reviewed the side effect since the hold was opened."
    return True, _told(look, reviews[-1][0])


async def reviewed_by_director(look: Look) -> Seen:
    """The medical director has judged it since the hold was opened."""
    reviews = await _reviews(look)
    own = [review for review, roles in reviews if Role.MEDICAL_DIRECTOR in roles]
    if own:
        return True, _told(look, own[-1])
    if reviews:
        return False, "It was reviewed since, but not by the medical director."
    return False, "The medical director has not reviewed it since the hold was opened."


def _told(look: Look, review: SideEffectReview) -> str:
    on = local_day(review.reviewed_at, look.caller.zone)
    return f"Reviewed on {on.isoformat()}: causality {review.causality}."


async def _reviews(look: Look) -> list[tuple[SideEffectReview, tuple[str, ...]]]:
    """The reviews since the hold was opened with their author's roles, oldest first."""
    if look.effect is None:
        return []
    statement = (
        select(SideEffectReview, col(StaffMember.roles))
        .join(
            StaffMember,
            (col(StaffMember.clinic_id) == col(SideEffectReview.clinic_id))
            & (col(StaffMember.id) == col(SideEffectReview.reviewed_by)),
        )
        .where(
            SideEffectReview.clinic_id == look.effect.clinic_id,
            SideEffectReview.side_effect_id == look.effect.id,
            # Ids are in the order of creation, also where both have the same instant.
            col(SideEffectReview.id) > look.hold.id,
        )
        .order_by(col(SideEffectReview.id))
    )
    return list(await look.db.exec(statement))


async def over_for_long(look: Look) -> Seen:
    """Its side effect has been over for as many days as the table asks; the last day counts."""
    days, effect = look.hold.release_after_days or 0, look.effect
    if effect is None or effect.ended_at is None:
        return False, f"It must be over for {days} days; when it was over is not recorded."
    passed = (look.caller.today - local_day(effect.ended_at, look.caller.zone)).days
    return passed >= days, f"It has been over for {passed} of {days} days."


async def culture_negative(look: Look) -> Seen:
    """The latest culture for mycobacteria was negative."""
    found = await _results(look, "culture_mycobacteria")
    if not found:
        return False, "No result of a culture for mycobacteria is recorded in a follow-up."
    latest = found[-1]
    return latest["result"] == "negative", f"The culture of {latest['on']} was {latest['result']}."


async def looked_back(look: Look) -> Seen:
    """Whoever had the same lot or formula was looked for."""
    return await _done(look, "look_back", "No look-back is recorded in a follow-up.")


async def specialist_said(look: Look) -> Seen:
    """A specialist's opinion is on record."""
    return await _done(
        look, "specialist_opinion", "No specialist's opinion is recorded in a follow-up."
    )


async def _done(look: Look, kind: str, otherwise: str) -> Seen:
    found = await _results(look, kind)
    if not found:
        return False, otherwise
    return True, f"{found[-1]['on']}: {found[-1]['note']}"


async def _results(look: Look, kind: str) -> list[dict[str, Any]]:
    """The results of that kind in the follow-ups, in the order in which they were entered."""
    if look.effect is None or look.effect.details is None:
        return []
    added: dict[str, dict[str, Any]] = json.loads(look.effect.details).get("added", {})
    statement = select(SideEffectFollowUp.id).where(
        SideEffectFollowUp.clinic_id == look.effect.clinic_id,
        SideEffectFollowUp.side_effect_id == look.effect.id,
        col(SideEffectFollowUp.entered_in_error_at).is_(None),
    )
    entries = await look.db.exec(statement.order_by(col(SideEffectFollowUp.id)))
    results = [each for entry in entries for each in added.get(str(entry), {}).get("results", [])]
    return [each for each in results if each["kind"] == kind]


async def tested_negative(look: Look) -> Seen:
    """An allergy of this patient to the held ingredient was tested and refuted."""
    statement = select(Allergy.id).where(
        Allergy.clinic_id == look.hold.clinic_id,
        Allergy.patient_id == look.hold.patient_id,
        Allergy.ingredient_code == look.hold.ingredient_code,
        Allergy.status == AllergyStatus.REFUTED,
        col(Allergy.entered_in_error_at).is_(None),
    )
    if (await look.db.exec(statement.limit(1))).first() is None:
        return False, "No negative test is recorded as a refuted allergy to this ingredient."
    return True, "A test was negative: the allergy to this ingredient is refuted."
