"""Whether a side effect was to be expected."""

from typing import TYPE_CHECKING

from api.decisions.effects import expectation_of
from api.security import Caller
from api.side_effects.details import read_details, write_details
from models import SideEffect

if TYPE_CHECKING:
    from rules.rule_set import RuleSet


def judge_expectedness(caller: Caller, effect: SideEffect, figures: "RuleSet") -> None:
    """Set `expected` from the catalogue's windows, and keep why in words."""
    expected, because = expectation_of(caller, effect, figures)
    effect.expected = expected
    write_details(effect, read_details(effect) | {"because": because})
