"""Rule on how much is injected into an area.

A plan states one volume for all its areas together. Where the rule can be answered for the whole
it is; where the answer hangs on how the volume is split, that is told as unknown.
"""

from dataclasses import replace

from rules import wording
from rules.areas import area_details, area_pointer, within
from rules.case import Case
from rules.facts import PlannedArea
from rules.finding import Fault, Severity, fail, unknown
from rules.ingredient import Figure
from rules.registry import NOT_APPLICABLE, PRESCRIBER, Answer, rule
from rules.stage import Stage

_OVERRIDE, _WARN = Severity.OVERRIDE, Severity.WARN
_STAGES = (Stage.PLAN_ACTIVATION, Stage.ADMINISTRATION)


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
    """Sum per area and side, and per whole of which it is a part; equal passes.

    A plan for several areas states their volume together. It passes where any split would, and
    fails where none could: above what the whole, or all its areas, may hold. Between the two it
    is unknown.
    """
    areas = area_details(case)
    if not areas:
        return NOT_APPLICABLE
    strange: list[Fault] = []
    for place, area in enumerate(areas):
        if area.area not in case.figures.areas:
            text = f"{area.area} is no area that is known here."
            strange.append(unknown(_WARN, text, area_pointer(case, place, "area")))
    areas = _planned_volume(case, areas)
    together = _unsplit(case, areas)
    if together is not None and (fault := _excess(case, areas, together)) is not None:
        return (*strange, fault)
    found = (_volume_fault(case, areas, *each, together) for each in _wholes(case, areas))
    return (*strange, *(fault for fault in found if fault is not None))


def _unsplit(case: Case, areas: tuple[PlannedArea, ...]) -> int | None:
    """The volume of a plan that does not say which area gets how much of it."""
    silent = any(area.volume_ul is None for area in areas)
    return case.given_ul if silent and case.stage is Stage.PLAN_ACTIVATION else None


def _excess(case: Case, areas: tuple[PlannedArea, ...], together: int) -> Fault | None:
    """The finding where no split would pass: more than all the areas have room for."""
    rooms = _rooms(case, areas)
    if rooms is None or together <= (room := sum(each.value for each in rooms)):
        return None
    measured, most = wording.thousandths(together), wording.thousandths(room)
    names = wording.listed([area.area for area in areas])
    return fail(
        _OVERRIDE,
        f"{names}: {measured} mL together in this session; however it is split, there is room for "
        f"{most} mL.",
        area_pointer(case, 0, "volume_ml"),
        measured=measured,
        limit=most,
        unit="mL",
        source=rooms[0].source if len(rooms) == 1 else None,
        evidence=rooms[0].evidence if len(rooms) == 1 else None,
    )


def _rooms(case: Case, areas: tuple[PlannedArea, ...]) -> list[Figure] | None:
    """The ceilings that bound the areas together; None where an area is not known.

    Parts of one whole are bounded by it, and by the sum of their own where that is less. A sided
    area whose side is not stated has room on both.
    """
    parts: dict[str, dict[str, PlannedArea]] = {}
    for area in areas:
        row = case.figures.areas.get(area.area)
        if row is None:
            return None
        parts.setdefault(row.parent or row.code, {})[row.code] = area
    rooms: list[Figure] = []
    for whole, mine in parts.items():
        own = [figure for area in mine.values() for figure in _on_each_side(case, area)]
        bound = _area_limit(case, whole)
        if whole in mine or sum(figure.value for figure in own) > bound.value:
            rooms.append(bound)
        else:
            rooms += own
    return rooms


def _on_each_side(case: Case, area: PlannedArea) -> list[Figure]:
    both = case.figures.areas[area.area].sided and area.side is None
    return [_area_limit(case, area.area)] * (2 if both else 1)


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
    case: Case,
    areas: tuple[PlannedArea, ...],
    code: str,
    side: str | None,
    together: int | None,
) -> Fault | None:
    row = case.figures.areas[code]
    mine = [
        (place, area)
        for place, area in enumerate(areas)
        if within(case, area.area, code) and (not row.sided or area.side == side)
    ]
    pointer = area_pointer(case, mine[0][0], "volume_ml")
    volumes = [area.volume_ul for _, area in mine]
    limit = _area_limit(case, code)
    if None in volumes:
        return _share_unknown(code, together, limit, pointer)
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


def _share_unknown(code: str, together: int | None, limit: Figure, pointer: str) -> Fault | None:
    """An area's share of a volume that is stated for all areas together, or not at all."""
    if together is None:
        return unknown(_WARN, f"{code}: the volume is not stated.", pointer)
    if together <= limit.value:
        return None  # however it is split, no area gets more than all of it
    text = (
        f"{code}: which part of {wording.thousandths(together)} mL it gets is not stated; the "
        f"maximum is {wording.thousandths(limit.value)} mL."
    )
    return unknown(_WARN, text, pointer)


def _area_limit(case: Case, code: str) -> Figure:
    """The area's ceiling; another one where all that is given is a product that has its own."""
    row, actives = case.figures.areas[code], {line.code for line in case.actives}
    for ingredient, limit in row.product_volumes:
        if actives == {ingredient}:
            return limit
    return row.max_volume_ul
