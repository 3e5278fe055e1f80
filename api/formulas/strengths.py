"""Strengths as they are printed, in the one unit of their ingredient, exactly.

Mass converts to mass (g, mg, ug) and % w/v to mass per mL (1 % = 10 mg/mL). IU and U are units of
effect: they convert to nothing, and to each other least of all.
"""

from dataclasses import dataclass
from decimal import Decimal

from models import IngredientUnit

_HIGHEST_MILLI = 1_000_000_000_000
_HIGHEST_MICRO = 1_000_000_000_000_000
_MASS = {"g": Decimal(1_000_000), "mg": Decimal(1000), "ug": Decimal(1)}  # in ug
_SPELLINGS = {"mcg": "ug", "µg": "ug", "μg": "ug", "ml": "mL"}
_MG_PER_ML_OF_A_PERCENT = 10


class UnfitStrength(ValueError):
    """A strength that says nothing exact about its ingredient.

    field: of the line, as in a pointer; `code` and `reason` say what is wrong.
    """

    def __init__(self, code: str, reason: str, field: str = "stock_concentration") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.field = field

    def at(self, field: str) -> "UnfitStrength":
        """The same fault, found in another field."""
        return UnfitStrength(self.code, self.reason, field)


@dataclass(frozen=True, slots=True)
class Strength:
    """concentration_milli: thousandths of the ingredient's unit per mL.

    percent_micro: millionths of a per cent w/v, where the strength was written as one.
    """

    concentration_milli: int
    percent_micro: int | None


def read_strength(
    unit: IngredientUnit, value: Decimal | None, written: str | None, percent: Decimal | None
) -> Strength:
    """What is printed on the stock of an ingredient that is counted in `unit`.

    value, written: such as 20 and `mg/mL`, or 2 and `%`. percent: the label's % w/v, beside them
    or alone; where both are there they are kept as written, for a rule to compare.
    An ingredient counted in mL is its own stock and needs neither.
    Raises UnfitStrength for a unit of another kind, or more decimals than can be stored.
    """
    label = None if percent is None else _of_percent(unit, percent, "percent_wv")
    if value is not None and written is not None:
        if written.strip() == "%":
            stock = _of_percent(unit, value, "stock_concentration")
            return stock if label is None else Strength(stock.concentration_milli, _micro(percent))
        milli = _milli(value * _per_ml(unit, written))
        return Strength(milli, None if label is None else label.percent_micro)
    if label is not None:
        return label
    if unit is IngredientUnit.ML:
        return Strength(1000, None)
    raise UnfitStrength("missing", f"Give the strength of the stock, such as in {_fitting(unit)}.")


def read_amount(unit: IngredientUnit, value: Decimal, written: str) -> int:
    """An amount in millionths of the ingredient's unit. Raises UnfitStrength."""
    factor = _factor(unit, written.strip())
    if factor is None:
        raise UnfitStrength("unit", f"The unit must be {_fitting(unit, per_ml=False)}.")
    return _whole((value * factor).scaleb(6), 6, _HIGHEST_MICRO)


def _of_percent(unit: IngredientUnit, percent: Decimal, field: str) -> Strength:
    if unit.value not in _MASS:
        text = f"A percentage is mass per volume; this ingredient is counted in {unit.value}."
        raise UnfitStrength("unit", text, field)
    if percent > 100:
        raise UnfitStrength("range", "A percentage is at most 100.", field)
    per_ml = percent * _MG_PER_ML_OF_A_PERCENT * _MASS["mg"] / _MASS[unit.value]
    try:
        return Strength(_milli(per_ml), _micro(percent))
    except UnfitStrength as unfit:
        raise unfit.at(field) from None


def _micro(percent: Decimal | None) -> int | None:
    return None if percent is None else int(percent.scaleb(6))


def _per_ml(unit: IngredientUnit, written: str) -> Decimal:
    amount, slash, volume = written.strip().partition("/")
    factor = _factor(unit, amount)
    if not slash or _SPELLINGS.get(volume, volume) != "mL" or factor is None:
        raise UnfitStrength("unit", f"The unit must be {_fitting(unit)}.")
    return factor


def _factor(unit: IngredientUnit, amount: str) -> Decimal | None:
    """How many of the ingredient's unit one of the written unit is; None: another kind."""
    amount = _SPELLINGS.get(amount, amount)
    if amount == unit.value:
        return Decimal(1)
    if amount in _MASS and unit.value in _MASS:
        return _MASS[amount] / _MASS[unit.value]
    return None


def _fitting(unit: IngredientUnit, *, per_ml: bool = True) -> str:
    amounts = list(_MASS) if unit.value in _MASS else [unit.value]
    if not per_ml:
        return " or ".join(amounts)
    listed = " or ".join(f"{amount}/mL" for amount in amounts)
    return f"{listed} or %" if unit.value in _MASS else listed


def _milli(per_ml: Decimal) -> int:
    return _whole(per_ml.scaleb(3), 3, _HIGHEST_MILLI)


def _whole(scaled: Decimal, places: int, highest: int) -> int:
    whole = int(scaled)
    if whole != scaled:
        text = f"At most {places} decimal places of the ingredient's unit can be stored."
        raise UnfitStrength("decimal_max_places", text)
    if not 0 < whole <= highest:
        raise UnfitStrength("range", "This is out of range.")
    return whole
