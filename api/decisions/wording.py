"""A decision in words, for a physician to read."""

from typing import Any

from api.decisions.figures import RuleSetInForce
from api.decisions.reading_schemas import AnswerGiven
from api.decisions.schemas import FindingRead
from models import Decision, DecisionStage, OverrideKind

_QUESTIONS = {
    DecisionStage.FORMULA_APPROVAL: "May this version of the formula be used?",
    DecisionStage.PLAN_ACTIVATION: "May this patient be treated by this plan?",
    DecisionStage.SCHEDULING: "May {session} take place then?",
    DecisionStage.CHECK_IN: "May {session} go on after the checks at the door?",
    DecisionStage.ADMINISTRATION: "Is what was injected in {session} within the rules?",
    DecisionStage.SIDE_EFFECT_REPORT: "What does this side effect mean for the treatment?",
}
_VERDICTS = {
    "allowed": "Nothing stood in the way.",
    "needs_acknowledgement": "There was a warning, which must be acknowledged.",
    "needs_override": "It needed a person's override.",
    "refused": "It was refused; nobody can override that.",
}
_LEFT = {
    "allowed": "It went ahead.",
    "needs_acknowledgement": "A warning was left unacknowledged.",
    "needs_override": "A finding was left without an override.",
    "refused": "What was found stands; the record itself was kept.",
}


def question(stage: DecisionStage, facts: dict[str, Any]) -> str:
    """What the rules were asked."""
    number = (facts.get("plan") or {}).get("session_number")
    session = f"session {number} of the plan" if number else "the session"
    return _QUESTIONS[stage].format(session=session)


def explanation(
    asked: str,
    row: Decision,
    rule_set: RuleSetInForce,
    outcome: str,
    findings: list[FindingRead],
    answers: list[AnswerGiven],
) -> list[str]:
    """One statement per line: the question, each finding with its figures, each answer."""
    figures = (
        f"Judged by rule set {rule_set.number} ({rule_set.label}), in force from"
        f" {rule_set.valid_from.isoformat()}; its figures are reference defaults, to be confirmed"
        " by the medical director."
    )
    return [
        asked,
        figures,
        _VERDICTS[row.outcome.value],
        *(_finding(each) for each in findings),
        *(_answer(each) for each in answers),
        *(_carried(each) for each in findings if _is_carried(each, answers)),
        _LEFT[outcome],
    ]


def _finding(finding: FindingRead) -> str:
    heads = {
        "block": "Refused",
        "override": "Needs an override",
        "warn": "Warning",
        "info": "For information",
    }
    unchecked = " (could not be checked)" if finding.outcome == "not_evaluable" else ""
    compared = ""
    if finding.measured is not None and finding.limit is not None:
        unit = f" {finding.unit}" if finding.unit else ""
        compared = f" Found {finding.measured}{unit}, limit {finding.limit}{unit}."
    return (
        f"{heads[finding.severity]}{unchecked}: {finding.title} ({finding.code})."
        f" {finding.message}{compared} Source: {finding.source} (evidence: {finding.evidence})."
        f" What helps: {finding.remedy}"
    )


def _answer(given: AnswerGiven) -> str:
    who = given.decided_by_name or "An API key"
    when = given.decided_at.isoformat(timespec="minutes")
    if given.kind is OverrideKind.ACKNOWLEDGEMENT:
        return f"{who} acknowledged {given.code} at {when}."
    role = (given.role or "").replace("_", " ")
    reason = (given.reason or "").replace("_", " ")
    return f"{who} ({role}) overrode {given.code} at {when}: {reason}. “{given.comment}”"


def _is_carried(finding: FindingRead, answers: list[AnswerGiven]) -> bool:
    given = {(each.code, each.pointer) for each in answers}
    return finding.resolved_by == "override" and (finding.code, finding.pointer) not in given


def _carried(finding: FindingRead) -> str:
    return f"{finding.code} was overridden earlier for this session, at the same figures."
