"""Choose a place for every affected session so that the whole costs least.

The greedy plan is made first and stands if nothing better is found in time. HiGHS then solves the
relaxed problem, in which a session may be split over places. Its prices say how much each place
must cost the whole at the least; a place that could not be part of a plan better than the one at
hand is left out, and the few that remain are solved exactly. So the answer is the best of all
places, not of a sample, and the bound that it is compared with holds for all of them.

The same input gives the same answer as long as the time suffices; when it does not, that is said.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from importlib.util import find_spec

from api.solving.greedy import greedy
from api.solving.placing import (
    PATIENT_MOVED,
    WITHOUT_PLACE,
    Affected,
    Choice,
    cost_of,
)

GREEDY, HIGHS = "greedy", "highs"
_FIRST_LOOK = 4_000  # places that the first exact solve looks at
_LEAST_SECONDS = 0.2  # too little to begin another solve

Elapsed = Callable[[], float]
"""Seconds since the solving began."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A sound choice, and how good it is at the least.

    objective: its cost. bound: what no choice can cost less than. planner: who found it.
    in_time: whether the work was done when it was stopped; always so for the greedy plan where no
    solver is installed.
    """

    choice: Choice
    objective: int
    bound: int
    planner: str
    in_time: bool

    @property
    def optimal(self) -> bool:
        """Whether nothing better exists among the places given."""
        return self.bound >= self.objective

    @property
    def gap(self) -> Decimal:
        """How far the best conceivable may lie below, as a part of the objective; rounded up."""
        if self.optimal or self.objective == 0:
            return Decimal("0.0000")
        part = Decimal(self.objective - self.bound) / Decimal(self.objective)
        return part.quantize(Decimal("0.0001"), ROUND_UP)


def solver_installed() -> bool:
    """Whether HiGHS is there; without it the greedy plan is what there is."""
    return find_spec("scipy") is not None


def least_cost(sessions: Sequence[Affected]) -> int:
    """What each session costs at its best place if nobody else wanted any: a bound by itself."""
    cost = 0
    always_moved: dict[str, bool] = {}
    for session in sessions:
        cost += min((place.cost for place in session.places), default=WITHOUT_PLACE)
        stays = any(not place.moved for place in session.places) or not session.places
        always_moved[session.patient] = always_moved.get(session.patient, False) or not stays
    return cost + PATIENT_MOVED * sum(always_moved.values())


def solve(sessions: Sequence[Affected], seconds: float, elapsed: Elapsed) -> Solution:
    """The best choice found within the seconds, at least as good as the greedy one."""
    choice = greedy(sessions)
    found = Solution(choice, cost_of(sessions, choice), least_cost(sessions), GREEDY, True)
    if found.optimal or not solver_installed():
        return found
    return _improve(sessions, found, seconds, elapsed)


def _improve(
    sessions: Sequence[Affected], found: Solution, seconds: float, elapsed: Elapsed
) -> Solution:
    # Loaded where it is needed: the server starts without it, and works without it.
    from api.solving.relaxing import Priced, relax, select

    priced: Priced | None = relax(sessions, seconds - elapsed())
    if priced is None:
        return Solution(found.choice, found.objective, found.bound, found.planner, False)
    best, planner = found.choice, found.planner
    objective, bound = found.objective, max(found.bound, priced.bound)
    slack = priced.slack_of(_FIRST_LOOK)
    while objective > bound:
        left = seconds - elapsed()
        if left < _LEAST_SECONDS:
            return Solution(best, objective, bound, planner, False)
        tried = select(sessions, priced, min(slack, objective - priced.bound), best, left)
        cost = cost_of(sessions, tried.choice)
        if cost < objective:
            best, objective, planner = tried.choice, cost, HIGHS
        # Whoever takes a place that was left out pays the slack on top of the relaxed cost.
        bound = max(bound, min(tried.bound, priced.bound + slack, objective))
        if not tried.finished:
            return Solution(best, objective, bound, planner, False)
        slack = max(slack, objective - priced.bound)
    return Solution(best, objective, bound, HIGHS, True)
