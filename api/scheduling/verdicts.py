"""What the rules say to each session of a course, each question asked once.

A search that backs out of dead ends asks about the same day again and again, beside sessions that
differ only where the rules no longer look: the one next before tells the gap, those within the
formula's windows tell the doses, and all others only count.
"""

from datetime import datetime, timedelta
from typing import Protocol

from api.decisions.days_ahead import DaysAhead, Judged


class _Placed(Protocol):
    @property
    def starts_at(self) -> datetime: ...


class Verdicts:
    """The rules about one plan's sessions, as `DaysAhead` tells them."""

    def __init__(self, judge: DaysAhead) -> None:
        self._judge = judge
        # A window of days counts calendar days: one more than its hours.
        self._reach = timedelta(days=judge.look_back_days + 1)
        self._told: dict[object, Judged] = {}

    def at(self, start: datetime, placed: tuple[_Placed, ...]) -> Judged:
        """The rules about a session that starts then, beside those placed before it."""
        key = (start, len(placed), self._seen(start, placed))
        if key not in self._told:
            self._told[key] = self._judge.at(start, [each.starts_at for each in placed])
        return self._told[key]

    def _seen(self, start: datetime, placed: tuple[_Placed, ...]) -> tuple[datetime, ...]:
        """The starts of those that the rules can tell apart from others in their places."""
        starts = tuple(each.starts_at for each in placed)
        floor = start - self._reach
        before = max((each for each in starts if each < start), default=None)
        return tuple(each for each in starts if each > floor or each == before)
