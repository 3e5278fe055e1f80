"""Rules on how the needle is used: how much per point, how deep, how close together."""

from dataclasses import replace
from fractions import Fraction

from rules import wording
from rules.areas import area_details, area_pointer, each_area
from rules.arithmetic import rounded_text
from rules.case import Case
from rules.facts import PlannedArea
from rules.finding import Fault, Severity, fail, unknown
from rules.ingredient import Figure
from rules.registry import PRESCRIBER, Answer, rule
from rules.stage import Stage

_OVERRIDE, _WARN, _INFO = Severity.OVERRIDE, Severity.WARN, Severity.INFO
_STAGES = (Stage.PLAN_ACTIVATION, Stage.ADMINISTRATION)


def _place(case: Case, area: PlannedArea) -> str:
    """The area's name; its code where the figures do not know it."""
    known = case.figures.areas.get(area.area)
    return known.name if known is not None else area.area


@rule(
    "VOL-POINT-MAX",
    26,
    title="Too much volume per point",
    why="A large drop under tension hurts and injures the tissue.",
    stages=_STAGES,
    severities=(_OVERRIDE, _WARN),
    if_missing=_WARN,
    remedy="More points or less volume",
    source="section 3.1 (point-by-point 0.05 mL)",
    evidence="convention",
    passing="2.0 mL in 40 points: 0.0500 mL",
    failing="2.0 mL in 38 points: 0.0526 mL",
    override_role=PRESCRIBER,
)
def volume_per_point(case: Case) -> Answer:
    """Volume over points against the technique's maximum, and the ingredient's own.

    A plan for several areas is judged by its whole volume over all its points.
    """
    areas, plan = area_details(case), case.facts.plan
    if case.stage is Stage.PLAN_ACTIVATION and len(areas) > 1 and plan is not None:
        names = wording.listed([area.area for area in areas])
        whole = replace(areas[0], area=names, volume_ul=case.given_ul, points=plan.points)
        fault = _point_fault(case, whole, 0)
        return () if fault is None else (fault,)
    return each_area(case, _point_fault)


def _point_fault(case: Case, area: PlannedArea, place: int) -> Fault | None:
    limit = _point_limit(case, area)
    if limit is None:
        known = area.technique in case.figures.techniques
        named = _place(case, area)
        text = f"{named}: the technique is not stated, so the volume per point is unchecked."
        return None if known else unknown(_WARN, text, area_pointer(case, place, "technique"))
    if area.volume_ul is None or not area.points:
        text = f"{_place(case, area)}: the volume or the number of points is not stated."
        return unknown(_WARN, text, area_pointer(case, place, "points"))
    if area.volume_ul <= limit.value * area.points:
        return None
    measured = wording.thousandths(Fraction(area.volume_ul, area.points))
    most = wording.thousandths(limit.value)
    return fail(
        _OVERRIDE,
        f"{_place(case, area)}: {measured} mL per point; the maximum is {most} mL.",
        area_pointer(case, place, "points"),
        measured=measured,
        limit=most,
        unit="mL",
        source=limit.source,
        evidence=limit.evidence,
    )


def _point_limit(case: Case, area: PlannedArea) -> Figure | None:
    """The strictest of the technique's and the ingredients' own maxima per point."""
    technique = case.figures.techniques.get(area.technique or "")
    found = [technique.max_point_ul] if technique is not None else []
    if technique is None:
        return None
    found += [line.ingredient.max_point_ul for line in case.lines if line.ingredient]
    stated = [figure for figure in found if figure is not None]
    return min(stated, key=lambda figure: figure.value, default=None)


@rule(
    "TECH-DEPTH-MAX",
    28,
    title="Deeper than technique or area allow",
    why="Below the dermis lie vessels and nerves.",
    stages=_STAGES,
    severities=(_OVERRIDE, _WARN),
    if_missing=_WARN,
    remedy="Use a 4 mm needle",
    source="review [KON-2013] (at most 4 mm)",
    evidence="review",
    passing="4.0 mm point by point in the scalp",
    failing="4.5 mm point by point in the scalp",
    override_role=PRESCRIBER,
)
def maximum_depth(case: Case) -> Answer:
    """Depth against the smaller of technique and area; equal passes."""
    return each_area(case, _depth_fault)


def _depth_fault(case: Case, area: PlannedArea, place: int) -> Fault | None:
    technique = case.figures.techniques.get(area.technique or "")
    row = case.figures.areas.get(area.area)
    if area.depth_um is None or technique is None or row is None:
        named = _place(case, area)
        text = f"{named}: depth, technique or area is not stated, so the depth is unchecked."
        return unknown(_WARN, text, area_pointer(case, place, "depth_mm"))
    found = [each for each in (technique.max_depth_um, row.max_depth_um) if each is not None]
    limit = min(found, key=lambda figure: figure.value)
    if area.depth_um <= limit.value:
        return None
    measured, most = wording.thousandths(area.depth_um), wording.thousandths(limit.value)
    return fail(
        _OVERRIDE,
        f"{_place(case, area)}: {measured} mm deep; the maximum is {most} mm.",
        area_pointer(case, place, "depth_mm"),
        measured=measured,
        limit=most,
        unit="mm",
        source=limit.source,
        evidence=limit.evidence,
    )


@rule(
    "TECH-POINT-DENSITY",
    29,
    title="Points too close together",
    why="Points that touch give one place a multiple of its dose.",
    stages=_STAGES,
    severities=(_WARN, _INFO),
    if_missing=_INFO,
    remedy="Increase spacing",
    source="label 1 cm grid [DCA-LBL]; scalp 1–2 cm [BR-TECH]",
    evidence="convention",
    passing="40 points on 40 cm² at 1 cm",
    failing="41 points on 40 cm² at 1 cm",
)
def point_density(case: Case) -> Answer:
    """Points against the whole part of area / spacing²."""
    return each_area(case, _density_fault)


def _density_fault(case: Case, area: PlannedArea, place: int) -> Fault | None:
    spacing = _spacing(case, area)
    if spacing is None or not area.area_cm2_hundredths or area.points is None:
        text = f"{_place(case, area)}: the marked area or the number of points is not stated."
        return unknown(_INFO, text, area_pointer(case, place, "points"))
    most = area.area_cm2_hundredths * 1_000_000 // spacing.value**2  # 0.01 cm² is 10^6 um²
    if area.points <= most:
        return None
    return fail(
        _WARN,
        f"{_place(case, area)}: {area.points} points on"
        f" {wording.thousandths(area.area_cm2_hundredths * 10)} cm²;"
        f" at {rounded_text(Fraction(spacing.value, 10_000))} cm apart there is room for {most}.",
        area_pointer(case, place, "points"),
        measured=str(area.points),
        limit=str(most),
        unit="points",
        source=spacing.source,
        evidence=spacing.evidence,
    )


def _spacing(case: Case, area: PlannedArea) -> Figure | None:
    """The technique's own grid where it has one (nappage is finer), else the area's."""
    technique = case.figures.techniques.get(area.technique or "")
    row = case.figures.areas.get(area.area)
    if technique is not None and technique.min_spacing_um is not None:
        return technique.min_spacing_um
    return row.min_spacing_um if row is not None else None
