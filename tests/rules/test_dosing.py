"""The dose of one session: each limit at its boundary, one step inside and one outside."""

from datetime import date

import pytest

from rules.evaluate import evaluate
from rules.facts import Administration, Facts, PlannedArea
from rules.rule_set import in_force
from tests.rules.cases import (
    ADMIN,
    CHECK_IN,
    DAY,
    FORMULA,
    PLAN,
    administration,
    asked,
    changed,
    figure,
    formula,
    line,
    man,
    sound_facts,
    words,
)


def lidocaine(ul: int, **more) -> Facts:
    """20 mg/mL lidocaine, all of it given."""
    made = formula(line("LIDOCAINE", 20_000, ul))
    return sound_facts(formula=made, administration=administration(ul), **more)


@pytest.mark.parametrize(("ul", "expected"), [(14_999, []), (15_000, []), (15_001, ["fail block"])])
def test_session_maximum_of_a_label(ul, expected):
    assert words(asked("DOSE-ABS-MAX", ADMIN, lidocaine(ul))) == expected


def test_session_maximum_says_what_was_measured_and_where():
    (finding,) = asked("DOSE-ABS-MAX", ADMIN, lidocaine(15_100)) or ()
    assert finding.message == (
        "Lidocaine hydrochloride, no epinephrine: 302 mg in this session; the maximum is 300 mg."
    )
    assert (finding.measured, finding.limit, finding.unit) == ("302", "300", "mg")
    assert finding.pointer == "/areas/0/volume_ml"
    assert "[LID-LBL]" in finding.source
    assert finding.evidence == "label"
    assert finding.override_role is None


def test_session_maximum_without_label_asks_the_medical_director():
    made = formula(line("BIOTIN", 10_000, 2_001))
    (finding,) = asked("DOSE-ABS-MAX", FORMULA, Facts(on=DAY, formula=made)) or ()
    assert finding.severity == "override"
    assert finding.override_role == "medical_director"
    assert finding.second_person
    assert finding.pointer == "/components/0"
    assert finding.measured == "20.01"


def test_salts_and_aliases_of_one_ingredient_add_up():
    made = formula(line("LIDOCAINE", 20_000, 8_000), line("LIDOCAINE_HYDROCHLORIDE", 20_000, 7_050))
    (finding,) = asked("DOSE-ABS-MAX", FORMULA, Facts(on=DAY, formula=made)) or ()
    assert finding.measured == "301"


def test_all_areas_of_a_session_add_up():
    made = formula(line("LIDOCAINE", 20_000, 20_000))
    for last_ul, expected in ((8_000, []), (8_001, ["fail block"])):
        given = Administration((PlannedArea("SCALP", 7_000), PlannedArea("NECK", last_ul)), 0)
        facts = sound_facts(formula=made, administration=given)
        assert words(asked("DOSE-ABS-MAX", ADMIN, facts)) == expected


def test_only_what_is_administered_counts_not_what_was_mixed():
    made = formula(line("LIDOCAINE", 20_000, 30_000))
    facts = sound_facts(formula=made, administration=administration(15_000))
    assert asked("DOSE-ABS-MAX", ADMIN, facts) == ()
    assert words(asked("DOSE-ABS-MAX", FORMULA, facts)) == ["fail block"]


def test_a_plan_is_judged_by_its_volume_per_session():
    made = formula(line("LIDOCAINE", 20_000, 30_000))
    facts = sound_facts(formula=made)
    assert asked("DOSE-ABS-MAX", PLAN, facts) == ()


def test_a_products_label_beats_the_ingredient_either_way():
    strict = formula(line("BIOTIN", 5_000, 1_000, label_max_session_micro=4_999_999))
    assert words(asked("DOSE-ABS-MAX", FORMULA, Facts(on=DAY, formula=strict))) == ["fail block"]
    wide = formula(line("BIOTIN", 10_000, 5_000, label_max_session_micro=50_000_000))
    assert asked("DOSE-ABS-MAX", FORMULA, Facts(on=DAY, formula=wide)) == ()


def test_a_limit_nobody_knows_is_not_unlimited():
    unknown = Facts(on=DAY, formula=formula("AMINO_ACID_MIX"))
    assert words(asked("DOSE-ABS-MAX", FORMULA, unknown)) == ["not_evaluable override"]
    assert words(asked("DOSE-CONC-MAX", FORMULA, unknown)) == ["not_evaluable warn"]
    labelled = Facts(
        on=DAY, formula=formula(line("AMINO_ACID_MIX", label_max_session_micro=1_000_000))
    )
    assert asked("DOSE-ABS-MAX", FORMULA, labelled) == ()


def test_beyond_what_an_override_may_allow_it_blocks():
    def txa(milli: int) -> Facts:
        return Facts(on=DAY, formula=formula(line("TRANEXAMIC_ACID", milli, 1_000)))

    assert words(asked("DOSE-ABS-MAX", FORMULA, txa(100_000))) == ["fail override"]
    assert words(asked("DOSE-ABS-MAX", FORMULA, txa(100_001))) == ["fail block"]
    assert words(asked("DOSE-CONC-MAX", FORMULA, txa(100_000))) == ["fail override"]
    assert words(asked("DOSE-CONC-MAX", FORMULA, txa(100_001))) == ["fail block"]


