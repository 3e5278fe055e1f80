"""Exact arithmetic: nothing is lost, nothing is rounded before it is compared."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.arithmetic import (
    Inexact,
    decimal_text,
    exact,
    final_concentration_milli,
    line_dose_micro,
    mixture_volume_ul,
    rounded_text,
    share_micro,
    stored_micro,
)


@pytest.mark.parametrize(
    ("text", "scale", "value"),
    [
        ("0.05", 3, 50),
        ("12.5", 6, 12_500_000),
        (" 3 ", 0, 3),
        (7, 3, 7_000),
        ("1e2", 3, 100_000),
        ("-0.001", 3, -1),
        ("0.0010", 3, 1),
    ],
)
def test_exact(text, scale, value):
    assert exact(text, scale) == value


@pytest.mark.parametrize(
    "text",
    ["0.0001", "", "abc", "NaN", "Infinity", "1e99", "1" * 31, "1,5", "0x10", True, "1e-99"],
)
def test_what_cannot_be_kept_exactly_is_refused(text):
    with pytest.raises(Inexact):
        exact(text, 3)


@given(st.integers(-(10**20), 10**20), st.integers(0, 9))
def test_decimal_text_reads_back(value, scale):
    assert exact(decimal_text(value, scale), scale) == value


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(16, 3), 4, "5.3333"),
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction(2, 3), 0, "1"),
        (Fraction(0), 4, "0"),
    ],
)
def test_rounded_text_is_half_away_from_zero(value, places, text):
    assert rounded_text(value, places) == text


def test_the_dose_of_a_line_is_concentration_times_volume():
    assert line_dose_micro(20_000, 15_100) == 302_000_000  # 20 mg/mL x 15.1 mL = 302 mg
    assert final_concentration_milli(8_000_000, 1_500) == Fraction(16_000, 3)


def test_a_given_share_is_stored_rounded_up():
    assert stored_micro(share_micro(10, 1, 3)) == 4
    assert stored_micro(share_micro(9, 1, 3)) == 3
    assert stored_micro(Fraction(0)) == 0


def test_the_smaller_volume_is_reckoned_with():
    assert mixture_volume_ul([1_000, 500], None) == 1_500
    assert mixture_volume_ul([1_000, 500], 1_400) == 1_400
    assert mixture_volume_ul([1_000, 500], 1_600) == 1_500
