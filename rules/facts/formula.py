"""What is mixed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Component:
    """One line of a formula: stock concentration and volume drawn.

    product: the sterile product it is drawn from; the same name counts once.
    percent_milli: declared % w/v in thousandths, for the tenfold check.
    excipient_classes: of the product; None where its maker's list was not entered.
    label_*: limits of the product's own label, which beat those of the ingredient.
    """

    ingredient_code: str
    concentration_milli: int | None
    volume_ul: int | None
    syringe: int = 1
    product: str | None = None
    percent_milli: int | None = None
    excipient_classes: tuple[str, ...] | None = None
    label_max_concentration_milli: int | None = None
    label_max_session_micro: int | None = None
    label_min_interval_days: int | None = None
    do_not_mix: bool | None = None
    oil: bool | None = None
    ethanol_ul: int | None = None
    vehicle_covers_dilution: bool | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """One version of a formula. total_volume_ul and ph_hundredths are the declared ones."""

    formula_id: str
    version: int
    components: tuple[Component, ...]
    total_volume_ul: int | None = None
    ph_hundredths: int | None = None
    areas: tuple[str, ...] = ()
    stability_stated: bool | None = None
