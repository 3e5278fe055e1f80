"""What must be so before a hold is released: the criteria of the escalation table, one by one.

What the clinic's records can show is checked there. The rest is the releasing person's to say, in
the reason that is kept with the release.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from api.releasing import circumstances, records
from api.releasing.records import Look, Seen
from api.security import Caller
from models import Hold, HoldScope, SideEffect, SideEffectState

_BY_PERSON = "Whoever releases it says so in the reason."
_IN_ERROR = "The side effect was entered in error."
_WAITED = "waited"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that must be so, and whether it is.

    because: what it rests on, or what is missing. by_person: not in the records; the reason of
    the release says it. waivable: the medical director may release without it.
    """

    code: str
    words: str
    met: bool
    because: str
    by_person: bool = False
    waivable: bool = False


@dataclass(frozen=True, slots=True)
class _Need:
    """A criterion before anybody has looked. seen: None where no record can show it.

    scope: only for holds of this scope; None for all.
    """

    code: str
    words: str
    seen: Callable[[Look], Awaitable[Seen]] | None
    scope: HoldScope | None = None


_DIRECTOR = _Need(
    "reviewed_by_director",
    "The medical director has reviewed the side effect since the hold was opened.",
    records.reviewed_by_director,
)
_NEEDS: dict[str, tuple[_Need, ...]] = {
    "grade_2": (
        _Need(
            "resolved_or_reviewed",
            "The side effect is resolved, or reviewed since the hold was opened.",
            records.resolved_or_reviewed,
        ),
        _Need("next_session_agreed", "The next session is agreed with the patient.", None),
    ),
    "grade_3": (_DIRECTOR,),
    "serious": (
        _DIRECTOR,
        _Need(
            "lots_preserved",
            "The lots under suspicion are set aside.",
            circumstances.lots_preserved,
        ),
    ),
    "shedding_s3": (
        _Need(
            "reviewed",
            "A dermatologist or prescriber has reviewed it since the hold was opened.",
            records.reviewed,
        ),
    ),
    "patchy_or_scarring": (
        _DIRECTOR,
        _Need(
            "specialist_opinion", "A specialist's opinion is on record.", records.specialist_said
        ),
    ),
    "delayed_nodule": (
        _Need(
            "culture_negative",
            "The latest culture for mycobacteria is negative.",
            records.culture_negative,
        ),
        _Need(
            "look_back_done",
            "Whoever had the same lot or formula was looked for.",
            records.looked_back,
        ),
    ),
    "allergy_grade_2": (
        _Need(
            "tested_negative",
            "An allergy of this patient to the ingredient was tested and refuted.",
            records.tested_negative,
        ),
    ),
    "anaphylaxis_or_last": (
        _Need(
            "suspects_out",
            "The plan is stopped, or gives none of the suspects.",
            circumstances.suspects_out,
            HoldScope.PLAN,
        ),
        _Need(
            "tested_negative",
            "An allergy of this patient to the ingredient was tested and refuted.",
            records.tested_negative,
            HoldScope.INGREDIENT,
        ),
    ),
    "pregnancy": (
        _Need(
            "plan_stopped",
            "The plan is stopped, or a later record says that there is no pregnancy.",
            circumstances.plan_stopped,
        ),
        _Need(
            "exposure_followed",
            "An exposure to what may harm the child was followed to birth.",
            circumstances.exposure_followed,
        ),
    ),
    "lot_cluster": (
        _Need("signal_assessed", "The signal is assessed.", circumstances.signal_assessed),
    ),
}


async def criteria_of(db: AsyncSession, caller: Caller, hold: Hold) -> tuple[Criterion, ...]:
    """The criteria of one hold as the records stand now; empty where it has none.

    At most two queries for each. Where the report of the side effect was itself an error, nothing
    of it is left to be waited for.
    """
    effect = None
    if hold.side_effect_id is not None:
        effect = await db.get(SideEffect, (hold.clinic_id, hold.side_effect_id))
    look = Look(db, caller, hold, effect)
    return tuple([await _criterion(look, need) for need in _needs(hold)])


def needs(hold: Hold) -> frozenset[str]:
    """Codes of what its release waits for, whoever asks."""
    return frozenset(need.code for need in _needs(hold))


def _needs(hold: Hold) -> tuple[_Need, ...]:
    by_table = hold.opened_by_rule == f"escalation:{hold.reason_code}"
    by_rule = _NEEDS.get(hold.reason_code, ()) if by_table else ()
    found = tuple(each for each in by_rule if each.scope in (None, hold.scope))
    if hold.release_after_days is not None:
        words = f"The side effect has been over for {hold.release_after_days} days."
        found += (_Need(_WAITED, words, records.over_for_long),)
    if not found and hold.release_criteria:
        return (_Need("as_written", hold.release_criteria, None),)
    return found


async def _criterion(look: Look, need: _Need) -> Criterion:
    if need.seen is None:
        said = look.hold.release_reason
        return Criterion(need.code, need.words, said is not None, said or _BY_PERSON, True)
    if look.effect is not None and look.effect.state is SideEffectState.ENTERED_IN_ERROR:
        return Criterion(need.code, need.words, True, _IN_ERROR)
    met, because = await need.seen(look)
    return Criterion(need.code, need.words, met, because, waivable=need.code == _WAITED)
