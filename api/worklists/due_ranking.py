"""What a window means on a day: due, overdue or lapsed; how much it presses, and why."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from api.worklists.due_schemas import DueStatus, FollowUp, Priority

if TYPE_CHECKING:
    from rules.window import Window

CLOSING_DAYS = 2  # a desk needs so long to reach somebody
NEW_DAYS = 7  # after the activation, somebody should have booked
_GAP = "SPACING-MAX-GAP"
_WORDS = {"no_show": "missed", "cancelled": "cancelled"}


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a plan stands, how much it presses, and why."""

    status: DueStatus
    priority: Priority
    reason: str


def rank(
    window: "Window", on: date, waiting_since: date, follow_up: FollowUp | None, begun: bool
) -> Rank | None:
    """How the plan's next session stands on a day; None where there is nothing to do about it.

    window: computed as of that day. waiting_since: the day of the last session, or of the
    activation. begun: it had a session in whatever state. Nothing is to be done beyond the
    protocol's end, nor before the window opens, unless a session fell away.
    """
    if window.phase is None:
        return None
    if not begun:
        return _never_booked(on, waiting_since)
    if window.earliest_on is not None and on < window.earliest_on:
        return _waiting(window.earliest_on, follow_up)
    if window.latest_on is not None and on > window.latest_on:
        return _overdue(window, window.latest_on, on)
    return _due(window.latest_on, on, follow_up)


def _never_booked(on: date, since: date) -> Rank:
    days = (on - since).days
    priority = Priority.HIGH if days >= NEW_DAYS else Priority.NORMAL
    return Rank(
        DueStatus.NEVER_BOOKED, priority, f"No session was ever booked; active for {_days(days)}."
    )


def _waiting(earliest_on: date, follow_up: FollowUp | None) -> Rank | None:
    if follow_up is None:
        return None
    reason = f"A session was {_WORDS[follow_up.state]}; the window opens on {earliest_on}."
    return Rank(DueStatus.WAITING, Priority.LOW, reason)


def _overdue(window: "Window", latest_on: date, on: date) -> Rank:
    late = _days((on - latest_on).days)
    told = [each for each in window.findings if each.code == _GAP]
    if any(each.severity.value in {"override", "block"} for each in told):
        reason = f"The window closed {late} ago, on {latest_on}: reassess before booking."
        return Rank(DueStatus.LAPSED, Priority.NORMAL, reason)
    return Rank(DueStatus.OVERDUE, Priority.HIGH, f"The window closed {late} ago, on {latest_on}.")


def _due(latest_on: date | None, on: date, follow_up: FollowUp | None) -> Rank:
    left = None if latest_on is None else (latest_on - on).days
    fell = "" if follow_up is None else f"A session was {_WORDS[follow_up.state]}. "
    reason = f"{fell}{_closing(latest_on, left)}"
    if left is not None and left <= CLOSING_DAYS:
        return Rank(DueStatus.DUE, Priority.URGENT, reason)
    return Rank(DueStatus.DUE, Priority.HIGH if fell else Priority.NORMAL, reason)


def _closing(latest_on: date | None, left: int | None) -> str:
    if left is None:
        return "The window has no end."
    return f"The window closes on {latest_on}, {f'in {_days(left)}' if left else 'today'}."


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
