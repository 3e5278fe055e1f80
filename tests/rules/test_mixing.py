"""What is in one syringe: balance, pairs, anaesthetics, vehicles, products, pH."""

from dataclasses import replace

import pytest

from rules.facts import Facts, Formula
from tests.rules.cases import (
    ADMIN,
    DAY,
    FORMULA,
    administration,
    asked,
    changed,
    formula,
    line,
    man,
    parameter,
    sound_facts,
    words,
)

PAIR, BALANCE = "MIX-INCOMPATIBLE-PAIR", "MIX-VOLUME-BALANCE"


def approval(made: Formula, **more) -> Facts:
    return Facts(on=DAY, formula=made, **more)


def pairs(*lines, stage=FORMULA, **more) -> list[str]:
    """The ids of the pairs found, the honest "no data" left out."""
    found = asked(PAIR, stage, approval(formula(*lines), **more)) or ()
    ids = [each.message.split("(")[1].split(")")[0] for each in found]
    return sorted(each for each in ids if each != "P30")


@pytest.mark.parametrize(
    ("declared", "expected"),
    [(1_900, []), (2_100, []), (2_101, ["fail block"]), (1_899, ["fail block"])],
)
def test_declared_total_within_a_tenth_of_a_millilitre(declared, expected):
    made = formula(line("BIOTIN", 1, 1_500), line("ZINC", 1, 500), total_volume_ul=declared)
    assert words(asked(BALANCE, FORMULA, approval(made))) == expected


def test_imbalance_in_words():
    made = formula(line("BIOTIN", 1, 2_000), total_volume_ul=2_200)
    (finding,) = asked(BALANCE, FORMULA, approval(made)) or ()
    assert finding.message == (
        "The lines add up to 2 mL, 2.2 mL are declared: 0.2 mL apart; at most 0.1 mL is accepted."
    )
    assert finding.pointer == "/total_volume_ml"


def test_a_missing_total_refuses():
    made = formula("BIOTIN", total_volume_ul=None)
    assert words(asked(BALANCE, FORMULA, approval(made))) == ["not_evaluable block"]
    empty = Formula("f", 1, ())
    assert words(asked(BALANCE, FORMULA, approval(empty))) == ["not_evaluable block"]


@pytest.mark.parametrize(
    ("given", "discarded", "expected"),
    [
        (600, 400, []),
        (600, 300, []),
        (600, 299, ["fail block"]),
        (600, 501, ["fail block"]),
        (600, None, ["not_evaluable block"]),
        (None, 0, ["not_evaluable block"]),
    ],
)
def test_administered_and_discarded_are_what_was_prepared(given, discarded, expected):
    facts = sound_facts(administration=administration(given, discarded_ul=discarded))
    assert words(asked(BALANCE, ADMIN, facts)) == expected


