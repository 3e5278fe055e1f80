"""Exact arithmetic of doses: integers and fractions, never a binary float.

Scales: volume in uL, concentration in thousandths of the unit per mL, dose in millionths of
the unit. So dose = concentration x volume, with nothing to round. 1 % w/v is 10 mg/mL.
"""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from fractions import Fraction

MILLI = 3
MICRO = 6


class Inexact(ValueError):
    """A number that is no decimal, or has more digits than its scale can hold exactly."""


def exact(value: str | int, scale: int) -> int:
    """The value as an integer number of 10^-scale: `exact("0.05", 3)` is 50.

    Raises `Inexact` where digits would be lost, and on anything that is not a plain finite
    decimal number of at most 30 digits.
    """
    if isinstance(value, bool):
        raise Inexact("a truth value is not a number")
    text = str(value).strip()
    if len(text) > 30:
        raise Inexact("too many digits")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Inexact("not a decimal number") from None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise Inexact("not a finite number of reasonable size")
    scaled = Fraction(number) * Fraction(10) ** scale
    if scaled.denominator != 1:
        raise Inexact(f"more than {scale} decimal places")
    return int(scaled)


def decimal_text(value: int, scale: int) -> str:
    """The shortest decimal text: `decimal_text(12_500_000, 6)` is "12.5"."""
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), 10**scale)
    digits = str(rest).rjust(scale, "0").rstrip("0") if scale else ""
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def rounded_text(value: Fraction, places: int = 4) -> str:
    """A fraction for display, half away from zero, without trailing zeros.

    Only for reading: every comparison is made before rounding.
    """
    shifted = abs(value) * 10**places
    whole = (2 * shifted.numerator + shifted.denominator) // (2 * shifted.denominator)
    return decimal_text(-whole if value < 0 else whole, places)


def line_dose_micro(concentration_milli: int, volume_ul: int) -> int:
    """The dose of one formula line in millionths of its unit, exactly."""
    return concentration_milli * volume_ul


def final_concentration_milli(dose_micro: int, total_volume_ul: int) -> Fraction:
    """The concentration in the mixture, thousandths of the unit per mL, as an exact fraction.

    Raises ZeroDivisionError for an empty syringe; callers ask for a volume first.
    """
    return Fraction(dose_micro, total_volume_ul)


def share_micro(prepared_micro: int, given_ul: int, prepared_ul: int) -> Fraction:
    """The part of a prepared dose that was given, in millionths of the unit, exactly."""
    return Fraction(prepared_micro * given_ul, prepared_ul)


def stored_micro(dose: Fraction) -> int:
    """A given dose as the integer that is stored: rounded up, so that it errs on the safe side.

    Exact doses stay exact; the error is below one millionth of the unit.
    """
    return -((-dose.numerator) // dose.denominator)


def mixture_volume_ul(volumes_ul: Iterable[int], declared_ul: int | None) -> int:
    """The volume that a mixture is reckoned with: the smaller of sum and declared total.

    The two may differ by the balance tolerance; the smaller gives the higher concentration.
    """
    total = sum(volumes_ul)
    return total if declared_ul is None else min(total, declared_ul)
