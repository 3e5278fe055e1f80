"""The tables of a rule set beside the ingredients: one small value per row."""

from dataclasses import dataclass

from rules.finding import Severity
from rules.ingredient import Figure


@dataclass(frozen=True, slots=True)
class Pair:
    """Two things that must not be mixed, and what happens if they are.

    a, b: selectors; any of each. A code matches an ingredient, `@word` an attribute, `#CLASS`
    an excipient or allergy class of the product, `*` anything. unless: selectors that b spares.
    scope: `syringe`, or `visit` where it also fires across syringes.
    medications: current medicines that count as b.
    condition: None, or a word that `mixing` knows.
    checked_by: another rule that already answers for this pair.
    """

    id: str
    a: tuple[str, ...]
    b: tuple[str, ...]
    unless: tuple[str, ...]
    scope: str
    medications: tuple[str, ...]
    condition: str | None
    checked_by: str | None
    severity: Severity
    what: str
    source: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Area:
    """A body area. parent: the whole it belongs to. sided: ceilings hold for each side.

    Volumes in uL, depth and spacing in um. product_volumes: other ceilings, by ingredient.
    """

    code: str
    name: str
    parent: str | None
    sided: bool
    max_volume_ul: Figure
    product_volumes: tuple[tuple[str, Figure], ...]
    max_depth_um: Figure
    min_spacing_um: Figure


@dataclass(frozen=True, slots=True)
class Technique:
    """A way of injecting; None where the technique sets no such limit."""

    code: str
    name: str
    max_depth_um: Figure | None
    max_point_ul: Figure | None
    min_spacing_um: Figure | None


@dataclass(frozen=True, slots=True)
class WashOut:
    """How long after another therapy a session must wait, in days.

    same_area: only in the area treated. with_ingredients: only formulas that hold one of
    these; empty: any formula. confounder_days: how long it clouds the shedding statistics.
    """

    code: str
    name: str
    days: Figure
    same_area: bool
    with_ingredients: tuple[str, ...]
    confounder_days: int | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Whether a diagnosis may be treated: `suitable`, `relative` or `not_suitable`.

    icd10: a code, which also stands for all below it.
    """

    icd10: str
    name: str
    suitability: str
    why: str
    source: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Effect:
    """A side effect of the catalogue with its windows, in days since the latest session.

    onset_from, onset_to: inclusive; None where not known. end_days: by when it is expected to
    be over; `ends_after` says from what: `session` or `onset`; None: no usual end.
    onset_text, end_text: the same as the catalogue words it.
    kinds: words such as `allergy`, `nodule`, `shedding`, that escalation reads.
    """

    code: str
    name: str
    ctcae_terms: tuple[str, ...]
    meddra: tuple[str, ...]
    snomed: tuple[str, ...]
    frequency: str
    onset_from: int | None
    onset_to: int | None
    onset_text: str
    end_days: int | None
    end_text: str
    ends_after: str
    may_be_permanent: bool
    red_flag: str
    kinds: tuple[str, ...]
    source: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Escalation:
    """One row of the escalation table: what a trigger does to the plan, and who may undo it.

    effect: `none`, `task`, `hold` or `block`. scopes: what is held. release_role: who may
    release. target: in words; target_hours: the same as hours where it is a span of time,
    target_working_days: as working days of the clinic. release_after_days: how long the effect
    must be over before anybody but the medical director may release.
    """

    trigger: str
    name: str
    effect: str
    scopes: tuple[str, ...]
    release_role: str | None
    release_criteria: str
    release_after_days: int | None
    target: str
    target_hours: int | None
    target_working_days: int | None
    tasks: tuple[str, ...]
    source: str
    evidence: str


@dataclass(frozen=True, slots=True)
class ReportingClock:
    """A due date for reporting a case, in calendar days after day 0."""

    code: str
    name: str
    days: Figure


@dataclass(frozen=True, slots=True)
class Contraindication:
    """A condition that speaks against treatment as such, or with some ingredients.

    level: `absolute`, `relative` or `precaution`. ingredients: codes, `@word` for an attribute,
    or `*` for any formula.
    """

    id: str
    condition: str
    level: str
    ingredients: tuple[str, ...]
    what: str
    source: str
    evidence: str
