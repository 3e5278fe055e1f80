"""The areas of a case: which they are, how each is treated, where each stands in the request."""

from collections.abc import Callable

from rules.case import Case
from rules.facts import PlannedArea
from rules.finding import Fault
from rules.registry import NOT_APPLICABLE, Answer
from rules.stage import Stage

Check = Callable[[Case, PlannedArea, int], Fault | None]


def treated_areas(case: Case) -> tuple[str, ...]:
    """The codes of the areas concerned: administered, else planned, else the formula's own."""
    facts = case.facts
    if facts.administration is not None:
        return tuple(dict.fromkeys(area.area for area in facts.administration.areas))
    if facts.plan is not None and facts.plan.areas:
        return tuple(dict.fromkeys(area.area for area in facts.plan.areas))
    return facts.formula.areas if facts.formula is not None else ()


def area_details(case: Case) -> tuple[PlannedArea, ...]:
    """How each area is treated: as administered, else as planned; may be empty."""
    if case.facts.administration is not None:
        return case.facts.administration.areas
    return case.facts.plan.areas if case.facts.plan is not None else ()


def within(case: Case, area: str, whole: str) -> bool:
    """Whether an area is that whole or lies in it; an unknown area lies only in itself."""
    if area == whole:
        return True
    row = case.figures.areas.get(area)
    return row is not None and row.parent == whole


def each_area(case: Case, check: Check) -> Answer:
    """One check per area; each gets its place in the request."""
    areas = area_details(case)
    if not areas:
        return NOT_APPLICABLE
    found = (check(case, area, place) for place, area in enumerate(areas))
    return tuple(fault for fault in found if fault is not None)


def area_pointer(case: Case, place: int, field: str) -> str:
    """Where the field stands: of each area in an administration, once for all in a plan."""
    if case.stage is Stage.PLAN_ACTIVATION:
        at = {"area": f"areas/{place}", "volume_ml": "volume_per_session_ml"}
        return f"/{at.get(field, field)}"
    return f"/areas/{place}/{field}"
