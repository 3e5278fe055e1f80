"""The figures of one ingredient: limits, classes and warnings, as exact integers."""

from dataclasses import dataclass
from enum import StrEnum

from rules.finding import Severity


class Status(StrEnum):
    """Whether an ingredient may be used at all; `prohibited` has no override."""

    ALLOWED = "allowed"
    RESTRICTED = "restricted"
    PROHIBITED = "prohibited"


class Role(StrEnum):
    """What an ingredient does in a mixture; only actives and additives must have a limit."""

    ACTIVE = "active"
    DILUENT = "diluent"
    BUFFER = "buffer"
    ADDITIVE = "additive"


@dataclass(frozen=True, slots=True)
class Figure:
    """One sourced number.

    value: an exact integer in the scale of its use: thousandths of the unit per mL for a
    concentration, millionths of the unit for a dose (also per kg and per cm²), whole days.
    loosenable: False marks a hard ceiling, which a clinic may tighten but never raise.
    """

    value: int
    source: str
    evidence: str
    loosenable: bool = True


@dataclass(frozen=True, slots=True)
class AreaLimit:
    """A maximum concentration that holds in one area only, thousandths of the unit per mL."""

    area: str
    limit: Figure


@dataclass(frozen=True, slots=True)
class Ingredient:
    """What the rules know of one ingredient. A limit of None is "not known", never "unlimited".

    unit: the amount unit (mg, ug, IU, U, mL) in which doses and concentrations are counted.
    attributes: words that mixing pairs match, such as `local_anaesthetic` or `metal_salt`.
    composition_known: False where the maker does not say what is inside.
    """

    code: str
    name: str
    category: str
    status: Status
    unit: str
    role: Role = Role.ACTIVE
    aliases: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    composition_known: bool = True
    max_concentration_milli: Figure | None = None
    ceiling_concentration_milli: Figure | None = None
    area_concentrations: tuple[AreaLimit, ...] = ()
    max_session_micro: Figure | None = None
    ceiling_session_micro: Figure | None = None
    session_severity: Severity = Severity.OVERRIDE
    max_per_kg_micro: Figure | None = None
    cumulative_max_micro: Figure | None = None
    cumulative_window_days: Figure | None = None
    min_interval_days: Figure | None = None
    max_sessions: Figure | None = None
    max_per_cm2_micro: Figure | None = None
    max_point_ul: Figure | None = None
    solubility_milli: Figure | None = None
    donation_deferral_days: Figure | None = None
    allergy_classes: tuple[str, ...] = ()
    vehicle_classes: tuple[str, ...] = ()
    contra_block: tuple[str, ...] = ()
    contra_override: tuple[str, ...] = ()
    interactions: tuple[str, ...] = ()
    allowed_areas: tuple[str, ...] = ()
    denied_areas: tuple[str, ...] = ()
    admix_allowed: tuple[str, ...] = ()
    indications: tuple[str, ...] = ()
    lab_interference: tuple[str, ...] = ()
    source: str = ""
    evidence: str = "unsure"

    def has(self, attribute: str) -> bool:
        """Whether the ingredient carries that attribute."""
        return attribute in self.attributes