def test_what_was_prepared_may_be_said():
    given = administration(600, discarded_ul=0, prepared_ul=600)
    assert asked(BALANCE, ADMIN, sound_facts(administration=given)) == ()


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["HYALURONIC_ACID_NCL", "HYALURONIDASE"], ["P01"]),
        (["DEOXYCHOLIC_ACID", "SODIUM_CHLORIDE_0_9"], ["P02"]),
        (["ONABOTULINUMTOXIN_A", "SODIUM_CHLORIDE_0_9"], []),
        (["ONABOTULINUMTOXIN_A", "WATER_FOR_INJECTION"], ["P03", "P26"]),
        (["LIDOCAINE", "MEPIVACAINE"], ["P04"]),
        (["LIDOCAINE", "LIDOCAINE_HYDROCHLORIDE"], []),
        (["PROCAINE", "HYALURONIDASE"], ["P05"]),
        (["AMINOPHYLLINE", "LIDOCAINE"], ["P06"]),
        (["ZINC", "FOLIC_ACID"], ["P07"]),
        (["COPPER", "ASCORBIC_ACID"], ["P08"]),
        (["ASCORBIC_ACID", "SELENIUM"], ["P09"]),
        (["SODIUM_ASCORBATE", "CYANOCOBALAMIN"], ["P10"]),
        (["ZINC", "RIBOFLAVIN"], ["P12"]),
        (["DUTASTERIDE", "SODIUM_CHLORIDE_0_9"], ["P14"]),
        (["MINOXIDIL", "PENTOXIFYLLINE"], ["P16"]),
        (["CAFFEINE", "PENTOXIFYLLINE"], ["P17"]),
        (["DUTASTERIDE", "FINASTERIDE"], ["P18"]),
        (["PHOSPHATIDYLCHOLINE_DC", "BIOTIN"], ["P19"]),
        (["PRP", "LIDOCAINE"], ["P20"]),
        (["TRIAMCINOLONE_ACETONIDE", "LIDOCAINE"], ["P21"]),
        (["CALCITONIN_SALMON", "ZINC"], ["P23"]),
        (["GLUTATHIONE", "COPPER"], ["P24"]),
        (["TRANEXAMIC_ACID", "PRP"], ["P25"]),
        (["BIOTIN", "WATER_FOR_INJECTION"], ["P26"]),
        (["BIOTIN", "WATER_FOR_INJECTION", "SODIUM_CHLORIDE_0_9"], []),
        (["SODIUM_BICARBONATE_8_4", "BIOTIN"], ["P28"]),
        (["BIOTIN", "DEXPANTHENOL", "SODIUM_CHLORIDE_0_9"], []),
    ],
)
def test_pairs_of_the_table(codes, expected):
    assert pairs(*codes) == expected
    assert pairs(*reversed(codes)) == expected


def test_a_pair_has_its_own_severity_and_points_at_the_second_line():
    made = formula("ASCORBIC_ACID", "BIOTIN", "CYANOCOBALAMIN")
    found = asked(PAIR, FORMULA, approval(made)) or ()
    assert [(each.severity.value, each.pointer) for each in found] == [("warn", "/components/2")]
    assert "B12 degradation" in found[0].message


def test_excipients_that_are_stated_beat_those_that_are_usual():
    assert pairs("THIAMINE", "PROCAINE") == ["P11"]
    assert pairs("THIAMINE", line("PROCAINE", excipient_classes=())) == []
    assert pairs("THIAMINE", line("BIOTIN", excipient_classes=("SULFITE",))) == ["P11"]
    saline = line("SODIUM_CHLORIDE_0_9", excipient_classes=("BENZYL_ALCOHOL",))
    assert pairs("ONABOTULINUMTOXIN_A", saline) == ["P03"]


def test_separate_syringes_part_some_pairs_and_not_others():
    apart = {"syringe": 2}
    assert pairs("HYALURONIC_ACID_NCL", line("HYALURONIDASE", **apart)) == []
    assert pairs("LIDOCAINE", line("PROCAINE", **apart)) == ["P04"]
    assert pairs("MINOXIDIL", line("PENTOXIFYLLINE", **apart)) == ["P16"]
    assert pairs("CAFFEINE", line("AMINOPHYLLINE", **apart)) == ["P17"]
    assert pairs("DUTASTERIDE", line("FINASTERIDE", **apart)) == ["P18"]


def test_current_medicines_count_for_some_pairs():
    def given(code, medications):
        facts = approval(formula(code), patient=man(medications=medications))
        return words(asked(PAIR, ADMIN, facts))

    assert given("DUTASTERIDE", ("ORAL_5ARI",)) == ["fail block"]
    assert given("MINOXIDIL", ("ORAL_MINOXIDIL",)) == ["fail override"]
    assert given("CAFFEINE", ("THEOPHYLLINE",)) == ["fail override"]
    assert given("CAFFEINE", ("LEVOTHYROXINE",)) == []
    assert given("CAFFEINE", None) == ["not_evaluable warn"]
    assert given("BIOTIN", None) == []


def test_minoxidil_in_water_by_its_final_strength():
    def mixed(milli, **more):
        return pairs(line("MINOXIDIL", milli, 1_000, **more), line("SODIUM_CHLORIDE_0_9", 1, 1_000))

    assert mixed(4_000) == []
    assert mixed(4_001) == ["P15"]
    assert mixed(5_000, vehicle_covers_dilution=True) == []


