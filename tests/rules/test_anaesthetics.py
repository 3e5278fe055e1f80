"""Local anaesthetics share one allowance, injected and put on the skin alike."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.facts import Administration, Facts, OtherDose, PlannedArea
from tests.rules.cases import (
    ADMIN,
    DAY,
    FORMULA,
    asked,
    changed,
    figure,
    formula,
    line,
    man,
    sound_facts,
    words,
)


@pytest.mark.parametrize(
    ("procaine_micro", "expected"),
    [(174_999_999, []), (175_000_000, []), (175_000_001, ["fail block"])],
)
def test_anaesthetics_share_one_allowance(procaine_micro, expected):
    doses = (OtherDose("LIDOCAINE", 150_000_000), OtherDose("PROCAINE", procaine_micro))
    facts = Facts(on=DAY, patient=man(weight_g=70_000), also_given=doses)
    assert words(asked("DOSE-LA-ADDITIVE", ADMIN, facts)) == expected


def test_anaesthetics_of_a_light_patient():
    doses = (OtherDose("LIDOCAINE", 90_000_000), OtherDose("PROCAINE", 140_000_001))
    light = Facts(on=DAY, patient=man(weight_g=40_000), also_given=doses)  # 180 and 280 mg
    (finding,) = asked("DOSE-LA-ADDITIVE", ADMIN, light) or ()
    assert finding.message.startswith("LIDOCAINE and PROCAINE together use 1 of the allowance")
    nobody = Facts(on=DAY, patient=man(weight_g=None), also_given=doses)
    assert words(asked("DOSE-LA-ADDITIVE", ADMIN, nobody)) == ["not_evaluable block"]


def test_an_anaesthetic_that_may_not_be_given_at_all():
    none = changed(figure("LIDOCAINE", "max_session", "0"))
    doses = (OtherDose("LIDOCAINE", 1),)
    facts = Facts(on=DAY, patient=man(), also_given=doses)
    assert words(asked("DOSE-LA-ADDITIVE", ADMIN, facts, none)) == ["fail block"]
    nothing = replace(facts, also_given=(OtherDose("LIDOCAINE", 0),))
    assert asked("DOSE-LA-ADDITIVE", ADMIN, nothing, none) == ()


def test_a_formula_for_nobody_in_particular_is_judged_by_absolute_maxima():
    made = formula(line("LIDOCAINE", 20_000, 7_500), line("PROCAINE", 20_000, 8_750))
    assert asked("DOSE-LA-ADDITIVE", FORMULA, Facts(on=DAY, formula=made)) == ()
    more = formula(line("LIDOCAINE", 20_000, 7_500), line("PROCAINE", 20_000, 8_751))
    assert words(asked("DOSE-LA-ADDITIVE", FORMULA, Facts(on=DAY, formula=more))) == ["fail block"]


@pytest.mark.parametrize(
    ("cream_micro", "expected"),
    [(30_000_000, []), (30_000_001, ["fail block"]), (None, ["not_evaluable block"])],
)
def test_what_is_put_on_the_skin_uses_the_same_allowance(cream_micro, expected):
    """270 mg injected and 30 mg put on: 300 mg of one anaesthetic at 80 kg."""
    made = formula(line("LIDOCAINE", 20_000, 13_500))
    facts = sound_facts(
        patient=man(weight_g=80_000),
        formula=made,
        administration=Administration((PlannedArea("SCALP", 13_500),), 0),
        also_given=(OtherDose("LIDOCAINE", cream_micro, route="topical"),),
    )
    assert words(asked("DOSE-LA-ADDITIVE", ADMIN, facts)) == expected
    assert asked("DOSE-ABS-MAX", ADMIN, facts) == ()  # of what the session injects alone


@pytest.mark.parametrize(
    ("anaesthetic", "expected"),
    [(False, None), (True, ["not_evaluable block"]), (None, ["not_evaluable block"])],
)
def test_a_product_in_no_list_counts_until_somebody_says_that_it_is_no_anaesthetic(
    anaesthetic, expected
):
    other = OtherDose(None, 1, "Numbing cream", "topical", anaesthetic)
    facts = Facts(on=DAY, patient=man(), also_given=(other,))
    assert words(asked("DOSE-LA-ADDITIVE", ADMIN, facts)) == expected
    unheard = Facts(on=DAY, patient=man(), also_given=(OtherDose("UNHEARD_OF", 1),))
    assert words(asked("DOSE-LA-ADDITIVE", ADMIN, unheard)) == ["not_evaluable block"]


def test_a_limit_per_kilogram_of_a_cream_needs_a_fresh_weight():
    old = man(weight_g=80_000, weighed_on=DAY - timedelta(days=91))
    facts = sound_facts(patient=old)
    assert asked("DOSE-WEIGHT-STALE", ADMIN, facts) is None
    numbed = replace(facts, also_given=(OtherDose("LIDOCAINE", 1),))
    assert words(asked("DOSE-WEIGHT-STALE", ADMIN, numbed)) == ["fail override"]
