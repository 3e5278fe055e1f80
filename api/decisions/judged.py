"""What the rules say to a session on some day, told short: what a booking must answer."""

from dataclasses import dataclass
from typing import Self

from api.decisions.schemas import FindingRead
from rules.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Judged:
    """What a booking on that day would be told.

    number, phase: of the session by its place in the course. acknowledge, override: codes that
    the booking must answer; blocked: codes that nobody can answer.
    """

    number: int
    phase: str | None
    findings: tuple[FindingRead, ...]
    acknowledge: tuple[str, ...]
    override: tuple[str, ...]
    blocked: tuple[str, ...]

    @classmethod
    def of(cls, number: int, phase: str | None, found: tuple[Finding, ...]) -> Self:
        """As the rules found it, worst first."""

        def codes(severity: Severity) -> tuple[str, ...]:
            return tuple(sorted({each.code for each in found if each.severity is severity}))

        return cls(
            number,
            phase,
            tuple(FindingRead.of(each) for each in found),
            acknowledge=codes(Severity.WARN),
            override=codes(Severity.OVERRIDE),
            blocked=codes(Severity.BLOCK),
        )
