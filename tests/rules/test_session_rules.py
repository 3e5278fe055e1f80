"""What is used, by whom, where: status, lots, technique, people, readiness, open effects."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rules.facts import (
    Administration,
    CaseReport,
    Emergency,
    Facts,
    LotInUse,
    OpenEffect,
    People,
    Plan,
    PlannedArea,
)
from rules.ingredient import Figure, Ingredient, Status
from rules.lots import expiry_day
from tests.rules.cases import (
    ADMIN,
    CHECK_IN,
    DAY,
    FORMULA,
    PLAN,
    REPORT,
    SCHED,
    administration,
    asked,
    formula,
    line,
    words,
)


def test_prohibited_and_unknown_ingredients_refuse():
    code = "STATUS-PROHIBITED"
    made = formula("BIOTIN", "EXOSOMES", "NO_SUCH_THING")
    first, second = asked(code, FORMULA, Facts(on=DAY, formula=made)) or ()
    assert words((first, second)) == ["fail block", "not_evaluable block"]
    assert first.message == "Exosome products is prohibited."
    assert first.pointer == "/components/1/ingredient_code"
    assert "[FDA-EXO]" in first.source
    assert first.override_role is None
    assert words(asked(code, ADMIN, Facts(on=DAY))) == ["not_evaluable block"]


def test_a_clinics_own_ingredient_is_judged_by_its_own_figures():
    own = Ingredient(
        code="OUR_EXTRACT",
        name="Our extract",
        category="botanical",
        status=Status.RESTRICTED,
        unit="mg",
        max_session_micro=Figure(2_000_000, "our supplier's leaflet", "label"),
        source="our supplier's leaflet",
        evidence="label",
    )
    facts = Facts(on=DAY, formula=formula(line("OUR_EXTRACT", 2_001, 1_000)))
    assert words(asked("DOSE-ABS-MAX", FORMULA, facts)) == ["not_evaluable block"]
    known = replace(facts, own_ingredients=(own,))
    assert words(asked("STATUS-PROHIBITED", FORMULA, known)) == []
    (finding,) = asked("DOSE-ABS-MAX", FORMULA, known) or ()
    assert (finding.measured, finding.source) == ("2.001", "our supplier's leaflet")
    banned = replace(known, own_ingredients=(replace(own, status=Status.PROHIBITED),))
    assert words(asked("STATUS-PROHIBITED", FORMULA, banned)) == ["fail block"]


def test_own_ingredients_cannot_hide_reference_ones():
    own = Ingredient("BUFLOMEDIL", "Buflomedil", "x", Status.ALLOWED, "mg")
    facts = Facts(on=DAY, formula=formula("BUFLOMEDIL"), own_ingredients=(own,))
    assert words(asked("STATUS-PROHIBITED", FORMULA, facts)) == ["fail block"]


@pytest.mark.parametrize(
    ("code", "areas", "expected"),
    [
        ("DEOXYCHOLIC_ACID", ("SUBMENTAL",), []),
        ("DEOXYCHOLIC_ACID", ("SUBMENTAL", "NECK"), ["fail block"]),
        ("PHOSPHATIDYLCHOLINE_DC", ("ABDOMEN",), []),
        ("PHOSPHATIDYLCHOLINE_DC", ("SUBMENTAL",), []),
        ("PHOSPHATIDYLCHOLINE_DC", ("CHEEK",), ["fail block"]),
        ("MESOGLYCAN", ("SCALP_TEMPORAL",), ["fail block"]),
        ("MESOGLYCAN", (), ["not_evaluable block"]),
        ("BIOTIN", (), None),
    ],
)
def test_restricted_areas(code, areas, expected):
    facts = Facts(on=DAY, formula=formula(code, areas=areas))
    assert words(asked("STATUS-AREA-RESTRICTED", FORMULA, facts)) == expected


def lot(**more) -> LotInUse:
    base = LotInUse("l1", "BIOTIN", DAY, "available", "B-1", "multi_dose", DAY)
    return replace(base, **more)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (lot(), []),
        (lot(expires_on=DAY - timedelta(days=1)), ["fail block"]),
        (lot(expires_on=None), ["not_evaluable block"]),
        (lot(state="quarantined"), ["fail block"]),
        (lot(state="recalled", expires_on=date(2020, 1, 1)), ["fail block", "fail block"]),
        (lot(state="expired"), []),
        (lot(state="expired", expires_on=DAY - timedelta(days=1)), ["fail block"]),
        (lot(state="used_up"), ["fail block"]),
    ],
)
def test_lots(given, expected):
    facts = Facts(on=DAY, lots=(lot(), given))
    found = asked("LOT-EXPIRY", ADMIN, facts) or ()
    assert words(found) == expected
    assert {each.pointer for each in found} <= {"/lots/1/lot_id"}


def test_no_lot_is_no_pass():
    for lots in (None, ()):
        facts = Facts(on=DAY, lots=lots)
        assert words(asked("LOT-EXPIRY", ADMIN, facts)) == ["not_evaluable block"]


def test_expired_lot_in_words():
    gone = Facts(on=date(2025, 7, 1), lots=(lot(expires_on=expiry_day("2025-06")),))
    (finding,) = asked("LOT-EXPIRY", ADMIN, gone) or ()
    assert finding.message == "Lot B-1 expired on 2025-06-30; this is 2025-07-01."


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("2025-06", "2025-06-30"),
        ("2024-02", "2024-02-29"),
        ("2025-02", "2025-02-28"),
        ("2025-12", "2025-12-31"),
        ("2025-06-15", "2025-06-15"),
    ],
)
def test_a_month_expires_on_its_last_day(text, last):
    assert expiry_day(text).isoformat() == last


@pytest.mark.parametrize("text", ["2025-13", "2025", "06/2025", "2025-6", "20250615", ""])
def test_anything_else_is_no_expiry(text):
    with pytest.raises(ValueError, match="YYYY-MM"):
        expiry_day(text)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (lot(container="single_dose", other_patients=0), []),
        (lot(container="single_dose", other_patients=1), ["fail block"]),
        (lot(container="single_dose"), ["not_evaluable block"]),
        (lot(opened_on=DAY), []),
        (lot(opened_on=DAY + timedelta(days=1)), ["fail block"]),
        (lot(opened_on=DAY - timedelta(days=28)), []),
        (lot(opened_on=DAY - timedelta(days=29)), ["fail block"]),
        (lot(opened_on=DAY - timedelta(days=15), opened_days_max=14), ["fail block"]),
        (lot(opened_on=DAY - timedelta(days=29), opened_days_max=60), ["fail block"]),
        (lot(container=None), ["not_evaluable block"]),
    ],
)
def test_containers(given, expected):
    facts = Facts(on=DAY, lots=(given,))
    assert words(asked("LOT-CONTAINER-USE", ADMIN, facts)) == expected


def treated(*areas: PlannedArea, codes=("BIOTIN",)) -> Facts:
    return Facts(on=DAY, formula=formula(*codes), administration=Administration(areas))


@pytest.mark.parametrize(
    ("areas", "codes", "expected"),
    [
        ([PlannedArea("SCALP_FRONTAL", 2_000)], ["BIOTIN"], []),
        ([PlannedArea("SCALP_FRONTAL", 2_001)], ["BIOTIN"], ["fail override"]),
        (
            [PlannedArea(f"SCALP_{part}", 1_700) for part in ("FRONTAL", "MID", "VERTEX")],
            ["BIOTIN"],
            ["fail override"],
        ),
        ([PlannedArea("SCALP", 7_000)], ["PRP"], []),
        ([PlannedArea("SCALP", 7_001)], ["PRP"], ["fail override"]),
        ([PlannedArea("SCALP", 7_000)], ["PRP", "BIOTIN"], ["fail override"]),
        ([PlannedArea("CHEEK", 1_000, "L"), PlannedArea("CHEEK", 1_000, "R")], ["BIOTIN"], []),
        (
            [PlannedArea("CHEEK", 1_000, "L"), PlannedArea("CHEEK", 1, "L")],
            ["BIOTIN"],
            ["fail override"],
        ),
        ([PlannedArea("NOWHERE", 1)], ["BIOTIN"], ["not_evaluable warn"]),
        ([PlannedArea("BACK")], ["BIOTIN"], ["not_evaluable warn"]),
    ],
)
def test_volume_per_area(areas, codes, expected):
    assert words(asked("VOL-AREA-MAX", ADMIN, treated(*areas, codes=codes))) == expected


def test_a_planned_volume_is_that_of_its_only_area():
    plan = Plan("p", areas=(PlannedArea("EYEBROW"),), volume_per_session_ul=301)
    facts = Facts(on=DAY, plan=plan, formula=formula("BIOTIN"))
    (finding,) = asked("VOL-AREA-MAX", PLAN, facts) or ()
    assert (finding.severity.value, finding.pointer) == ("override", "/volume_per_session_ml")


def test_technique_limits_need_a_technique():
    unsaid = treated(PlannedArea("SCALP", 1_000, points=10))
    assert words(asked("VOL-POINT-MAX", ADMIN, unsaid)) == ["not_evaluable warn"]
    assert words(asked("TECH-DEPTH-MAX", ADMIN, unsaid)) == ["not_evaluable warn"]
    assert words(asked("TECH-POINT-DENSITY", ADMIN, unsaid)) == ["not_evaluable info"]
    prp = treated(PlannedArea("SCALP", 1_000, points=1, technique="PRP_POINT"))
    assert asked("VOL-POINT-MAX", ADMIN, prp) == ()


def test_depth_is_that_of_the_shallower():
    brow = PlannedArea("EYEBROW", 100, depth_um=2_001, technique="POINT_BY_POINT")
    (finding,) = asked("TECH-DEPTH-MAX", ADMIN, treated(brow)) or ()
    assert (finding.measured, finding.limit, finding.unit) == ("2.001", "2", "mm")
    assert finding.pointer == "/areas/0/depth_mm"


def test_point_density_uses_the_techniques_grid():
    area = PlannedArea("SCALP", 500, points=100, technique="NAPPAGE", area_cm2_hundredths=400)
    assert asked("TECH-POINT-DENSITY", ADMIN, treated(area)) == ()
    one_more = replace(area, points=101)
    (finding,) = asked("TECH-POINT-DENSITY", ADMIN, treated(one_more)) or ()
    assert finding.message == (
        "Scalp, all: 101 points on 4 cm²; at 0.2 cm apart there is room for 100."
    )


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, []),
        (240, []),
        (241, ["fail block"]),
        (-1, ["fail block"]),
        (None, ["not_evaluable block"]),
    ],
)
def test_time_since_preparation(minutes, expected):
    performed = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)
    began = None if minutes is None else performed - timedelta(minutes=minutes)
    given = administration(preparation_started_at=began, performed_at=performed)
    assert words(asked("MIX-BUD", ADMIN, Facts(on=DAY, administration=given))) == expected


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (People("a", "b", ("medical_director",)), []),
        (People("a", "b", ("nurse", "physician")), []),
        (People("a", "a", ("medical_director",)), ["fail block"]),
        (People("a", "b", ("practitioner",)), ["fail block"]),
        (People("a", "a", ()), ["fail block", "fail block"]),
        (People(None, "b", ("physician",)), ["not_evaluable block"]),
        (People("a", "b"), ["not_evaluable block"]),
        (None, ["not_evaluable block"]),
    ],
)
def test_four_eyes(people, expected):
    assert words(asked("ROLE-FOUR-EYES", FORMULA, Facts(on=DAY, people=people))) == expected


@pytest.mark.parametrize("stage", [SCHED, CHECK_IN, ADMIN])
@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        ((), []),
        ((OpenEffect("AE_BRUISE", 1),), []),
        ((OpenEffect("AE_BRUISE", 2),), ["fail override"]),
        ((OpenEffect("AE_BRUISE", 3),), ["fail block"]),
        ((OpenEffect("AE_BRUISE", 3, cleared=True),), []),
        ((OpenEffect("AE_BRUISE", None),), ["not_evaluable warn"]),
        (None, ["not_evaluable warn"]),
    ],
)
def test_open_effects(stage, effects, expected):
    assert words(asked("AE-HOLD-GRADE", stage, Facts(on=DAY, effects=effects))) == expected


def test_open_effect_in_words():
    facts = Facts(on=DAY, effects=(OpenEffect("AE_ITCH", 2),))
    (finding,) = asked("AE-HOLD-GRADE", SCHED, facts) or ()
    assert finding.message == (
        "Itching (AE_ITCH), grade 2, is not resolved; at most grade 1 passes."
    )
    assert (finding.measured, finding.limit, finding.unit) == ("2", "1", "grade")
    assert finding.override_role == "prescriber"


def test_shedding_and_patches():
    def found(effect: OpenEffect | None):
        facts = Facts(on=DAY, effects=None if effect is None else (effect,))
        return words(asked("AE-SHED-ESCALATE", SCHED, facts))

    assert found(OpenEffect("AE_ALOPECIA_PATCH", 1)) == ["fail block"]
    assert found(OpenEffect("AE_SHED_TE", 1, patchy_or_scarring=True)) == ["fail block"]
    assert found(OpenEffect("AE_SHED_TE", 1)) == ["not_evaluable override"]
    assert found(OpenEffect("AE_BRUISE", 1)) == []
    assert found(None) == ["not_evaluable override"]


def test_a_nodule_without_dates_counts_as_late():
    facts = Facts(on=DAY, effects=(OpenEffect("AE_ABSCESS", 1),))
    assert words(asked("AE-DELAYED-NODULE", SCHED, facts)) == ["not_evaluable block"]


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (None, None),
        (CaseReport(serious=False), None),
        (CaseReport(serious=None), ["not_evaluable warn"]),
        (CaseReport(True, False, DAY - timedelta(days=15)), []),
        (CaseReport(True, False, DAY - timedelta(days=16)), ["fail warn"]),
        (CaseReport(True, True, DAY - timedelta(days=7)), []),
        (CaseReport(True, True, DAY - timedelta(days=8)), ["fail warn"]),
    ],
)
def test_reporting_clock(report, expected):
    assert words(asked("AE-REPORT-CLOCK", REPORT, Facts(on=DAY, report=report))) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"kit_checked_on": DAY - timedelta(days=32)}, ["fail block"]),
        ({"kit_checked_on": None}, ["not_evaluable block"]),
        ({"adrenaline_expires_on": DAY - timedelta(days=1)}, ["fail block"]),
        ({"observed_minutes": 14}, ["fail warn"]),
        ({"observed_minutes": 29, "first_exposure": True}, ["fail warn"]),
        ({"observed_minutes": 29, "first_exposure": None}, ["fail warn"]),
        ({"observed_minutes": None}, ["not_evaluable warn"]),
    ],
)
def test_emergency(change, expected):
    ready = replace(Emergency(DAY, DAY, 15, first_exposure=False), **change)
    facts = Facts(on=DAY, emergency=ready)
    assert words(asked("ADMIN-EMERGENCY-READY", ADMIN, facts)) == expected
