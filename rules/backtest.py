"""What a rule set would have said of decisions that were made by others.

Works on texts, line by line, so that it can be done in a process of its own: one line holds some
kept decisions, one line answers them.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from rules.codec import NotCanonical, facts_from_json
from rules.evaluate import evaluate
from rules.finding import Outcome, RuleResult, Severity, Verdict
from rules.rule_set import RuleSet
from rules.rule_set_reader import rule_set_from_json
from rules.stage import Stage

NOT_ASKED = "not_asked"
SAID = {
    Severity.BLOCK: "refused",
    Severity.OVERRIDE: "needs_override",
    Severity.WARN: "warned",
    Severity.INFO: "told",
}
WEIGHT = {
    NOT_ASKED: 0, "not_applicable": 0, "allowed": 0, "told": 1, "warned": 2, "needs_override": 3,
    "refused": 4,
}  # fmt: skip
"""What a rule can have said, and how much it weighs; larger is stricter."""

UNREADABLE = "unreadable"


def answers(lines: Iterable[str]) -> Iterator[str]:
    """Judge kept decisions by one rule set; one line out for each line after the first.

    lines: first the document of the rule set, then JSON arrays of decisions, each an array of
    its stage, its facts and its result, both as they are stored. Answers: per decision, in order,
    an array of the verdict then, the verdict now, and per rule its code and what it said then
    and now, in catalogue order; or `"unreadable"` for facts of a shape that this release no
    longer reads.
    """
    texts = iter(lines)
    rule_set = rule_set_from_json(next(texts))
    for line in texts:
        judged = [judged_again(*kept, rule_set=rule_set) for kept in json.loads(line)]
        yield json.dumps(judged, separators=(",", ":"))


def judged_again(stage: str, facts: str, result: str, *, rule_set: RuleSet) -> Any:
    """One kept decision by another rule set; see `answers`."""
    then = json.loads(result)
    try:
        known = facts_from_json(facts)
    except NotCanonical:
        return UNREADABLE
    decision = evaluate(Stage(stage), known, rule_set)
    before = {row["code"]: _said(row["outcome"], row.get("severity")) for row in then["results"]}
    after = {row.code: _said_now(row) for row in decision.results}
    codes = [*after, *(code for code in before if code not in after)]
    rules = [[code, before.get(code, NOT_ASKED), after.get(code, NOT_ASKED)] for code in codes]
    return [Verdict(then["verdict"]).value, decision.verdict.value, rules]


def _said_now(row: RuleResult) -> str:
    return _said(row.outcome.value, None if row.severity is None else row.severity.value)


def _said(outcome: str, severity: str | None) -> str:
    if severity is not None:
        return SAID[Severity(severity)]
    return "allowed" if outcome == Outcome.PASS else outcome
