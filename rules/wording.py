"""Values and units in plain words, for messages and for the measured and limit fields."""

from fractions import Fraction

from rules.arithmetic import rounded_text


def amount(micro: Fraction | int) -> str:
    """A dose in its unit: 12 500 000 millionths is "12.5". Rounded for reading only."""
    return rounded_text(Fraction(micro, 10**6), 6)


def strength(milli: Fraction | int) -> str:
    """A concentration in its unit per mL; rounded to four places for reading only."""
    return rounded_text(Fraction(milli, 10**3))


def thousandths(value: Fraction | int) -> str:
    """uL as mL, um as mm, g as kg."""
    return rounded_text(Fraction(value, 10**3))


def count(number: int, one: str) -> str:
    """ "1 day", "2 days"."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def listed(words: list[str] | tuple[str, ...]) -> str:
    """ "A", "A and B", "A, B and C"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