def test_bicarbonate_buffers_lidocaine_one_in_ten_and_nothing_else():
    buffer = line("SODIUM_BICARBONATE_8_4", 1_000, 100)
    assert pairs(line("LIDOCAINE", 20_000, 1_000), buffer) == []
    assert pairs(line("LIDOCAINE", 20_000, 999), buffer) == ["P28"]
    assert pairs(line("LIDOCAINE", 20_000, 1_000), buffer, "BIOTIN") == ["P28"]


def test_fat_soluble_vitamins_in_oil():
    assert words(asked(PAIR, FORMULA, approval(formula(line("VITAMIN_E", oil=True))))) == [
        "fail block"
    ]
    assert words(asked(PAIR, FORMULA, approval(formula("VITAMIN_E")))) == ["not_evaluable override"]
    assert asked(PAIR, FORMULA, approval(formula(line("VITAMIN_E", oil=False)))) == ()


def test_without_a_stability_statement_approval_says_so_once():
    made = formula("BIOTIN", "DEXPANTHENOL", "NIACINAMIDE")
    assert words(asked(PAIR, FORMULA, approval(made))) == ["fail info"]
    assert asked(PAIR, ADMIN, approval(made)) == ()
    assert asked(PAIR, FORMULA, approval(replace(made, stability_stated=True))) == ()


def test_anaesthetics_are_counted_by_substance():
    one = formula("LIDOCAINE", "LIDOCAINE_HYDROCHLORIDE", "BIOTIN")
    assert asked("MIX-TWO-ANAESTHETICS", FORMULA, approval(one)) == ()
    two = formula("PROCAINE", "BIOTIN", "LIDOCAINE")
    (finding,) = asked("MIX-TWO-ANAESTHETICS", FORMULA, approval(two)) or ()
    assert finding.message == "LIDOCAINE and PROCAINE are 2 local anaesthetics in one formula."
    assert finding.pointer == "/components/2"
    assert finding.override_role == "prescriber"
    odd = formula("LIDOCAINE", "NO_SUCH_THING")
    assert words(asked("MIX-TWO-ANAESTHETICS", FORMULA, approval(odd))) == ["not_evaluable block"]


def test_a_product_to_be_given_alone():
    code = "MIX-DO-NOT-ADMIX"
    toxin = formula("ONABOTULINUMTOXIN_A", "SODIUM_CHLORIDE_0_9")
    assert asked(code, FORMULA, approval(toxin)) == ()
    apart = formula("DEOXYCHOLIC_ACID", line("BIOTIN", syringe=2))
    assert asked(code, FORMULA, approval(apart)) == ()
    stated = formula(line("BIOTIN", do_not_mix=True), "ZINC")
    assert words(asked(code, FORMULA, approval(stated))) == ["fail block"]


@pytest.mark.parametrize(
    ("ph", "expected"),
    [
        (500, []),
        (800, []),
        (499, ["fail warn"]),
        (801, ["fail warn"]),
        (400, ["fail warn"]),
        (900, ["fail warn"]),
        (399, ["fail override"]),
        (901, ["fail override"]),
        (None, ["not_evaluable info"]),
    ],
)
def test_ph(ph, expected):
    made = formula("BIOTIN", ph_hundredths=ph)
    assert words(asked("MIX-PH-RANGE", FORMULA, approval(made))) == expected


def test_a_clinic_may_allow_fewer_products():
    made = formula(*(line("BIOTIN", product=name) for name in "abc"))
    assert asked("MIX-PRODUCT-COUNT", FORMULA, approval(made)) == ()
    strict = changed(parameter("mix.products_max", "2"))
    assert words(asked("MIX-PRODUCT-COUNT", FORMULA, approval(made), strict)) == ["fail override"]


def test_what_is_in_no_list_cannot_be_checked_for_pairs():
    facts = approval(formula("BIOTIN", "NO_SUCH_THING"))
    assert "not_evaluable block" in (words(asked(PAIR, FORMULA, facts)) or [])
