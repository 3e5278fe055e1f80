"""A decision in words, for a physician to read."""

import re
from typing import Any
from zoneinfo import ZoneInfo

from api.decisions.figures import RuleSetInForce
from api.decisions.reading_schemas import AnswerGiven
from api.decisions.schemas import FindingRead
from models import Decision, DecisionStage, OverrideKind

_QUESTIONS = {
    DecisionStage.FORMULA_APPROVAL: "May this version of the formula be used?",
    DecisionStage.PLAN_ACTIVATION: "May this patient be treated by this plan?",
    DecisionStage.SCHEDULING: "May {session} take place on {day}?",
    DecisionStage.CHECK_IN: "May {session} go on after the checks of {day}?",
    DecisionStage.ADMINISTRATION: "Is what was injected in {session} on {day} within the rules?",
    DecisionStage.SIDE_EFFECT_REPORT: "What does this side effect mean for the treatment?",
}
_VERDICTS = {
    "allowed": "Nothing stood in the way.",
    "needs_acknowledgement": "There was a warning, which must be acknowledged.",
    "needs_override": "It needed a person's override.",
    "refused": "It was refused; nobody can override that.",
}
_HEADS = {
    "block": "Refused",
    "override": "Needs an override",
    "warn": "Warning",
    "info": "For information",
}
# A report is never refused: what is found is about the treatment, not about the record.
_ABOUT_THE_TREATMENT = {
    "allowed": "Nothing was found that stands in the way of the treatment.",
    "needs_acknowledgement": "There is something to be seen to.",
    "needs_override": "The treatment goes on only by a person's override.",
    "refused": "The treatment must not go on as it is.",
}
_HEADS_ABOUT_THE_TREATMENT = _HEADS | {"block": "Stops the treatment"}
_UNITS = {"d": "days", "1": ""}
_LEFT = {
    "allowed": "It went ahead.",
    "needs_acknowledgement": "A warning was left unacknowledged.",
    "needs_override": "A finding was left without an override.",
    "refused": "What was found stands; the record itself was kept.",
}


def question(stage: DecisionStage, facts: dict[str, Any]) -> str:
    """What the rules were asked."""
    day = facts.get("on") or "that day"
    number = (facts.get("plan") or {}).get("session_number")
    session = f"session {number} of the plan" if number else "the session"
    return _QUESTIONS[stage].format(session=session, day=day)


def explanation(
    asked: str,
    row: Decision,
    rule_set: RuleSetInForce,
    outcome: str,
    findings: list[FindingRead],
    answers: list[AnswerGiven],
    zone: ZoneInfo,
) -> list[str]:
    """One statement per line: the question, each finding with its figures, each answer.

    zone: the clinic's, in which the times of the answers are told.
    """
    report = row.stage is DecisionStage.SIDE_EFFECT_REPORT
    titles = {each.code: each.title for each in findings}
    figures = (
        f"Judged by rule set {rule_set.number} ({rule_set.label}), in force from"
        f" {rule_set.valid_from.isoformat()}; its figures are reference defaults, to be confirmed"
        " by the medical director."
    )
    return [
        asked,
        figures,
        (_ABOUT_THE_TREATMENT if report else _VERDICTS)[row.outcome.value],
        *(_finding(each, _HEADS_ABOUT_THE_TREATMENT if report else _HEADS) for each in findings),
        *(_answer(each, titles, zone) for each in answers),
        *(_carried(each) for each in findings if _is_carried(each, answers)),
        "The report was kept." if report else _LEFT[outcome],
    ]


def _finding(finding: FindingRead, heads: dict[str, str]) -> str:
    head, named = heads[finding.severity], f"{finding.title} ({finding.code})"
    if finding.severity == "info" and finding.outcome == "fail":
        told = f"{head}: {finding.message} The rule: {named}."
    elif finding.outcome == "not_evaluable":
        told = f"{head}, because it could not be checked: {finding.message} The rule: {named}."
    else:
        told = f"{head}: {named}. {finding.message}{_compared(finding)}"
    return (
        f"{told} Source: {finding.source} (evidence: {finding.evidence})."
        f" What helps: {finding.remedy}"
    )


def _compared(finding: FindingRead) -> str:
    """The figures, where the message has not told them already."""
    measured, limit = finding.measured, finding.limit
    if measured is None or limit is None:
        return ""
    if _tells(finding.message, measured) and _tells(finding.message, limit):
        return ""
    unit = _UNITS.get(finding.unit or "", finding.unit or "")
    return f" Found {measured} {unit}".rstrip() + f", limit {limit} {unit}".rstrip() + "."


def _tells(message: str, figure: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(figure)}(?![\w]|\.\d)", message) is not None


def _answer(given: AnswerGiven, titles: dict[str, str], zone: ZoneInfo) -> str:
    who = given.decided_by_name or "An API key"
    local = given.decided_at.astimezone(zone)
    when = f"on {local:%Y-%m-%d} at {local:%H:%M}"
    what = f"“{titles[given.code]}” ({given.code})" if given.code in titles else given.code
    if given.kind is OverrideKind.ACKNOWLEDGEMENT:
        return f"{who} acknowledged {what} {when}."
    role = (given.role or "").replace("_", " ")
    reason = (given.reason or "").replace("_", " ")
    return f"{who} ({role}) overrode {what} {when}: {reason}. “{given.comment}”"


def _is_carried(finding: FindingRead, answers: list[AnswerGiven]) -> bool:
    given = {(each.code, each.pointer) for each in answers}
    return finding.resolved_by == "override" and (finding.code, finding.pointer) not in given


def _carried(finding: FindingRead) -> str:
    named = f"“{finding.title}” ({finding.code})"
    return f"{named} was overridden earlier for this session, at the same figures."
