"""By when a case is to be reported: clocks start, come nearer, and are settled.

Day 0 is the first local day on which all four minimum criteria are known. The days of each clock
are figures of the rule set, which a clinic may tighten; they are internal targets, because a
clinic's own duty is set nationally.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.security import Caller
from api.side_effects.criteria import minimum_criteria
from models import ReportClock, ReportSubmission, SideEffect

if TYPE_CHECKING:
    from rules.rule_set import RuleSet

_URGENT = frozenset({"death", "life_threatening"})
_LIFE_THREATENING_GRADE = 4
_FOLLOW_UP = "follow_up"
_DEVICE = "device_"


@dataclass(frozen=True, slots=True)
class News:
    """What a follow-up brings: its id, and whether the case got worse or only clearer by it."""

    follow_up_id: UUID
    significant: bool
    worse: bool


async def run_clocks(
    db: AsyncSession,
    caller: Caller,
    effect: SideEffect,
    figures: "RuleSet",
    *,
    device_incident: str | None = None,
    news: News | None = None,
) -> None:
    """Start what has to run as the case stands now, and bring nearer what runs.

    A due day only ever comes nearer: a case that turns serious is due sooner. Once a report was
    sent, significant information starts a clock of its own from the day of its receipt.
    """
    if effect.day0_on is None and not (await minimum_criteria(db, effect)).missing:
        effect.day0_on = caller.today
    clocks = await clocks_of(db, effect)
    if device_incident is not None and f"{_DEVICE}{device_incident}" not in _codes(clocks):
        clocks.append(_start(db, effect, figures, f"{_DEVICE}{device_incident}", caller.today))
    if effect.day0_on is not None:
        _run_case(db, caller, effect, figures, clocks, news)
    await db.flush()
    summarise(effect, clocks)


def _run_case(
    db: AsyncSession,
    caller: Caller,
    effect: SideEffect,
    figures: "RuleSet",
    clocks: list[ReportClock],
    news: News | None,
) -> None:
    of_case = [each for each in clocks if not each.code.startswith(_DEVICE)]
    running = [each for each in of_case if each.settled_at is None]
    code = _code(effect)
    if not of_case and effect.day0_on is not None:
        clocks.append(_start(db, effect, figures, code, effect.day0_on))
    elif running:
        due_on = running[0].started_on + _days(figures, code)
        if due_on < running[0].due_on:
            running[0].code, running[0].due_on = code, due_on
    elif news is not None and (news.significant or news.worse):
        codes = [_FOLLOW_UP, code] if news.worse else [_FOLLOW_UP]
        nearest = min(codes, key=lambda each: _days(figures, each))
        clocks.append(_start(db, effect, figures, nearest, caller.today, news.follow_up_id))


async def clocks_of(db: AsyncSession, effect: SideEffect) -> list[ReportClock]:
    """All clocks of the side effect, settled ones included, oldest first."""
    statement = select(ReportClock).where(
        ReportClock.clinic_id == effect.clinic_id, ReportClock.side_effect_id == effect.id
    )
    return list(await db.exec(statement.order_by(col(ReportClock.id))))


def settle(
    caller: Caller,
    clocks: Sequence[ReportClock],
    because: str,
    submission: ReportSubmission | None = None,
) -> None:
    """Stop these clocks, with why in words, and the submission where one answers them."""
    for clock in clocks:
        clock.settled_at, clock.settled_because = caller.now, because
        clock.submission_id = submission.id if submission else None


def summarise(
    effect: SideEffect, clocks: Sequence[ReportClock], settled_on: date | None = None
) -> None:
    """Show on the side effect the clock that is due next, or the last one and when it was settled.

    settled_on: the local day of the submission that settled the last one; None while one runs.
    """
    running = sorted((c for c in clocks if c.settled_at is None), key=lambda c: (c.due_on, c.id))
    shown = running[0] if running else (clocks[-1] if clocks else None)
    if shown is None:
        return
    effect.report_clock_on, effect.report_due_on = shown.started_on, shown.due_on
    if running:
        effect.report_submitted_on = None
    elif settled_on is not None:
        effect.report_submitted_on = settled_on


def _start(
    db: AsyncSession,
    effect: SideEffect,
    figures: "RuleSet",
    code: str,
    on: date,
    follow_up_id: UUID | None = None,
) -> ReportClock:
    clock = ReportClock(
        clinic_id=effect.clinic_id,
        side_effect_id=effect.id,
        patient_id=effect.patient_id,
        code=code,
        started_on=on,
        due_on=on + _days(figures, code),
        follow_up_id=follow_up_id,
    )
    db.add(clock)
    return clock


def _codes(clocks: Sequence[ReportClock]) -> set[str]:
    return {clock.code for clock in clocks}


def _days(figures: "RuleSet", code: str) -> timedelta:
    return timedelta(days=figures.clocks[code].days.value)


def _code(effect: SideEffect) -> str:
    if effect.grade >= _LIFE_THREATENING_GRADE or _URGENT & set(effect.seriousness):
        return "fatal_or_life_threatening"
    return "serious" if effect.seriousness else "non_serious"
