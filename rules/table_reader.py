"""Reading the tables of a rule-set document beside the ingredients."""

from rules.finding import Severity
from rules.ingredient import Figure
from rules.reading import Row
from rules.tables import (
    Area,
    Contraindication,
    Diagnosis,
    Effect,
    Escalation,
    Pair,
    ReportingClock,
    Technique,
    WashOut,
)
from rules.units import EVIDENCE

VOLUME = {"mL": 3}
DEPTH = {"mm": 3}
SPACING = {"cm": 4}
DAYS = {"d": 0}
CONDITIONS = (
    "preservative_free",
    "vehicle_not_covered",
    "above_solubility",
    "no_isotonic_partner",
    "oil",
    "not_one_in_ten_with_lidocaine",
    "no_stability_statement",
)
"""What a pair may depend on beside the two ingredients; `mixing` knows each word."""
LEVELS = ("absolute", "relative", "precaution")
"""How much a general contraindication weighs: it blocks, asks for an override, or is told."""
_NOTHING = Figure(0, "", "unsure")


def _required(row: Row, key: str, scales: dict[str, int]) -> Figure:
    return row.figure(key, scales, required=True) or _NOTHING


def read_pair(row: Row) -> Pair:
    """One row of the pair table."""
    condition = row.text("condition", required=False) or None
    if condition is not None and condition not in CONDITIONS:
        row.note("condition", f"must be one of {', '.join(CONDITIONS)}")
    return Pair(
        id=row.text("id"),
        a=row.words("a"),
        b=row.words("b"),
        unless=row.words("unless"),
        scope=row.one_of("scope", ("syringe", "visit")),
        medications=row.words("medications"),
        condition=condition,
        checked_by=row.text("checked_by", required=False) or None,
        severity=row.choice("severity", Severity, Severity.BLOCK),
        what=row.text("what"),
        source=row.text("source"),
        evidence=row.one_of("evidence", EVIDENCE),
    )


def read_area(row: Row) -> Area:
    """One row of the area table."""
    row.text("typical_cm2", required=False)
    row.text("note", required=False)
    return Area(
        code=row.text("code"),
        name=row.text("name"),
        parent=row.text("parent", required=False) or None,
        sided=row.flag("sided"),
        max_volume_ul=_required(row, "max_volume", VOLUME),
        product_volumes=tuple(row.rows("product_volumes", _read_product_volume, required=False)),
        max_depth_um=_required(row, "max_depth", DEPTH),
        min_spacing_um=_required(row, "min_spacing", SPACING),
    )


def _read_product_volume(row: Row) -> tuple[str, Figure]:
    return row.text("ingredient"), _required(row, "limit", VOLUME)


def read_technique(row: Row) -> Technique:
    """One row of the technique table; the words for people are not compared by any rule."""
    for told in ("depth_usual", "angle", "needle", "per_point", "spacing", "use"):
        row.text(told, required=False)
    return Technique(
        code=row.text("code"),
        name=row.text("name"),
        max_depth_um=row.figure("max_depth", DEPTH),
        max_point_ul=row.figure("max_point", VOLUME),
        min_spacing_um=row.figure("min_spacing", SPACING),
    )


def read_wash_out(row: Row) -> WashOut:
    """One row of the wash-out table."""
    return WashOut(
        code=row.text("code"),
        name=row.text("name"),
        days=_required(row, "days", DAYS),
        same_area=row.flag("same_area"),
        with_ingredients=row.words("with_ingredients"),
        confounder_days=row.whole("confounder_days"),
    )


def read_diagnosis(row: Row) -> Diagnosis:
    """One row of the suitability table."""
    return Diagnosis(
        icd10=row.text("icd10"),
        name=row.text("name"),
        suitability=row.one_of("suitability", ("suitable", "relative", "not_suitable")),
        why=row.text("why"),
        source=row.text("source"),
        evidence=row.one_of("evidence", EVIDENCE),
    )


def read_effect(row: Row) -> Effect:
    """One row of the side-effect catalogue."""
    return Effect(
        code=row.text("code"),
        name=row.text("name"),
        ctcae_terms=row.words("ctcae_terms"),
        meddra=row.words("meddra"),
        snomed=row.words("snomed"),
        frequency=row.text("frequency"),
        onset_from=row.whole("onset_from"),
        onset_to=row.whole("onset_to"),
        onset_text=row.text("onset_text", required=False),
        end_days=row.whole("end_days"),
        end_text=row.text("end_text", required=False),
        ends_after=row.one_of("ends_after", ("session", "onset")),
        may_be_permanent=row.flag("may_be_permanent"),
        red_flag=row.text("red_flag", required=False),
        kinds=row.words("kinds"),
        source=row.text("source"),
        evidence=row.one_of("evidence", EVIDENCE),
    )


def read_escalation(row: Row) -> Escalation:
    """One row of the escalation table."""
    return Escalation(
        trigger=row.text("trigger"),
        name=row.text("name"),
        effect=row.one_of("effect", ("none", "task", "hold", "block")),
        scopes=row.words("scopes"),
        release_role=row.text("release_role", required=False) or None,
        release_criteria=row.text("release_criteria", required=False),
        release_after_days=row.whole("release_after_days"),
        target=row.text("target"),
        target_hours=row.whole("target_hours"),
        target_working_days=row.whole("target_working_days"),
        tasks=row.words("tasks"),
        source=row.text("source"),
        evidence=row.one_of("evidence", EVIDENCE),
    )


def read_clock(row: Row) -> ReportingClock:
    """One reporting clock."""
    return ReportingClock(
        code=row.text("code"), name=row.text("name"), days=_required(row, "days", DAYS)
    )


def read_contraindication(row: Row) -> Contraindication:
    """One row of the general contraindications; `with`: `*` for any formula."""
    return Contraindication(
        id=row.text("id"),
        condition=row.text("condition"),
        level=row.one_of("level", LEVELS),
        ingredients=row.words("with"),
        what=row.text("what"),
        source=row.text("source"),
        evidence=row.one_of("evidence", EVIDENCE),
    )
