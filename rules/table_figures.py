"""The figures that a rule reads from the tables of a rule set, named so that a person finds them.

Figures that belong to the rule itself are its parameters; these belong to an ingredient, an area,
a technique, another therapy or a reporting clock.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rules import wording
from rules.arithmetic import decimal_text
from rules.ingredient import Figure, Ingredient
from rules.rule_set import RuleSet


@dataclass(frozen=True, slots=True)
class TableFigure:
    """One figure in force. key: `table.row.column`; value and unit as a person writes them."""

    key: str
    value: str
    unit: str
    source: str
    evidence: str
    loosenable: bool


Rows = Iterator[TableFigure]
Reader = Callable[[RuleSet], Rows]


def _told(key: str, figure: Figure | None, value: Callable[[int], str], unit: str) -> Rows:
    if figure is not None:
        yield TableFigure(
            key, value(figure.value), unit, figure.source, figure.evidence, figure.loosenable
        )


def _of_ingredients(column: str, value: Callable[[int], str], unit: str) -> Reader:
    """One column of the ingredients. unit: `{}` stands for the ingredient's own."""

    def read(figures: RuleSet) -> Rows:
        for each in figures.ingredients.values():
            key = f"ingredients.{each.code}.{column}"
            yield from _told(key, getattr(each, column), value, unit.format(each.unit))

    return read


def _area_strengths(figures: RuleSet) -> Rows:
    for each in figures.ingredients.values():
        for limit in each.area_concentrations:
            key = f"ingredients.{each.code}.max_concentration.{limit.area}"
            yield from _told(key, limit.limit, wording.strength, f"{each.unit}/mL")


def _points(figures: RuleSet) -> Rows:
    for each in figures.techniques.values():
        key = f"techniques.{each.code}.max_point"
        yield from _told(key, each.max_point_ul, wording.thousandths, "mL")


def _volumes(figures: RuleSet) -> Rows:
    for each in figures.areas.values():
        key = f"areas.{each.code}.max_volume"
        yield from _told(key, each.max_volume_ul, wording.thousandths, "mL")
        for ingredient, limit in each.product_volumes:
            yield from _told(f"{key}.{ingredient}", limit, wording.thousandths, "mL")


def _depths(figures: RuleSet) -> Rows:
    for technique in figures.techniques.values():
        key = f"techniques.{technique.code}.max_depth"
        yield from _told(key, technique.max_depth_um, wording.thousandths, "mm")
    for area in figures.areas.values():
        key = f"areas.{area.code}.max_depth"
        yield from _told(key, area.max_depth_um, wording.thousandths, "mm")


def _spacings(figures: RuleSet) -> Rows:
    for technique in figures.techniques.values():
        key = f"techniques.{technique.code}.min_spacing"
        yield from _told(key, technique.min_spacing_um, _centimetres, "cm")
    for area in figures.areas.values():
        key = f"areas.{area.code}.min_spacing"
        yield from _told(key, area.min_spacing_um, _centimetres, "cm")


def _wash_outs(figures: RuleSet) -> Rows:
    for each in figures.wash_outs.values():
        yield from _told(f"wash_outs.{each.code}", each.days, str, "d")


def _centimetres(micrometres: int) -> str:
    return decimal_text(micrometres, 4)


def _cumulative(figures: RuleSet) -> Rows:
    for each in figures.ingredients.values():
        yield from _window(each)


def _window(each: Ingredient) -> Rows:
    key = f"ingredients.{each.code}.cumulative"
    yield from _told(f"{key}_max", each.cumulative_max_micro, wording.amount, each.unit)
    yield from _told(f"{key}_window", each.cumulative_window_days, str, "d")


_PER_SESSION = _of_ingredients("max_session_micro", wording.amount, "{}")
_PER_KG = _of_ingredients("max_per_kg_micro", wording.amount, "{}/kg")
_READERS: dict[str, tuple[Reader, ...]] = {
    "STATUS-LIMIT-UNKNOWN": (_PER_SESSION,),
    "DOSE-CONC-MAX": (
        _of_ingredients("max_concentration_milli", wording.strength, "{}/mL"),
        _area_strengths,
    ),
    "DOSE-ABS-MAX": (_PER_SESSION,),
    "DOSE-WEIGHT-MAX": (_PER_KG,),
    "DOSE-WEIGHT-STALE": (_PER_KG,),
    "DOSE-CUMULATIVE-WINDOW": (_cumulative,),
    "DOSE-COURSE-MAX-SESSIONS": (_of_ingredients("max_sessions", str, "sessions"),),
    "DOSE-AREA-ADJUSTED": (_of_ingredients("max_per_cm2_micro", wording.amount, "{}/cm²"),),
    "MIX-SOLUBILITY": (_of_ingredients("solubility_milli", wording.strength, "{}/mL"),),
    "VOL-POINT-MAX": (_points, _of_ingredients("max_point_ul", wording.thousandths, "mL")),
    "VOL-AREA-MAX": (_volumes,),
    "TECH-DEPTH-MAX": (_depths,),
    "TECH-POINT-DENSITY": (_spacings,),
    "SPACING-INGREDIENT-MIN": (_of_ingredients("min_interval_days", str, "d"),),
    "SPACING-OTHER-PROCEDURE": (_wash_outs,),
}


def table_figures(code: str, figures: RuleSet) -> tuple[TableFigure, ...]:
    """The figures that the rule of that code reads from tables; () where it reads none."""
    found = [row for read in _READERS.get(code, ()) for row in read(figures)]
    return tuple(_plain(row) for row in found)


def _plain(row: TableFigure) -> TableFigure:
    """The key as the rule-set document names it, without the scale of the program."""
    key = row.key
    for scale in ("_micro", "_milli", "_days", "_ul"):
        key = key.removesuffix(scale)
    return TableFigure(key, row.value, row.unit, row.source, row.evidence, row.loosenable)
