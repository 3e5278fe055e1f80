"""How far around a day the rules look: at doses, and at the plan's other sessions."""

from api.decisions.facts_formula import LoadedFormula
from rules.protocol import Phase, Protocol
from rules.rule_set import RuleSet, look_back_days

# A session may be performed some days off its booked day; those are still read.
_SLACK_DAYS = 31


def look_back(figures: RuleSet, loaded: LoadedFormula, protocol: Protocol | None) -> int:
    """The days on both sides of a session within which doses can matter."""
    days: int = max(
        figures.look_back_days, look_back_days(loaded.own), _stated_days(loaded, protocol)
    )
    return days


def session_reach(days: int, protocol: Protocol | None) -> int:
    """The days on both sides within which sessions are read, where doses are within `days`."""
    return max(days, 2 * _longest_interval(protocol)) + _SLACK_DAYS


def _stated_days(loaded: LoadedFormula, protocol: Protocol | None) -> int:
    """The longest interval that a product's label or the protocol states, in days."""
    labels = (line.label_min_interval_days or 0 for line in loaded.formula.components)
    exceptions = (each.min_days for each in protocol.exceptions) if protocol else ()
    days: int = max([0, *labels, *exceptions])
    return days


def _longest_interval(protocol: Protocol | None) -> int:
    """The longest gap that a phase allows, in days; 0 where none is stated."""
    if protocol is None:
        return 0
    phases: list[Phase] = [*protocol.phases]
    if protocol.maintenance is not None:
        phases.append(protocol.maintenance)
    return max((phase.max_days or 0 for phase in phases), default=0)
