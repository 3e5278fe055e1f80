"""Which findings are answered for, by whom, and which are left standing in the way.

Who may answer a finding of severity `override`: a person with `rules:override` and the role that
the rule names; where it asks for a second person, nobody who proposed the treatment. A warning is
answered by naming its code. Nothing answers a `block`.
"""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from api.decisions.schemas import Answers, FindingRead, OverrideIn, ResolvedBy
from api.problems import FieldError, InvalidRequest
from api.scopes import Role
from api.security import Caller
from rules.catalogue import rule_named
from rules.finding import Finding, Severity

RejectedFor = Literal["role", "second_person"]
_SCOPE = "rules:override"
_MAY: dict[str, tuple[Role, ...]] = {
    "prescriber": (Role.PRACTITIONER, Role.MEDICAL_DIRECTOR),
    "medical_director": (Role.MEDICAL_DIRECTOR,),
}


@dataclass(frozen=True, slots=True)
class Answered:
    """One finding and what became of it.

    override, role: of an answer given now, and the role it was given in; an override that
    already stood from an earlier step of the same session has neither.
    """

    finding: Finding
    resolved_by: ResolvedBy | None = None
    override: OverrideIn | None = None
    role: Role | None = None
    rejected_for: RejectedFor | None = None

    @property
    def stands_in_the_way(self) -> bool:
        """Whether it is unanswered and not merely told."""
        return self.resolved_by is None and self.finding.severity is not Severity.INFO

    def read(self) -> FindingRead:
        """The finding as an answer shows it."""
        return FindingRead.of(self.finding, self.resolved_by)


@dataclass(frozen=True, slots=True)
class Standing:
    """What earlier overrides of this session were given for; they last until the session."""

    figures: frozenset[tuple[str, ...]] = frozenset()

    @staticmethod
    def key(finding: Finding) -> tuple[str, ...]:
        """The same code and the same figures; without figures, the same words."""
        if finding.measured is None:
            return (finding.code, finding.message)
        return (finding.code, finding.measured, finding.limit or "", finding.unit or "")

    def covers(self, finding: Finding) -> bool:
        """Whether the finding was already overridden, at exactly these figures."""
        return self.key(finding) in self.figures


def answer(
    findings: tuple[Finding, ...],
    answers: Answers,
    caller: Caller,
    proposers: frozenset[UUID],
    standing: Standing,
    later: frozenset[str] = frozenset(),
) -> tuple[Answered, ...]:
    """Each finding with its answer, in the same order.

    later: codes of what is left open until the check-in, which an acknowledgement answers now.
    Raises Forbidden where the caller may not override at all, InvalidRequest for an override of
    something that was not found.
    """
    if answers.overrides:
        caller.require(_SCOPE)
    _check(findings, answers)
    return tuple(
        Answered(each, "acknowledgement")
        if each.code in later and each.code in answers.acknowledged
        else _answered(each, answers, caller, proposers, standing)
        for each in findings
    )


def _check(findings: tuple[Finding, ...], answers: Answers) -> None:
    errors = []
    for place, override in enumerate(answers.overrides):
        if not any(_meant(override, finding) for finding in findings):
            text = "There is no such finding, so there is nothing to override."
            errors.append(FieldError(f"/overrides/{place}/code", "no_such_finding", text))
    for place, code in enumerate(answers.acknowledged):
        if rule_named(code) is None:
            text = "There is no such rule; see /v1/rules."
            errors.append(FieldError(f"/acknowledged/{place}", "unknown_rule", text))
    if errors:
        raise InvalidRequest(errors)


def _meant(override: OverrideIn, finding: Finding) -> bool:
    same_place = override.pointer is None or override.pointer == finding.pointer
    return override.code == finding.code and same_place


def _answered(
    finding: Finding,
    answers: Answers,
    caller: Caller,
    proposers: frozenset[UUID],
    standing: Standing,
) -> Answered:
    override = next((each for each in answers.overrides if _meant(each, finding)), None)
    if finding.severity is Severity.WARN:
        # Who gives a reason has read the warning.
        read = finding.code in answers.acknowledged or override is not None
        return Answered(finding, "acknowledgement" if read else None)
    if finding.severity is not Severity.OVERRIDE:
        return Answered(finding)
    if override is None:
        return Answered(finding, "override" if standing.covers(finding) else None)
    role = _role(finding, caller)
    if role is None:
        return Answered(finding, rejected_for="role")
    if finding.second_person and caller.actor_id in proposers:
        return Answered(finding, rejected_for="second_person")
    return Answered(finding, "override", override, role)


def _role(finding: Finding, caller: Caller) -> Role | None:
    allowed = _MAY.get(finding.override_role or "", ())
    return next((role for role in allowed if role in caller.roles), None)
