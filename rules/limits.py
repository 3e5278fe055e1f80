"""Which limit of an ingredient holds in a case: its own, its product's label's, its area's."""

from dataclasses import dataclass
from fractions import Fraction

from rules.areas import treated_areas, within
from rules.case import Case
from rules.facts import Component
from rules.finding import Severity
from rules.ingredient import Figure, Ingredient, Role
from rules.lines import SessionDose

LABEL_SOURCE = "label of the product, as entered on the formula line"


@dataclass(frozen=True, slots=True)
class Limit:
    """A maximum with where it comes from; value in the scale of what it limits."""

    value: int
    source: str
    evidence: str
    severity: Severity


def of(figure: Figure, severity: Severity) -> Limit:
    """The limit that a figure of the rule set sets."""
    return Limit(figure.value, figure.source, figure.evidence, severity)


def needs_a_limit(ingredient: Ingredient) -> bool:
    """Whether "no known limit" matters: diluents and buffers are bound by volume only."""
    return ingredient.role not in (Role.DILUENT, Role.BUFFER)


def session_limit(dose: SessionDose) -> Limit | None:
    """The most of one ingredient that a session may hold; None where it is not known.

    A product's label beats the ingredient; of several lines the strictest holds, and one line
    without any limit leaves the whole unknown.
    """
    known = dose.ingredient
    own = None
    if known is not None and known.max_session_micro is not None:
        own = of(known.max_session_micro, known.session_severity)
    labelled = [_label(line.component) or own for line in dose.lines]
    if not labelled:
        return own
    if any(limit is None for limit in labelled):
        return None
    return min((limit for limit in labelled if limit), key=lambda limit: limit.value)


def _label(component: Component) -> Limit | None:
    value = component.label_max_session_micro
    return None if value is None else Limit(value, LABEL_SOURCE, "label", Severity.BLOCK)


def concentration_limit(case: Case, ingredient: Ingredient, component: Component) -> Limit | None:
    """The highest final concentration of a line; None where it is not known.

    An area's own maximum wins over everything, the strictest of the treated areas; then the
    product's label, then the ingredient.
    """
    in_areas = [
        each.limit
        for each in ingredient.area_concentrations
        if any(within(case, area, each.area) for area in treated_areas(case))
    ]
    if in_areas:
        return of(min(in_areas, key=lambda figure: figure.value), Severity.OVERRIDE)
    if component.label_max_concentration_milli is not None:
        return Limit(
            component.label_max_concentration_milli, LABEL_SOURCE, "label", Severity.OVERRIDE
        )
    figure = ingredient.max_concentration_milli
    return None if figure is None else of(figure, Severity.OVERRIDE)


def weight_limit(case: Case, dose: SessionDose) -> Limit | None:
    """The smaller of the session's maximum and what the body weight allows.

    The value is in millionths of the unit, times 1000: mg/kg times grams. None where neither
    is known, or the weight is needed and missing.
    """
    limit = session_limit(dose)
    known = dose.ingredient
    per_kg = known.max_per_kg_micro if known else None
    weight = case.facts.patient.weight_g if case.facts.patient else None
    by_session = None if limit is None else Limit(
        limit.value * 1000, limit.source, limit.evidence, Severity.BLOCK
    )  # fmt: skip
    if per_kg is None:
        return by_session
    if weight is None:
        return None
    by_weight = Limit(per_kg.value * weight, per_kg.source, per_kg.evidence, Severity.BLOCK)
    if by_session is None or by_weight.value < by_session.value:
        return by_weight
    return by_session


def fraction_of(dose: Fraction, limit: Limit) -> Fraction:
    """Which part of a weight limit a dose uses up; an allowed maximum of 0 counts as all."""
    if limit.value <= 0:
        return Fraction(1_000_000) if dose else Fraction(0)
    return dose * 1000 / limit.value
