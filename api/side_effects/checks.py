"""What a report or a follow-up may not say, because it contradicts itself or the calendar."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

from api.clock import local_day
from api.problems import FieldError, InvalidRequest, invalid
from api.security import Caller
from api.side_effects.investigations import check_results
from api.side_effects.schemas import FollowUpCreate, Shedding, SideEffectReport
from api.side_effects.suspects import Onset
from api.side_effects.vocabulary import EffectOutcome, Seriousness
from models import SideEffect

if TYPE_CHECKING:
    from rules.rule_set import RuleSet

FATAL_GRADE = 5
_FREE_TEXT_TERM = "AE_OTHER"
_POINTS = {"HAIR_SHEDDING_SCALE": 6, "HAIR_SHEDDING_VISUAL": 9}


def check_report(caller: Caller, draft: SideEffectReport, figures: "RuleSet") -> None:
    """InvalidRequest with everything in the report that cannot be."""
    onset = onset_of(caller, draft)
    wrong = [
        *_terms(draft, figures),
        *_future_onset(caller, draft),
        *_end(caller, draft.ended_at, onset.on, onset.at),
        *_death(draft.grade, draft.seriousness, draft.outcome),
        *_places(draft, figures),
        *_shedding(draft.shedding),
    ]
    if wrong:
        raise InvalidRequest(wrong)


def check_follow_up(
    caller: Caller, effect: SideEffect, draft: FollowUpCreate, noted_at: datetime
) -> None:
    """InvalidRequest with everything in the follow-up that cannot be."""
    wrong = [
        *_end(caller, draft.ended_at, effect.onset_on, effect.started_at),
        *_death(draft.grade or effect.grade, draft.seriousness, draft.outcome),
        *check_results(draft.results, effect.onset_on, caller.today),
    ]
    if noted_at > caller.now:
        wrong.append(FieldError("/noted_at", "future", "This has not happened yet."))
    wrong += _shedding(draft.shedding)
    if wrong:
        raise InvalidRequest(wrong)


def check_end(caller: Caller, effect: SideEffect, ended_at: datetime | None) -> None:
    """InvalidRequest where the end lies before the onset or in the future."""
    wrong = list(_end(caller, ended_at, effect.onset_on, effect.started_at))
    if wrong:
        raise InvalidRequest(wrong)


def _terms(draft: SideEffectReport, figures: "RuleSet") -> Iterator[FieldError]:
    if draft.code not in figures.effects:
        yield FieldError(
            "/code", "unknown_term", "See GET /v1/side-effects/catalogue for the terms."
        )
    if draft.code == _FREE_TEXT_TERM and draft.term_text is None:
        yield FieldError("/term_text", "missing", "Say in words what AE_OTHER is.")


def onset_of(caller: Caller, draft: SideEffectReport) -> Onset:
    """When it began; InvalidRequest unless exactly one of the two ways to say it is used."""
    at, day = draft.started_at, draft.first_noticed_on
    if at is not None and day is None:
        return Onset(local_day(at, caller.zone), at)
    if day is not None and at is None:
        return Onset(day, None)
    raise invalid(
        "/started_at",
        "one_of",
        "Give `started_at`, or `first_noticed_on` where the onset is unknown; not both.",
    )


def _future_onset(caller: Caller, draft: SideEffectReport) -> Iterator[FieldError]:
    if draft.started_at is not None and draft.started_at > caller.now:
        yield FieldError("/started_at", "future", "This has not happened yet.")
    if draft.first_noticed_on is not None and draft.first_noticed_on > caller.today:
        yield FieldError("/first_noticed_on", "future", "This day has not come yet.")


def _end(
    caller: Caller, ended_at: datetime | None, onset_on: date | None, started_at: datetime | None
) -> Iterator[FieldError]:
    if ended_at is None:
        return
    before = onset_on is not None and local_day(ended_at, caller.zone) < onset_on
    if before or (started_at is not None and ended_at < started_at):
        yield FieldError("/ended_at", "before_onset", "It cannot end before it began.")
    if ended_at > caller.now:
        yield FieldError("/ended_at", "future", "This has not happened yet.")


def _death(
    grade: int, seriousness: tuple[Seriousness, ...], outcome: EffectOutcome | None
) -> Iterator[FieldError]:
    fatal = Seriousness.DEATH in seriousness or outcome is EffectOutcome.FATAL
    if fatal and grade != FATAL_GRADE:
        yield FieldError("/grade", "contradiction", "A fatal side effect has grade 5.")


def _places(draft: SideEffectReport, figures: "RuleSet") -> Iterator[FieldError]:
    for index, code in enumerate(draft.areas):
        if code not in figures.areas:
            yield FieldError(f"/areas/{index}", "unknown_area", "There is no such area code.")
        elif code in draft.areas[:index]:
            yield FieldError(f"/areas/{index}", "repeated", "This area is there already.")
    for code in draft.sides:
        if code not in draft.areas:
            yield FieldError("/sides", "unknown_area", "A side is given of an area not in `areas`.")


def _shedding(shedding: Shedding | None) -> Iterator[FieldError]:
    if shedding is None:
        return
    for name in ("score", "score_before"):
        score = getattr(shedding, name)
        if score is None:
            continue
        if shedding.scale is None:
            yield FieldError("/shedding/scale", "missing", "Say on which scale the score is.")
        elif score > _POINTS[shedding.scale]:
            yield FieldError(f"/shedding/{name}", "range", "The scale does not go so far.")
