"""What holds for all facts: total, deterministic, order-free, monotone, honest about unknowns."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.case import Case
from rules.catalogue import rules_at
from rules.codec import decision_to_json
from rules.evaluate import evaluate, findings_of
from rules.facts import Administration, Component, Facts, Formula
from rules.finding import WEIGHT, Outcome, Severity, verdict_of
from rules.ingredient import Status
from rules.stage import Stage
from tests.rules.cases import ADMIN, FORMULA, REFERENCE, SCHED, changed, figure, parameter
from tests.rules.strategies import components, facts, formulas

EVERYTHING = changed(all_active=True)
stages = st.sampled_from(list(Stage))


@given(stages, facts())
@settings(max_examples=60)
def test_every_case_gets_a_decision_that_agrees_with_itself(stage, case):
    decision = evaluate(stage, case, EVERYTHING)
    assert decision.verdict is verdict_of(decision.findings)
    weights = [WEIGHT[finding.severity] for finding in decision.findings]
    assert weights == sorted(weights)
    failed = {finding.code for finding in decision.findings}
    told = {each.code for each in decision.results if each.severity is not None}
    assert failed == told
    for finding in decision.findings:
        assert finding.outcome in (Outcome.FAIL, Outcome.NOT_EVALUABLE)
        assert (finding.override_role is not None) == (finding.severity is Severity.OVERRIDE)
        assert finding.message
        assert finding.source
        assert finding.remedy


@given(stages, facts(), st.randoms())
@settings(max_examples=30)
def test_the_order_of_collections_does_not_matter(stage, case, random):
    def shuffled(items):
        return None if items is None else tuple(random.sample(items, len(items)))

    mixed = replace(
        case,
        **{
            name: shuffled(getattr(case, name))
            for name in ("consents", "sessions", "given", "effects", "prior_reactions")
        },
    )
    one, other = evaluate(stage, case, EVERYTHING), evaluate(stage, mixed, EVERYTHING)
    assert decision_to_json(one) == decision_to_json(other)


class _AllHistory(Case):
    """A case that leaves no dose out, however long ago it was given."""

    look_back_days = 36_500


@given(stages, facts(formula=formulas.filter(lambda made: made.components)))
@settings(max_examples=60)
def test_doses_that_no_limit_looks_back_to_change_nothing(stage, case):
    short, long = Case(stage, case, EVERYTHING), _AllHistory(stage, case, EVERYTHING)
    for rule in rules_at(stage):
        assert findings_of(rule, short) == findings_of(rule, long)


@given(facts(formula=formulas.filter(lambda made: made.components)), st.randoms())
@settings(max_examples=20)
def test_the_order_of_lines_changes_no_verdict(case, random):
    lines = case.formula.components
    moved = replace(case.formula, components=tuple(random.sample(lines, len(lines))))
    for stage in (FORMULA, SCHED, ADMIN):
        one = evaluate(stage, case, EVERYTHING)
        other = evaluate(stage, replace(case, formula=moved), EVERYTHING)
        assert one.results == other.results


STRICTER = (
    figure("LIDOCAINE", "max_session", "299"),
    figure("BIOTIN", "max_concentration", "1"),
    figure("MINOXIDIL", "cumulative_max", "11"),
    figure("DUTASTERIDE", "min_interval", "56"),
    parameter("consent.valid_days", "100"),
    parameter("mix.balance_tolerance", "0.05"),
    parameter("dose.anaesthetic_sum", "0.5"),
    parameter("pregnancy.test_days", "3"),
    parameter("shedding.review_days", "30"),
    parameter("lot.multi_dose_days", "14"),
)
STRICT_SETS = [changed(change, all_active=True) for change in STRICTER]


@given(stages, facts(), st.sampled_from(STRICT_SETS))
@settings(max_examples=30)
def test_a_stricter_figure_never_finds_less(stage, case, strict):
    def weighed(rule_set):
        found = evaluate(stage, case, rule_set).results
        return {each.code: -1 if each.severity is None else WEIGHT[each.severity] for each in found}

    loose, tight = weighed(EVERYTHING), weighed(strict)
    for code, weight in loose.items():
        if weight >= 0:
            assert 0 <= tight[code] <= weight, code


@given(stages, facts())
@settings(max_examples=30)
def test_an_unknown_group_never_helps(stage, case):
    """What passed with a group known may become unknown without it, but no refusal vanishes."""
    known = evaluate(stage, case, EVERYTHING)
    for group in ("consents", "lots", "people", "emergency", "sessions", "given"):
        blind = evaluate(stage, replace(case, **{group: None}), EVERYTHING)
        passed = {each.code for each in blind.results if each.outcome is Outcome.PASS}
        had = {each.code for each in known.results if each.outcome is Outcome.FAIL}
        depends = {
            "consents": {"CONSENT-VALID"},
            "lots": {"LOT-EXPIRY"},
            "people": {"ROLE-FOUR-EYES"},
            "emergency": {"ADMIN-EMERGENCY-READY"},
            "sessions": {"SPACING-MIN-INTERVAL", "SPACING-MAX-GAP"},
            "given": {"SPACING-INGREDIENT-MIN", "DOSE-CUMULATIVE-WINDOW"},
        }[group]
        assert not passed & had & depends


@given(st.lists(components, min_size=1, max_size=4), st.integers(2, 9))
@settings(max_examples=30)
def test_scaling_all_volumes_scales_all_doses(lines, factor):
    def doses(scale: int):
        made = Formula("f", 1, tuple(_scaled(line, scale) for line in lines))
        given = Facts(on=EVERYTHING.valid_from, formula=made)
        return Case(FORMULA, given, EVERYTHING).doses

    for small, large in zip(doses(1), doses(factor), strict=True):
        assert small.code == large.code
        assert (small.dose is None) == (large.dose is None)
        if small.dose is not None and large.dose is not None:
            assert large.dose == small.dose * factor


def _scaled(line: Component, factor: int) -> Component:
    volume = line.volume_ul
    return replace(line, volume_ul=None if volume is None else volume * factor)


@given(facts(formula=formulas), st.sampled_from([FORMULA, ADMIN]))
@settings(max_examples=30)
def test_what_is_prohibited_or_in_no_list_is_always_refused(case, stage):
    lines = Case(stage, case, REFERENCE).lines
    bad = [x for x in lines if x.ingredient is None or x.ingredient.status is Status.PROHIBITED]
    found = evaluate(stage, replace(case, retrospective=False), REFERENCE).findings
    refused = {each.code for each in found if each.severity is Severity.BLOCK}
    assert not bad or "STATUS-PROHIBITED" in refused


@given(facts(formula=formulas, administration=st.just(Administration(()))))
@settings(max_examples=20)
def test_an_administration_without_volumes_is_never_allowed(case):
    decision = evaluate(ADMIN, case, REFERENCE)
    assert decision.verdict.value in ("refused", "needs_override")
