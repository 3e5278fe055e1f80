"""Whether a side effect was to be expected, and by when its case is to be reported."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel.ext.asyncio.session import AsyncSession

from api.decisions.effects import expectation_of
from api.security import Caller
from api.side_effects.criteria import minimum_criteria
from api.side_effects.details import read_details, write_details
from models import SideEffect

if TYPE_CHECKING:
    from rules.rule_set import RuleSet

_URGENT = frozenset({"death", "life_threatening"})
_LIFE_THREATENING_GRADE = 4


def judge_expectedness(caller: Caller, effect: SideEffect, figures: "RuleSet") -> None:
    """Set `expected` from the catalogue's windows, and keep why in words."""
    expected, because = expectation_of(caller, effect, figures)
    effect.expected = expected
    write_details(effect, read_details(effect) | {"because": because})


async def start_clock(
    db: AsyncSession, caller: Caller, effect: SideEffect, figures: "RuleSet"
) -> None:
    """Set day 0 on the first local day on which all four criteria are known, and the due day.

    The due day only ever comes nearer: a case that turns serious is due sooner.
    """
    if effect.day0_on is None and not (await minimum_criteria(db, effect)).missing:
        effect.day0_on = caller.today
    if effect.day0_on is None:
        return
    due = effect.day0_on + timedelta(days=figures.clocks[_clock(effect)].days.value)
    if effect.report_due_on is None or due < effect.report_due_on:
        effect.report_due_on = due


def _clock(effect: SideEffect) -> str:
    if effect.grade >= _LIFE_THREATENING_GRADE or _URGENT & set(effect.seriousness):
        return "fatal_or_life_threatening"
    return "serious" if effect.seriousness else "non_serious"