@pytest.mark.parametrize(
    ("total_ul", "expected"), [(1_601, []), (1_600, []), (1_599, ["fail override"])]
)
def test_final_concentration(total_ul, expected):
    made = formula(
        line("MINOXIDIL", 8_000, 1_000), line("SODIUM_CHLORIDE_0_9", 1, total_ul - 1_000)
    )
    assert words(asked("DOSE-CONC-MAX", FORMULA, Facts(on=DAY, formula=made))) == expected


def test_final_concentration_is_compared_before_rounding():
    made = formula(
        line("MINOXIDIL", 5_000, 1_000_000), line("BIOTIN", 1, 0), total_volume_ul=999_999
    )
    (finding,) = asked("DOSE-CONC-MAX", FORMULA, Facts(on=DAY, formula=made)) or ()
    assert finding.measured == "5"  # rounded for reading only
    assert finding.pointer == "/components/0"


def test_an_areas_own_concentration_wins():
    made = formula(line("TRIAMCINOLONE_ACETONIDE", 5_000, 1_000), areas=("SCALP",))
    assert asked("DOSE-CONC-MAX", FORMULA, Facts(on=DAY, formula=made)) == ()
    brow = formula(line("TRIAMCINOLONE_ACETONIDE", 2_501, 1_000), areas=("SCALP", "EYEBROW"))
    (finding,) = asked("DOSE-CONC-MAX", FORMULA, Facts(on=DAY, formula=brow)) or ()
    assert finding.limit == "2.5"
    cheek = formula(line("TRIAMCINOLONE_ACETONIDE", 2_501, 1_000), areas=("CHEEK",))
    assert words(asked("DOSE-CONC-MAX", FORMULA, Facts(on=DAY, formula=cheek))) == ["fail override"]


def test_missing_volume_strength_or_ingredient_refuses():
    for broken in (line("BIOTIN", 1, None), line("BIOTIN", None, 1), line("NO_SUCH_THING")):
        facts = Facts(on=DAY, formula=formula(broken))
        for code in ("DOSE-CONC-MAX", "DOSE-ABS-MAX"):
            assert words(asked(code, FORMULA, facts)) == ["not_evaluable block"], (code, broken)


@pytest.mark.parametrize(
    ("weight_g", "expected"), [(60_001, []), (60_000, []), (59_999, ["fail block"])]
)
def test_maximum_per_kilogram(weight_g, expected):
    facts = lidocaine(13_500, patient=man(weight_g=weight_g))
    for stage in (CHECK_IN, ADMIN, PLAN):
        planned = sound_facts(
            formula=facts.formula,
            patient=facts.patient,
            plan=None,
            administration=facts.administration,
        )
        assert words(asked("DOSE-WEIGHT-MAX", stage, planned)) == expected


def test_a_heavy_patient_gets_no_more_than_the_absolute_maximum():
    facts = lidocaine(15_001, patient=man(weight_g=120_000))
    (finding,) = asked("DOSE-WEIGHT-MAX", ADMIN, facts) or ()
    assert finding.limit == "300"


def test_an_unknown_weight_refuses_only_where_it_matters():
    assert words(asked("DOSE-WEIGHT-MAX", ADMIN, lidocaine(1, patient=man(weight_g=None)))) == [
        "not_evaluable block"
    ]
    assert asked("DOSE-WEIGHT-MAX", ADMIN, sound_facts(patient=man(weight_g=None))) is None


def test_the_limit_of_the_day_judges():
    old = changed(figure("BIOTIN", "max_session", "5"))

    def tighten(document):
        document["version"] = "clinic-2"
        document["valid_from"] = "2025-07-01"
        figure("BIOTIN", "max_session", "4.999")(document)

    new = changed(tighten)
    facts = sound_facts()
    for on, expected in ((date(2025, 6, 30), "allowed"), (date(2025, 7, 1), "needs_override")):
        figures = in_force((new, old), on)
        assert figures is not None
        decision = evaluate(ADMIN, facts, figures)
        assert decision.rule_set_version == figures.version
        assert decision.verdict.value == expected
    assert in_force((new, old), date(2019, 12, 31)) is None


@pytest.mark.parametrize(
    ("percent_milli", "expected"),
    [(1_010, []), (990, []), (1_011, ["fail block"]), (989, ["fail block"]), (None, None)],
)
def test_declared_percentage_within_one_percent_of_the_strength(percent_milli, expected):
    made = formula(line("BIOTIN", 10_000, 1_000, percent_milli=percent_milli))
    assert words(asked("DOSE-UNIT-CONSISTENCY", FORMULA, Facts(on=DAY, formula=made))) == expected


def test_a_percentage_says_nothing_about_units_and_missing_strengths():
    for code, milli in (("HYALURONIDASE", 150_000), ("BIOTIN", None)):
        made = formula(line(code, milli, 1_000, percent_milli=1_000))
        found = asked("DOSE-UNIT-CONSISTENCY", FORMULA, Facts(on=DAY, formula=made))
        assert words(found) == ["not_evaluable warn"]
