"""A whole decision: stages, verdicts, order, late entry, replay, inactive rules."""

from dataclasses import replace

import pytest

from rules.catalogue import all_rules, rules_at
from rules.codec import decision_from_json, decision_to_json, facts_from_json, facts_to_json
from rules.evaluate import evaluate
from rules.facts import Facts, OpenEffect, People
from rules.finding import Outcome, Severity, Verdict
from rules.stage import Stage
from tests.rules.cases import (
    ADMIN,
    CHECK_IN,
    CODES,
    DAY,
    FORMULA,
    PLAN,
    REFERENCE,
    SCHED,
    administration,
    changed,
    formula,
    line,
    man,
    sound_facts,
)

FIRST_NINETEEN = {
    "STATUS-PROHIBITED", "DOSE-CONC-MAX", "DOSE-ABS-MAX", "DOSE-WEIGHT-MAX", "DOSE-LA-ADDITIVE",
    "DOSE-CUMULATIVE-WINDOW", "MIX-VOLUME-BALANCE", "MIX-INCOMPATIBLE-PAIR", "MIX-TWO-ANAESTHETICS",
    "SPACING-MIN-INTERVAL", "SPACING-INGREDIENT-MIN", "SPACING-MAX-GAP", "CONSENT-VALID",
    "CONTRA-PREGNANCY", "CONTRA-PREGNANCY-5ARI", "CONTRA-ALLERGY-CLASS", "LOT-EXPIRY",
    "AE-HOLD-GRADE", "ROLE-FOUR-EYES",
}  # fmt: skip
APPROVED = People("author", "approver", ("medical_director",))


def sound(stage: Stage) -> Facts:
    if stage is FORMULA:
        return Facts(on=DAY, formula=sound_facts().formula, people=APPROVED)
    return sound_facts()


@pytest.mark.parametrize("stage", list(Stage))
def test_sound_facts_are_allowed(stage):
    decision = evaluate(stage, sound(stage), REFERENCE)
    assert decision.verdict is Verdict.ALLOWED
    assert decision.findings == ()
    codes = [rule.code for rule in rules_at(stage) if rule.code in REFERENCE.active]
    assert [result.code for result in decision.results] == codes
    assert {result.outcome for result in decision.results} <= {
        Outcome.PASS,
        Outcome.NOT_APPLICABLE,
    }


def test_fifty_rules_are_registered_in_order_and_fully_described():
    rules = all_rules()
    assert [rule.number for rule in rules] == list(range(1, 51))
    for rule in rules:
        assert rule.stages, rule.code
        assert list(rule.severities) == sorted(rule.severities, key=list(Severity).index)
        for text in (rule.title, rule.why, rule.remedy, rule.source, rule.evidence, rule.passing):
            assert text.strip(), rule.code
        asks = Severity.OVERRIDE in rule.severities
        assert asks == (rule.override_role is not None), rule.code
        assert set(rule.parameters) <= set(REFERENCE.parameters), rule.code


def test_all_fifty_are_active():
    assert len(REFERENCE.active) == 50
    assert frozenset(CODES) == REFERENCE.active >= FIRST_NINETEEN


@pytest.mark.parametrize(
    ("effect", "verdict"),
    [
        (OpenEffect("AE_ITCH", 1), Verdict.ALLOWED),
        (OpenEffect("AE_ITCH", None), Verdict.NEEDS_ACKNOWLEDGEMENT),
        (OpenEffect("AE_ITCH", 2), Verdict.NEEDS_OVERRIDE),
        (OpenEffect("AE_ITCH", 3), Verdict.REFUSED),
    ],
)
def test_the_worst_finding_decides(effect, verdict):
    facts = sound_facts(effects=(OpenEffect("AE_PAIN", 1), effect))
    assert evaluate(CHECK_IN, facts, REFERENCE).verdict is verdict


