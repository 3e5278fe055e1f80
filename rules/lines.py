"""The lines of a formula, and the dose of an ingredient that they add up to."""

from dataclasses import dataclass
from fractions import Fraction

from rules.facts import Component
from rules.ingredient import Ingredient


@dataclass(frozen=True, slots=True)
class Line:
    """A formula line with what is known of its ingredient.

    code: the ingredient's own code, aliases and salts resolved. dose_micro: of the whole line;
    None where its strength or volume is missing.
    """

    index: int
    component: Component
    code: str
    ingredient: Ingredient | None
    dose_micro: int | None


@dataclass(frozen=True, slots=True)
class SessionDose:
    """All of one ingredient in the session, over lines, syringes and areas.

    dose: millionths of the unit, exact; None where it cannot be reckoned.
    """

    code: str
    ingredient: Ingredient | None
    dose: Fraction | None
    lines: tuple[Line, ...]
