"""What a rule answers, and what a caller reads."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rules.stage import Stage


class Outcome(StrEnum):
    """How one rule came out. Missing input is never a silent pass: it is `not_evaluable`."""

    PASS = "pass"  # noqa: S105 (a word of the vocabulary, not a secret)
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    NOT_EVALUABLE = "not_evaluable"


class Severity(StrEnum):
    """How much a finding weighs, worst first.

    `block`: nobody can override. `override`: a person with the named role gives a coded reason
    and a comment. `warn`: must be acknowledged. `info`: is only told.
    """

    BLOCK = "block"
    OVERRIDE = "override"
    WARN = "warn"
    INFO = "info"


class Verdict(StrEnum):
    """What the worst finding of a decision means for the caller."""

    ALLOWED = "allowed"
    NEEDS_ACKNOWLEDGEMENT = "needs_acknowledgement"
    NEEDS_OVERRIDE = "needs_override"
    REFUSED = "refused"


WEIGHT: dict[Severity, int] = {severity: place for place, severity in enumerate(Severity)}
"""0 is the worst; findings are sorted by it."""

_VERDICTS = {
    Severity.BLOCK: Verdict.REFUSED,
    Severity.OVERRIDE: Verdict.NEEDS_OVERRIDE,
    Severity.WARN: Verdict.NEEDS_ACKNOWLEDGEMENT,
    Severity.INFO: Verdict.ALLOWED,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule's function reports; `evaluate` dresses it as a `Finding`.

    message: plain words with the values and their units.
    pointer: JSON pointer into the request body of the stage, where there is one.
    measured, limit: decimal strings in `unit`.
    source, evidence: of the figure that was compared; None takes those of the rule.
    first_day: for spacing, the first later day on which this rule would pass.
    """

    outcome: Outcome
    severity: Severity
    message: str
    pointer: str | None = None
    measured: str | None = None
    limit: str | None = None
    unit: str | None = None
    source: str | None = None
    evidence: str | None = None
    first_day: date | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that stands in the way, or should be known, in words a physician can read.

    override_role: who may override (`prescriber` or `medical_director`); None where nobody may
    or nobody needs to. second_person: the one who overrides may not be the one who proposed.
    """

    code: str
    outcome: Outcome
    severity: Severity
    title: str
    message: str
    pointer: str | None
    measured: str | None
    limit: str | None
    unit: str | None
    source: str
    evidence: str
    remedy: str
    first_day: date | None
    override_role: str | None
    second_person: bool


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one rule came out, passes included; the worst of its findings decides."""

    code: str
    outcome: Outcome
    severity: Severity | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one question, complete enough to be explained and replayed.

    results: one per active rule of the stage, in catalogue order.
    findings: worst first, then in catalogue order.
    """

    stage: Stage
    rule_set_version: str
    rule_set_hash: str
    verdict: Verdict
    results: tuple[RuleResult, ...]
    findings: tuple[Finding, ...]


def verdict_of(findings: tuple[Finding, ...]) -> Verdict:
    """The verdict that the worst finding asks for; no finding is `allowed`."""
    worst = min((finding.severity for finding in findings), key=WEIGHT.__getitem__, default=None)
    return Verdict.ALLOWED if worst is None else _VERDICTS[worst]


def fail(
    severity: Severity,
    message: str,
    pointer: str | None = None,
    *,
    measured: str | None = None,
    limit: str | None = None,
    unit: str | None = None,
    source: str | None = None,
    evidence: str | None = None,
    first_day: date | None = None,
) -> Fault:
    """A limit that is exceeded, or a condition that is not met."""
    return Fault(
        Outcome.FAIL, severity, message, pointer, measured, limit, unit, source, evidence, first_day
    )


def unknown(
    severity: Severity,
    message: str,
    pointer: str | None = None,
    *,
    source: str | None = None,
    evidence: str | None = None,
) -> Fault:
    """An input or a figure that is missing, so that the rule could not be checked."""
    return Fault(
        Outcome.NOT_EVALUABLE, severity, message, pointer, source=source, evidence=evidence
    )
