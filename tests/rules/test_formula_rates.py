"""When the rate of a side effect after a formula is a signal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.escalation import FormulaRate, rate_doubled

NUMBERS = st.integers(0, 500)


@pytest.mark.parametrize(
    ("rate", "signal"),
    [
        (None, False),
        (FormulaRate(2, 10, 0, 100), False),  # two cases are none
        (FormulaRate(3, 10, 0, 100), True),  # never seen before
        (FormulaRate(3, 10, 0, 0), True),  # nothing to compare with
        (FormulaRate(3, 30, 5, 100), True),  # 10 % against 5 %: exactly twice
        (FormulaRate(3, 31, 5, 100), False),  # a little less than twice
        (FormulaRate(6, 61, 5, 100), False),
        (FormulaRate(6, 60, 5, 100), True),
    ],
)
def test_three_cases_at_twice_the_rate_are_a_signal(rate: FormulaRate | None, signal: bool) -> None:
    assert rate_doubled(rate) is signal


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.integers(1, 100))
def test_more_recent_cases_never_end_a_signal(
    cases: int, sessions: int, before: int, sessions_before: int, more: int
) -> None:
    if rate_doubled(FormulaRate(cases, sessions, before, sessions_before)):
        assert rate_doubled(FormulaRate(cases + more, sessions, before, sessions_before))
