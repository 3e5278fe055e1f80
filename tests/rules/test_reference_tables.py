"""The tables of the reference rule set, read back against the figures of the clinical reference."""

from dataclasses import replace

import pytest

from rules.facts import Diagnosis
from tests.rules.cases import PLAN, REFERENCE, asked, formula, line, man, sound_facts, words

# Section 3.2: area, mL per session, depth mm, spacing cm, whether each side counts for itself.
AREAS = """
SCALP 5 4 1 -|SCALP_FRONTAL 2 4 1 -|SCALP_MID 2 4 1 -|SCALP_VERTEX 2 4 1 -|SCALP_TEMPORAL 1 4 1 side
SCALP_OCCIPITAL 2 4 1 -|EYEBROW 0.3 2 0.5 side|BEARD 2 3 1 -|FACE 3 4 0.5 -|FOREHEAD 1 2 0.5 -
PERIORBITAL 0.5 1.5 0.5 side|CHEEK 1 4 0.5 side|PERIORAL 0.5 2 0.5 -|NECK 2 2 1 -|DECOLLETE 3 2 1 -
HAND_DORSUM 1 2 1 side|SUBMENTAL 10 12 1 -|UPPER_ARM 5 13 1.5 side|ABDOMEN 10 13 1.5 -
FLANK 5 13 1.5 side|THIGH 10 13 1.5 side|BUTTOCK 10 13 1.5 side|KNEE 2 13 1.5 side|BACK 5 13 2 -
"""
# Section 3.1: technique, deepest mm, most mL per point; "-" where the technique sets none.
TECHNIQUES = """
INTRAEPIDERMAL 1 0.01|PAPULE 2 0.2|NAPPAGE 4 0.02|POINT_BY_POINT 4 0.05|DEEP_INTRADERMAL 13 0.2
LINEAR_RETROGRADE 4 0.1|MICRO_DEPOT_HA 4 0.05|INTRALESIONAL 5 0.1|MESOGUN 4 0.05
"""
# Table 5.8, days.
WASH_OUTS = {
    "TOPICAL_MINOXIDIL": 1, "PRP": 14, "MICRONEEDLING": 7, "HAIR_TRANSPLANT": 30, "LASER": 14,
    "PEEL": 14, "BOTULINUM": 14, "FILLER": 14, "CHEMICAL_HAIR_TREATMENT": 7, "VACCINE": 14,
    "DENTAL_WORK": 14, "ISOTRETINOIN": 180, "LOCAL_STEROID": 28, "NSAID": 2,
}  # fmt: skip
# Section 2.1: what fires across the syringes of a visit, and against which oral medicines.
ACROSS = {
    "P04": (), "P16": ("VASODILATOR", "ORAL_MINOXIDIL"), "P17": ("THEOPHYLLINE",),
    "P18": ("ORAL_5ARI",),
}  # fmt: skip
SEVERITIES = {
    "block": "P01 P02 P03 P06 P07 P09 P14 P18 P19 P21 P25 P27 P29",
    "override": "P04 P05 P08 P11 P12 P13 P15 P16 P17 P23 P24 P26 P28",
    "warn": "P10 P20 P22",
    "info": "P30",
}


def cells(table):
    rows = [row for row in table.replace("\n", "|").split("|") if row.strip()]
    return [row.split() for row in rows]


def scaled(text, places):
    whole, _, rest = text.partition(".")
    return int(whole + rest.ljust(places, "0"))


def test_every_area_of_section_3_2():
    assert len(REFERENCE.areas) == len(cells(AREAS)) == 24
    for code, volume, depth, spacing, side in cells(AREAS):
        row = REFERENCE.areas[code]
        assert row.max_volume_ul.value == scaled(volume, 3), code
        assert row.max_depth_um.value == scaled(depth, 3), code
        assert row.min_spacing_um.value == scaled(spacing, 4), code
        assert row.sided == (side == "side"), code
    (prp,) = REFERENCE.areas["SCALP"].product_volumes
    assert (prp[0], prp[1].value) == ("PRP", 7_000)


def test_the_techniques_of_section_3_1():
    assert len(REFERENCE.techniques) == 12
    for code, depth, point in cells(TECHNIQUES):
        row = REFERENCE.techniques[code]
        assert row.max_depth_um is not None, code
        assert row.max_point_ul is not None, code
        figures = row.max_depth_um.value, row.max_point_ul.value
        assert figures == (scaled(depth, 3), scaled(point, 3)), code


