"""Session protocols: which phase a session falls in, and when a whole course is due."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Phase:
    """A run of sessions with one interval, which precedes each session of the phase.

    sessions: how many; None for maintenance, which has no end.
    target_days, min_days, max_days: None where the spacing was never published.
    """

    name: str
    sessions: int | None
    target_days: int | None
    min_days: int | None
    max_days: int | None


@dataclass(frozen=True, slots=True)
class IngredientException:
    """A lower ingredient interval that an approved protocol version names, in days."""

    ingredient_code: str
    min_days: int


@dataclass(frozen=True, slots=True)
class Protocol:
    """The phases of a course in order, and what follows them.

    approved: an ingredient exception counts only on an approved version.
    """

    code: str
    phases: tuple[Phase, ...]
    maintenance: Phase | None = None
    exceptions: tuple[IngredientException, ...] = ()
    approved: bool = True
    version: int = 1

    @property
    def sessions(self) -> int:
        """How many sessions the phases hold, maintenance not counted."""
        return sum(phase.sessions or 0 for phase in self.phases)

    def phase_of(self, number: int) -> Phase | None:
        """The phase of the session with that number, counted from 1.

        After the last phase comes maintenance; None where the protocol is at its end.
        """
        last = 0
        for phase in self.phases:
            last += phase.sessions or 0
            if number <= last:
                return phase
        return self.maintenance

    def exception_days(self, ingredient_code: str) -> int | None:
        """The approved lower interval of that ingredient, in days; None where there is none."""
        if not self.approved:
            return None
        named = [e.min_days for e in self.exceptions if e.ingredient_code == ingredient_code]
        return max(named, default=None)


def course_dates(protocol: Protocol, first_on: date, sessions: int) -> tuple[date, ...] | None:
    """The target days of a course that starts on `first_on`, the first day included.

    sessions: how many days to give; beyond the phases they follow maintenance.
    Returns fewer where the protocol ends, and None where its spacing is not known.
    """
    days: list[date] = []
    for number in range(1, sessions + 1):
        phase = protocol.phase_of(number)
        if phase is None:
            break
        if not days:
            days.append(first_on)
        elif phase.target_days is None:
            return None
        else:
            days.append(days[-1] + timedelta(days=phase.target_days))
    return tuple(days)
