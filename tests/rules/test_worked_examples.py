"""The hundred worked examples of the clinical reference, each through its own rule."""

import json
from pathlib import Path
from typing import Any

import pytest

from rules.finding import Severity
from tests.rules import example_facts, examples_of_formulas, examples_of_sessions
from tests.rules.cases import CODES, asked, changed

EXAMPLES = [
    json.loads(text)
    for text in (Path(__file__).parent / "rule_examples.jsonl").read_text("utf-8").splitlines()
]
READERS = (examples_of_formulas, examples_of_sessions)
"""Importing them teaches `example_facts` to read every rule's inputs."""
SEVERITIES = {"block": "block", "override-required": "override", "warn": "warn", "info": "info"}


def test_every_rule_has_a_passing_and_a_failing_example():
    assert sorted((each["rule"], each["case"]) for each in EXAMPLES) == sorted(
        (code, case) for code in CODES for case in ("pass", "fail")
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each['rule']} {each['case']}")
def test_worked_example(example: dict[str, Any]):
    given = example_facts.of(example["rule"], example["input"])
    rule_set = changed(given.change) if given.change else changed()
    findings = asked(example["rule"], given.stage, given.facts, rule_set)

    assert findings is not None, "the rule must apply"
    if example["expect"]["outcome"] == "pass":
        assert findings == ()
        return
    failed = [each for each in findings if each.outcome == "fail"]
    assert [each.code for each in failed] == [example["rule"]]
    assert failed[0].severity == Severity(SEVERITIES[example["expect"]["severity"]])
    for word in example_facts.told(example["rule"], example["expect"]["computed"]):
        assert word in failed[0].message + str(failed[0].measured)
    assert failed[0].remedy
    assert failed[0].source
    assert failed[0].evidence
