"""The one door to the rules: facts in, a decision out."""

from dataclasses import replace

from rules.case import Case
from rules.catalogue import rules_at
from rules.facts import Facts
from rules.finding import (
    WEIGHT,
    Decision,
    Fault,
    Finding,
    Outcome,
    RuleResult,
    Severity,
    verdict_of,
)
from rules.registry import MEDICAL_DIRECTOR, Answer, Rule
from rules.rule_set import RuleSet
from rules.stage import Stage


def evaluate(stage: Stage, facts: Facts, rule_set: RuleSet) -> Decision:
    """Ask every active rule of the stage, and say what its findings mean together.

    Total and deterministic: any facts get a decision, the same facts the same one, in whatever
    order their collections come. The rule set is the one in force on `facts.on`.
    """
    return decide(Case(stage, facts, rule_set))


def decide(case: Case) -> Decision:
    """As `evaluate`, of a case that may share what it reckons with others."""
    stage, figures = case.stage, case.figures
    asked = [(rule, findings_of(rule, case)) for rule in _active(stage, figures)]
    results = tuple(_result(rule, found) for rule, found in asked)
    worst_first = _worst_first(asked)
    return Decision(
        stage, figures.version, figures.hash, verdict_of(worst_first), results, worst_first
    )


def findings(case: Case) -> tuple[Finding, ...]:
    """Those of `decide`, for who asks about many cases and keeps no decision."""
    return _worst_first(
        [(rule, findings_of(rule, case)) for rule in _active(case.stage, case.figures)]
    )


def _active(stage: Stage, figures: RuleSet) -> list[Rule]:
    return [rule for rule in rules_at(stage) if rule.code in figures.active]


def _worst_first(
    asked: list[tuple[Rule, tuple[Finding, ...] | None]],
) -> tuple[Finding, ...]:
    numbered = [(rule.number, finding) for rule, found in asked for finding in found or ()]
    return tuple(finding for _, finding in sorted(numbered, key=_order))


def findings_of(rule: Rule, case: Case) -> tuple[Finding, ...] | None:
    """What one rule finds in one case, active or not; None where it does not apply."""
    answer = _asked(rule, case)
    if answer is None:
        return None
    return tuple(_finding(rule, fault, case) for fault in answer)


def _asked(rule: Rule, case: Case) -> Answer:
    untied = case.stage is Stage.FORMULA_APPROVAL and case.facts.patient is None
    if rule.patient_bound and untied:
        return None
    return rule.check(case)


def _finding(rule: Rule, fault: Fault, case: Case) -> Finding:
    role = rule.override_role if fault.severity is Severity.OVERRIDE else None
    finding = Finding(
        code=rule.code,
        outcome=fault.outcome,
        severity=fault.severity,
        title=rule.title,
        message=fault.message,
        pointer=fault.pointer,
        measured=fault.measured,
        limit=fault.limit,
        unit=fault.unit,
        source=fault.source or rule.source,
        evidence=fault.evidence or rule.evidence,
        remedy=_remedy(rule, fault),
        first_day=fault.first_day,
        override_role=role,
        second_person=rule.second_person and role is not None,
    )
    return _after_the_fact(finding) if case.retrospective else finding


def _remedy(rule: Rule, fault: Fault) -> str:
    if fault.first_day is None:
        return f"{rule.remedy}."
    return f"{rule.remedy}. The first day that passes is {fault.first_day.isoformat()}."


def _after_the_fact(finding: Finding) -> Finding:
    """The injection has happened: what would have been refused needs a director's account."""
    if finding.severity is not Severity.BLOCK:
        return finding
    return replace(
        finding,
        severity=Severity.OVERRIDE,
        override_role=MEDICAL_DIRECTOR,
        second_person=True,
        message=f"{finding.message} Entered after the fact; it would have been refused.",
    )


def _result(rule: Rule, findings: tuple[Finding, ...] | None) -> RuleResult:
    if findings is None:
        return RuleResult(rule.code, Outcome.NOT_APPLICABLE, None)
    if not findings:
        return RuleResult(rule.code, Outcome.PASS, None)
    failed = any(finding.outcome is Outcome.FAIL for finding in findings)
    severity = min((finding.severity for finding in findings), key=WEIGHT.__getitem__)
    return RuleResult(rule.code, Outcome.FAIL if failed else Outcome.NOT_EVALUABLE, severity)


def _order(numbered: tuple[int, Finding]) -> tuple[int, int, int, str, str]:
    number, finding = numbered
    pointer = finding.pointer or ""  # by length first, so that line 10 comes after line 2
    return WEIGHT[finding.severity], number, len(pointer), pointer, finding.message