def test_the_wash_outs_of_table_5_8():
    assert {code: row.days.value for code, row in REFERENCE.wash_outs.items()} == WASH_OUTS


def test_every_pair_has_its_severity_and_reach():
    assert [pair.id for pair in REFERENCE.pairs] == [f"P{number:02}" for number in range(1, 31)]
    for severity, ids in SEVERITIES.items():
        found = [pair.id for pair in REFERENCE.pairs if pair.severity.value == severity]
        assert found == ids.split(), severity
    across = {pair.id: pair.medications for pair in REFERENCE.pairs if pair.scope == "visit"}
    assert across == ACROSS
    assert all(not pair.medications for pair in REFERENCE.pairs if pair.scope == "syringe")


@pytest.mark.parametrize(
    ("icd10", "suitability"),
    [
        ("L64.9", "suitable"), ("L65.0", "relative"), ("L65.1", "not_suitable"),
        ("L63.9", "relative"), ("L63.0", "not_suitable"), ("L66.1", "not_suitable"),
        ("F63.3", "not_suitable"), ("B35.0", "not_suitable"), ("L81.1", "suitable"),
        ("L65.9", "relative"), ("Q84.0", "not_suitable"),
    ],
)  # fmt: skip
def test_suitability_of_section_5_2(icd10, suitability):
    base = sound_facts()
    assert base.plan is not None
    plan = replace(base.plan, diagnoses=(Diagnosis(icd10, "confirmed"),), diagnosis_icd10=icd10)
    found = words(asked("DX-REQUIRED-SUITABLE", PLAN, replace(base, plan=plan)))
    weighs = {"suitable": [], "relative": ["fail override"], "not_suitable": ["fail block"]}
    assert found == weighs[suitability]


@pytest.mark.parametrize("own", ["L64.9", "L64"])
def test_what_the_plan_treats_must_be_confirmed_itself(own):
    base = sound_facts()
    assert base.plan is not None
    for known, expected in (
        (Diagnosis("L64.9", "confirmed"), []),
        (Diagnosis("L64.9", "suspected"), ["not_evaluable block"]),
        (Diagnosis("L81.1", "confirmed"), ["not_evaluable block"]),
    ):
        plan = replace(base.plan, diagnoses=(known,), diagnosis_icd10=own)
        assert words(asked("DX-REQUIRED-SUITABLE", PLAN, replace(base, plan=plan))) == expected


@pytest.mark.parametrize(
    ("condition", "code", "expected"),
    [
        ("KELOID_TENDENCY", "BIOTIN", ["fail override"]),
        ("SCARRING_ALOPECIA_ACTIVE", "BIOTIN", ["fail block"]),
        ("BLEEDING_DISORDER", "BIOTIN", ["fail block"]),
        ("NEEDLE_PHOBIA_VASOVAGAL", "BIOTIN", ["fail info"]),
        ("ACTIVE_MALIGNANCY", "BIOTIN", ["fail override"]),
        ("ACTIVE_MALIGNANCY", "PRP", ["fail block"]),
        ("CARDIAC_SEVERE", "CAFFEINE", ["fail block"]),
        ("CARDIAC_SEVERE", "BIOTIN", ["fail override"]),
        ("SEIZURE_DISORDER", "BIOTIN", []),
        ("SEIZURE_DISORDER", "LIDOCAINE", ["fail override"]),
        ("G6PD_DEFICIENCY", "ASCORBIC_ACID", ["fail block"]),
        ("BLOOD_DONOR", "DUTASTERIDE", ["fail info"]),
        ("HYPOTHYROIDISM", "MINOXIDIL", []),
    ],
)
def test_general_contraindications_of_section_5_1(condition, code, expected):
    facts = sound_facts(
        patient=man(conditions=(condition,)), formula=formula(line(code, 1_000, 1_000))
    )
    assert words(asked("CONTRA-CONDITION-INGREDIENT", PLAN, facts)) == expected


def test_an_ingredient_that_says_less_does_not_silence_the_general_word():
    """PDRN lists current cancer as a caution; section 5.1 makes it absolute for PDRN."""
    facts = sound_facts(
        patient=man(conditions=("ACTIVE_MALIGNANCY",)), formula=formula(line("PDRN", 1_875, 2_000))
    )
    found = words(asked("CONTRA-CONDITION-INGREDIENT", PLAN, facts))
    assert sorted(found or []) == ["fail block", "fail override"]
