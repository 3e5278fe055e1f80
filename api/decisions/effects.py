"""What the rules say about one side effect: expected or not, what it stops, and its causality."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from api.clock import local_day
from api.security import Caller
from models import Expectedness, SideEffect, SideEffectState
from rules.causality import Answer, category_of, naranjo
from rules.escalation import FormulaRate, Reported, escalate
from rules.expectedness import Expectedness as Judged
from rules.expectedness import expectedness
from rules.grading import grade_text
from rules.rule_set import RuleSet
from rules.tables import Escalation

_SIX_POINTS, _HIGH, _RISE = "HAIR_SHEDDING_SCALE", 5, 2
_EXPECTED = {
    True: Expectedness.EXPECTED,
    False: Expectedness.UNEXPECTED,
    None: Expectedness.NOT_EVALUABLE,
}


def expectation_of(
    caller: Caller, effect: SideEffect, figures: RuleSet
) -> tuple[Expectedness, str]:
    """Whether the catalogue's windows lead one to expect it as it stands today, and why."""
    judged = _judged(caller, effect, figures)
    return _EXPECTED[judged.expected], judged.because


def escalation_of(
    caller: Caller,
    effect: SideEffect,
    figures: RuleSet,
    *,
    lot_patients: int = 1,
    formula_rate: tuple[int, int, int, int] | None = None,
) -> tuple[Escalation, ...]:
    """The rows of the escalation table that apply as it stands now, strongest effect first.

    lot_patients: how many patients have the same term after the same lot within 30 days, this
    one included. formula_rate: cases of the term and sessions of the formula in the last 30
    days, then both in the 12 months before.
    """
    judged = _judged(caller, effect, figures)
    details = _details(effect)
    looked = [details[name] for name in ("patchy", "scarring") if name in details]
    reported = Reported(
        code=effect.code,
        grade=effect.grade,
        serious=bool(effect.seriousness),
        resolved=effect.state is SideEffectState.RESOLVED,
        onset_day=judged.onset_day,
        days_lasting=_days_lasting(caller, effect),
        overdue=judged.overdue,
        shedding_severity=_shedding_severity(details),
        patchy_or_scarring=any(looked) if looked else None,
        draining=bool(details.get("draining")),
        lot_patients=lot_patients,
        formula=FormulaRate(*formula_rate) if formula_rate else None,
    )
    return escalate(reported, figures)


def grade_words(ctcae_terms: Sequence[str], grade: int) -> str | None:
    """What this CTCAE grade means for the first of the terms that defines grades; None where the
    scale has no such grade for it."""
    return grade_text(ctcae_terms, grade)


def shedding_severity(effect: SideEffect, on: date, figures: RuleSet) -> str | None:
    """S0 to S4 of unresolved shedding on that local day; None for another term.

    S1 is noticed only; S2 a score that rose by 2, or 5 of the six points; S3 visible thinning or
    longer than the review days; S4 patchy or scarring. The scores count, never the CTCAE grade,
    which is too coarse here.
    """
    term = figures.effects.get(effect.code)
    if term is None or "shedding" not in term.kinds:
        return None
    details = _details(effect)
    told = details.get("shedding", {})
    if details.get("patchy") or details.get("scarring"):
        return "S4"
    lasting = 0 if effect.onset_on is None or effect.ended_at else (on - effect.onset_on).days
    if told.get("visible_thinning") or lasting > figures.integer("shedding.review_days"):
        return "S3"
    score, before = told.get("score"), told.get("score_before")
    rose = score is not None and before is not None and score - before >= _RISE
    if rose or (score is not None and told.get("scale") == _SIX_POINTS and score >= _HIGH):
        return "S2"
    usual = score is not None and before is not None and score <= before
    return "S0" if usual else "S1"


def naranjo_score(answers: Sequence[str]) -> int:
    """The Naranjo score of ten answers of `yes`, `no` or `unknown`; ValueError otherwise."""
    return naranjo([Answer(each) for each in answers]).score


def naranjo_category(score: int | None) -> str | None:
    """What a Naranjo score says: definite, probable, possible or doubtful; None without one."""
    return None if score is None else category_of(score)


def _judged(caller: Caller, effect: SideEffect, figures: RuleSet) -> Judged:
    last = None
    if effect.onset_on is not None and effect.days_since_session is not None:
        last = effect.onset_on - timedelta(days=effect.days_since_session)
    return expectedness(
        figures.effects.get(effect.code),
        last_session_on=last,
        onset_on=effect.onset_on,
        ended_on=_ended_on(caller, effect),
        today=caller.today,
    )


def _ended_on(caller: Caller, effect: SideEffect) -> date | None:
    return None if effect.ended_at is None else local_day(effect.ended_at, caller.zone)


def _days_lasting(caller: Caller, effect: SideEffect) -> int | None:
    if effect.onset_on is None:
        return None
    return ((_ended_on(caller, effect) or caller.today) - effect.onset_on).days


def _details(effect: SideEffect) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(effect.details) if effect.details else {}
    return found


def _shedding_severity(details: dict[str, Any]) -> str | None:
    """S3 where others see it; S4 follows from a patch or scarring. Less needs no severity here."""
    return "S3" if details.get("shedding", {}).get("visible_thinning") else None
