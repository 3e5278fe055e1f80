"""A plan's volume over several areas: passed, failed or unknown, whichever can be told of it."""

import pytest

from rules.case import Case
from rules.facts import Administration, Facts, Plan, PlannedArea
from tests.rules.cases import ADMIN, DAY, PLAN, REFERENCE, asked, formula, line, words

AREA, POINT = "VOL-AREA-MAX", "VOL-POINT-MAX"


def planned(volume_ul: int, *areas: str, points: int | None = None) -> Facts:
    there = tuple(PlannedArea(area, technique="POINT_BY_POINT") for area in areas)
    plan = Plan("p", areas=there, volume_per_session_ul=volume_ul, points=points)
    return Facts(on=DAY, plan=plan, formula=formula("BIOTIN"))


@pytest.mark.parametrize(
    ("volume_ul", "expected"),
    [
        (2_000, []),
        (2_001, ["not_evaluable warn"] * 2),
        (4_000, ["not_evaluable warn"] * 2),
        (4_001, ["fail override"]),
    ],
)
def test_two_areas_that_may_hold_2_ml_each(volume_ul, expected):
    facts = planned(volume_ul, "SCALP_FRONTAL", "SCALP_VERTEX")
    assert words(asked(AREA, PLAN, facts)) == expected


def test_the_finding_names_both_areas_and_all_their_room():
    (finding,) = asked(AREA, PLAN, planned(4_001, "SCALP_FRONTAL", "SCALP_VERTEX")) or ()
    assert finding.message == (
        "SCALP_FRONTAL and SCALP_VERTEX: 4.001 mL together in this session; however it is split, "
        "there is room for 4 mL."
    )
    assert (finding.measured, finding.limit, finding.unit) == ("4.001", "4", "mL")
    assert finding.pointer == "/volume_per_session_ml"


@pytest.mark.parametrize(
    ("areas", "room_ul"),
    [
        (("SCALP_FRONTAL", "SCALP_MID", "SCALP_VERTEX"), 5_000),  # 6 mL, but 5 in the whole scalp
        (("SCALP", "SCALP_FRONTAL"), 5_000),
        (("SCALP_FRONTAL", "NECK"), 4_000),
        (("SCALP_TEMPORAL", "SCALP_FRONTAL"), 4_000),  # 1 mL on each side, and 2 mL
        (("SCALP_FRONTAL", "SCALP_MID", "SCALP_VERTEX", "BACK"), 10_000),
    ],
    ids=["three parts", "whole and part", "apart", "both sides", "whole and another"],
)
def test_the_room_of_areas_together(areas, room_ul):
    assert "fail override" not in (words(asked(AREA, PLAN, planned(room_ul, *areas))) or [])
    assert words(asked(AREA, PLAN, planned(room_ul + 1, *areas))) == ["fail override"]


def test_an_unknown_area_has_no_known_room():
    found = words(asked(AREA, PLAN, planned(100_000, "NOWHERE", "SCALP")))
    assert found == ["not_evaluable warn"] * 2


@pytest.mark.parametrize(
    ("points", "expected"),
    [(80, []), (79, ["fail override"]), (None, ["not_evaluable warn"])],
)
def test_points_of_a_plan_are_those_of_all_its_areas(points, expected):
    """4 mL in 80 points are exactly the 0.05 mL that each may get."""
    facts = planned(4_000, "SCALP_FRONTAL", "SCALP_VERTEX", points=points)
    assert words(asked(POINT, PLAN, facts)) == expected


def test_a_volume_that_its_areas_share_counts_whole():
    areas = tuple(PlannedArea(area) for area in ("SCALP_FRONTAL", "SCALP_VERTEX"))
    made = formula(line("LIDOCAINE", 20_000, 20_000))
    for given_ul, expected in ((15_000, []), (15_001, ["fail block"])):
        given = Administration(areas, administered_ul=given_ul)
        facts = Facts(on=DAY, formula=made, administration=given)
        assert words(asked("DOSE-ABS-MAX", ADMIN, facts)) == expected
        assert Case(ADMIN, facts, REFERENCE).given_ul == given_ul
