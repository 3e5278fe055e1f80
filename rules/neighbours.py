"""The session under review among the others of its plan."""

from collections.abc import Iterable
from dataclasses import dataclass

from rules.facts import PlanSession


@dataclass(frozen=True, slots=True)
class Neighbours:
    """number: of the session under review. others: the plan's other sessions that count.

    before, after: the nearest with a lower and with a higher number, by day; None where there is
    none. doubled: another session has the same number.
    """

    number: int
    others: tuple[PlanSession, ...]
    before: PlanSession | None
    after: PlanSession | None
    doubled: bool


def neighbours(
    sessions: Iterable[PlanSession], number: int | None, booked_count: bool
) -> Neighbours:
    """Find them in one pass, however long the history is.

    number: of the session under review; None takes the one after all others.
    booked_count: whether sessions count that are booked and not performed.
    """
    known = tuple(sessions)
    if number is None:
        number = 1 + max((each.number for each in known), default=0)
    others = known if booked_count else tuple(each for each in known if each.performed)
    before = after = None
    doubled = False
    for each in others:
        if each.number < number:
            if before is None or each.on > before.on:
                before = each
        elif each.number > number:
            if after is None or each.on < after.on:
                after = each
        else:
            doubled = True
    return Neighbours(number, others, before, after, doubled)
