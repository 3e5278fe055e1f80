"""Rules on how it is injected: volume per point and area, depth, spacing of points."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from rules import limits, wording
from rules.arithmetic import rounded_text
from rules.case import Case
from rules.facts import PlannedArea
from rules.finding import Fault, Severity, fail, unknown
from rules.ingredient import Figure
from rules.registry import NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage

_BLOCK, _OVERRIDE, _WARN, _INFO = Severity
_STAGES = (Stage.PLAN_ACTIVATION, Stage.ADMINISTRATION)
_Check = Callable[[Case, PlannedArea, int], Fault | None]


def _each_area(case: Case, check: _Check) -> Answer:
    """One check per area; each gets its place in the request."""
    areas = limits.area_details(case)
    if not areas:
        return NOT_APPLICABLE
    found = (check(case, area, place) for place, area in enumerate(areas))
    return tuple(fault for fault in found if fault is not None)


def _pointer(case: Case, place: int, field: str) -> str:
    """Where the field stands: of each area in an administration, once for all in a plan."""
    if case.stage is Stage.PLAN_ACTIVATION:
        at = {"area": f"areas/{place}", "volume_ml": "volume_per_session_ml"}
        return f"/{at.get(field, field)}"
    return f"/areas/{place}/{field}"


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
    """Volume over points against the technique's maximum, and the ingredient's own."""
    return _each_area(case, _point_fault)


def _point_fault(case: Case, area: PlannedArea, place: int) -> Fault | None:
    limit = _point_limit(case, area)
    if limit is None:
        known = area.technique in case.figures.techniques
        text = f"{area.area}: the technique is not stated, so the volume per point is unchecked."
        return None if known else unknown(_WARN, text, _pointer(case, place, "technique"))
    if area.volume_ul is None or not area.points:
        text = f"{area.area}: the volume or the number of points is not stated."
        return unknown(_WARN, text, _pointer(case, place, "points"))
    if area.volume_ul <= limit.value * area.points:
        return None
    measured = wording.thousandths(Fraction(area.volume_ul, area.points))
    most = wording.thousandths(limit.value)
    return fail(
        _OVERRIDE,
        f"{area.area}: {measured} mL per point; the maximum is {most} mL.",
        _pointer(case, place, "points"),
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
    "VOL-AREA-MAX",
    27,
    title="Too much volume in one area",
    why="Too much fluid swells, and on the frontal scalp it sinks to the eyes.",
    stages=_STAGES,
    severities=(_OVERRIDE, _WARN),
    if_missing=_WARN,
    remedy="Split over sessions",
    source="`unsure`: RCTs used 2 mL, PRP consensus 5–7 mL",
    evidence="unsure",
    passing="5.0 mL in the whole scalp",
    failing="5.1 mL in the whole scalp",
    override_role=PRESCRIBER,
)
def volume_per_area(case: Case) -> Answer:
    """Sum per area and side, and per whole of which it is a part; equal passes."""
    areas = limits.area_details(case)
    if not areas:
        return NOT_APPLICABLE
    faults: list[Fault] = []
    for place, area in enumerate(areas):
        if area.area not in case.figures.areas:
            text = f"{area.area} is no area that is known here."
            faults.append(unknown(_WARN, text, _pointer(case, place, "area")))
    areas = _planned_volume(case, areas)
    for code, side in _wholes(case, areas):
        fault = _volume_fault(case, areas, code, side)
        if fault is not None:
            faults.append(fault)
    return tuple(faults)


def _planned_volume(case: Case, areas: tuple[PlannedArea, ...]) -> tuple[PlannedArea, ...]:
    """A plan states one volume for the session; with a single area, it is that area's."""
    if case.facts.administration is None and len(areas) == 1 and areas[0].volume_ul is None:
        return (replace(areas[0], volume_ul=case.given_ul),)
    return areas


def _wholes(case: Case, areas: tuple[PlannedArea, ...]) -> list[tuple[str, str | None]]:
    """Each treated area (by side where it has sides) and each whole above it, once."""
    found: dict[tuple[str, str | None], None] = {}
    for area in areas:
        row = case.figures.areas.get(area.area)
        if row is not None:
            found[row.code, area.side if row.sided else None] = None
            if row.parent is not None:
                found[row.parent, None] = None
    return sorted(found, key=lambda each: (each[0], each[1] or ""))


def _volume_fault(
    case: Case, areas: tuple[PlannedArea, ...], code: str, side: str | None
) -> Fault | None:
    row = case.figures.areas[code]
    mine = [
        (place, area)
        for place, area in enumerate(areas)
        if limits.within(case, area.area, code) and (not row.sided or area.side == side)
    ]
    pointer = _pointer(case, mine[0][0], "volume_ml")
    volumes = [area.volume_ul for _, area in mine]
    limit = _area_limit(case, code)
    if None in volumes:
        planned = case.given_ul if case.stage is Stage.PLAN_ACTIVATION else None
        if planned is not None and planned <= limit.value:
            return None  # however it is split, no area gets more than all of it
        return unknown(_WARN, f"{code}: the volume is not stated.", pointer)
    total = sum(volume for volume in volumes if volume is not None)
    if total <= limit.value:
        return None
    where = f"{code} ({side})" if side else code
    measured, most = wording.thousandths(total), wording.thousandths(limit.value)
    return fail(
        _OVERRIDE,
        f"{where}: {measured} mL in this session; the maximum is {most} mL.",
        pointer,
        measured=measured,
        limit=most,
        unit="mL",
        source=limit.source,
        evidence=limit.evidence,
    )


def _area_limit(case: Case, code: str) -> Figure:
    """The area's ceiling; another one where all that is given is a product that has its own."""
    row, actives = case.figures.areas[code], {line.code for line in case.actives}
    for ingredient, limit in row.product_volumes:
        if actives == {ingredient}:
            return limit
    return row.max_volume_ul


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
    return _each_area(case, _depth_fault)


def _depth_fault(case: Case, area: PlannedArea, place: int) -> Fault | None:
    technique = case.figures.techniques.get(area.technique or "")
    row = case.figures.areas.get(area.area)
    if area.depth_um is None or technique is None or row is None:
        text = f"{area.area}: depth, technique or area is not stated, so the depth is unchecked."
        return unknown(_WARN, text, _pointer(case, place, "depth_mm"))
    found = [each for each in (technique.max_depth_um, row.max_depth_um) if each is not None]
    limit = min(found, key=lambda figure: figure.value)
    if area.depth_um <= limit.value:
        return None
    measured, most = wording.thousandths(area.depth_um), wording.thousandths(limit.value)
    return fail(
        _OVERRIDE,
        f"{area.area}: {measured} mm deep; the maximum is {most} mm.",
        _pointer(case, place, "depth_mm"),
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
    return _each_area(case, _density_fault)


def _density_fault(case: Case, area: PlannedArea, place: int) -> Fault | None:
    spacing = _spacing(case, area)
    if spacing is None or not area.area_cm2_hundredths or area.points is None:
        text = f"{area.area}: the marked area or the number of points is not stated."
        return unknown(_INFO, text, _pointer(case, place, "points"))
    most = area.area_cm2_hundredths * 1_000_000 // spacing.value**2  # 0.01 cm² is 10^6 um²
    if area.points <= most:
        return None
    return fail(
        _WARN,
        f"{area.area}: {area.points} points on {wording.thousandths(area.area_cm2_hundredths * 10)}"
        f" cm²; at {rounded_text(Fraction(spacing.value, 10_000))} cm apart there is room "
        f"for {most}.",
        _pointer(case, place, "points"),
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
