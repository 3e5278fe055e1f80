"""The register of rules: one entry and one function each.

A new rule is a function in the file of its family under `@rule(...)`, nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.finding import Fault, Severity
from rules.stage import Stage

if TYPE_CHECKING:
    from rules.case import Case

Answer = tuple[Fault, ...] | None
"""() is a pass, None is not applicable; anything else stands in the way or is told."""

PASS: Answer = ()
NOT_APPLICABLE: Answer = None

PRESCRIBER = "prescriber"
MEDICAL_DIRECTOR = "medical_director"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue and everything that is said about it.

    number: place in the catalogue. stages: where it speaks; with `patient_bound`, formula
    approval only when the formula is tied to a patient.
    severities: those it may give, worst first; if_missing: how severe missing input is, None
    where nothing can be missing.
    override_role: who may override; second_person: never the person who proposed it.
    parameters: keys into the rule set that it reads.
    passing, failing: one worked example each, on the two sides of its boundary.
    """

    code: str
    number: int
    title: str
    why: str
    stages: tuple[Stage, ...]
    severities: tuple[Severity, ...]
    if_missing: Severity | None
    remedy: str
    source: str
    evidence: str
    passing: str
    failing: str
    override_role: str | None
    second_person: bool
    patient_bound: bool
    parameters: tuple[str, ...]
    check: "Callable[[Case], Answer]"

    @property
    def does(self) -> str:
        """What the rule compares, in the words of its function."""
        return " ".join((self.check.__doc__ or "").split())


_REGISTER: dict[str, Rule] = {}


def rule(
    code: str,
    number: int,
    *,
    title: str,
    why: str,
    stages: tuple[Stage, ...],
    severities: tuple[Severity, ...],
    if_missing: Severity | None,
    remedy: str,
    source: str,
    evidence: str,
    passing: str,
    failing: str,
    override_role: str | None = None,
    second_person: bool = False,
    patient_bound: bool = False,
    parameters: tuple[str, ...] = (),
) -> "Callable[[Callable[[Case], Answer]], Callable[[Case], Answer]]":
    """Register the decorated function under `code`; see `Rule` for the words."""

    def register(check: "Callable[[Case], Answer]") -> "Callable[[Case], Answer]":
        if code in _REGISTER:
            raise ValueError(f"{code} is registered twice")
        _REGISTER[code] = Rule(
            code, number, title, why, stages, severities, if_missing, remedy, source, evidence,
            passing, failing, override_role, second_person, patient_bound, parameters, check,
        )  # fmt: skip
        return check

    return register


def registered() -> tuple[Rule, ...]:
    """All rules registered so far, in catalogue order."""
    return tuple(sorted(_REGISTER.values(), key=lambda entry: entry.number))