def test_findings_come_worst_first_then_in_catalogue_order():
    facts = sound_facts(
        consents=(),
        lots=(),
        effects=(OpenEffect("AE_ITCH", 2), OpenEffect("AE_PAIN", None)),
        patient=man(weight_g=None, weighed_on=None),
        formula=formula(line("LIDOCAINE", 20_000, 1_000)),
    )
    found = evaluate(ADMIN, facts, REFERENCE).findings
    assert [(each.severity.value, each.code) for each in found] == [
        ("block", "CONSENT-VALID"),
        ("block", "CONSENT-COVERS-INGREDIENTS"),
        ("block", "DOSE-WEIGHT-MAX"),
        ("block", "DOSE-WEIGHT-STALE"),
        ("block", "DOSE-LA-ADDITIVE"),
        ("block", "LOT-EXPIRY"),
        ("override", "AE-HOLD-GRADE"),
        ("warn", "AE-HOLD-GRADE"),
    ]


def test_a_result_tells_its_worst_finding():
    facts = sound_facts(effects=(OpenEffect("AE_PAIN", None), OpenEffect("AE_ITCH", 2)))
    decision = evaluate(CHECK_IN, facts, REFERENCE)
    (result,) = (each for each in decision.results if each.code == "AE-HOLD-GRADE")
    assert (result.outcome, result.severity) == (Outcome.FAIL, Severity.OVERRIDE)


def test_entered_after_the_fact_a_block_becomes_the_directors_override():
    facts = sound_facts(lots=(), retrospective=True)
    decision = evaluate(ADMIN, facts, REFERENCE)
    assert decision.verdict is Verdict.NEEDS_OVERRIDE
    (finding,) = decision.findings
    assert finding.code == "LOT-EXPIRY"
    assert finding.override_role == "medical_director"
    assert finding.second_person
    assert finding.message.endswith("Entered after the fact; it would have been refused.")
    assert evaluate(CHECK_IN, replace(facts, consents=()), REFERENCE).verdict is Verdict.REFUSED


def switched_off(code):
    def change(document):
        for row in document["rules"]:
            row["active"] = row["code"] != code

    return change


def test_an_inactive_rule_is_not_asked():
    asleep = evaluate(SCHED, sound_facts(patient=None), changed(switched_off("PAT-AGE-MIN")))
    awake = evaluate(SCHED, sound_facts(patient=None), REFERENCE)
    assert "PAT-AGE-MIN" not in {each.code for each in asleep.results}
    assert "PAT-AGE-MIN" in {each.code for each in awake.findings}


def test_a_replay_gives_the_same_bytes():
    facts = sound_facts(consents=(), effects=None, patient=man(sex=None))
    for stage in (PLAN, SCHED, CHECK_IN, ADMIN):
        stored, answer = facts_to_json(facts), decision_to_json(evaluate(stage, facts, REFERENCE))
        again = evaluate(stage, facts_from_json(stored), REFERENCE)
        assert decision_to_json(again) == answer
        assert decision_from_json(answer) == again


def test_a_full_mixture_is_judged_as_a_whole():
    made = formula(
        line("MINOXIDIL", 5_000, 2_001, vehicle_covers_dilution=True),
        line("LIDOCAINE", 20_000, 500),
        line("PROCAINE", 20_000, 500),
        line("BUFLOMEDIL", 1_000, 100),
        total_volume_ul=3_500,
    )
    facts = Facts(on=DAY, formula=made, people=replace(APPROVED, approver_id="author"))
    found = evaluate(FORMULA, facts, REFERENCE).findings
    assert {each.code for each in found if each.severity is Severity.BLOCK} == {
        "STATUS-PROHIBITED",
        "DOSE-ABS-MAX",
        "MIX-VOLUME-BALANCE",
        "ROLE-FOUR-EYES",
    }
    assert "MIX-TWO-ANAESTHETICS" in {each.code for each in found}
    prohibited = [each for each in found if each.code == "STATUS-PROHIBITED"]
    assert [each.pointer for each in prohibited] == ["/components/3/ingredient_code"]


def test_nothing_at_all_is_refused_at_every_stage_but_told_in_words():
    for stage in (FORMULA, PLAN, CHECK_IN, ADMIN):
        decision = evaluate(stage, Facts(on=DAY), REFERENCE)
        assert decision.verdict is Verdict.REFUSED, stage
        assert all(each.message.endswith(".") for each in decision.findings)
    nothing_given = replace(sound_facts(), administration=administration(None))
    assert evaluate(ADMIN, nothing_given, REFERENCE).verdict is Verdict.REFUSED
