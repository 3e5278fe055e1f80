"""The problem as HiGHS sees it: columns are places, rows say what excludes what.

One column per place (1: chosen) and one per patient who may have to be moved. Rows: a session
takes one place at most; a patient is moved once one of their sessions is; of places that overlap
on a resource, one at most (`cliques`). Costs are whole numbers; not to choose any place costs
`WITHOUT_PLACE`, written as a discount on each place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array

from api.solving.cliques import Candidate, cliques
from api.solving.placing import PATIENT_MOVED, WITHOUT_PLACE, Affected, Choice

_ROUNDING = 1e-3  # costs are whole: what lies less than this above a number is that number


@dataclass(frozen=True, slots=True)
class Priced:
    """The relaxed problem solved: no choice costs less than `bound`.

    at_least: for each column, what a plan that uses it costs above the bound, at the least.
    """

    columns: tuple[Candidate, ...]
    matrix: Any
    limits: Any
    cost: Any
    at_least: Any
    bound: int

    def slack_of(self, places: int) -> int:
        """What the plans may cost above the bound that use only so many of the best columns."""
        if len(self.at_least) <= places:
            return int(self.at_least.max(initial=0)) + 1
        return ceil(float(np.partition(self.at_least, places)[places]))


@dataclass(frozen=True, slots=True)
class Selected:
    """A choice among the columns looked at; bound: of those alone. finished: proven so."""

    choice: Choice
    bound: int
    finished: bool


def relax(sessions: Sequence[Affected], seconds: float) -> Priced | None:
    """Solve with places divisible, or None where the time does not suffice."""
    columns = tuple(
        (position, number)
        for position, session in enumerate(sessions)
        for number in range(len(session.places))
    )
    rows = _Rows(columns, sessions)
    matrix, limits = rows.matrix()
    cost = rows.cost(sessions)
    # An interior point without crossover would be quicker on huge clinics, but not reproducible.
    found = linprog(
        cost,
        A_ub=matrix,
        b_ub=limits,
        bounds=(0, 1),
        method="highs-ds",
        options={"time_limit": max(seconds, 0.0)},
    )
    if found.status != 0:
        return None
    # Any prices ≤ 0 give a true bound; so what is rounded in the solver cannot make it false.
    prices = np.minimum(found.ineqlin.marginals, 0.0)
    reduced = cost - matrix.T @ prices
    relaxed = float(limits @ prices + np.minimum(reduced, 0.0).sum())
    bound = ceil(relaxed - _ROUNDING) + WITHOUT_PLACE * len(sessions)
    return Priced(columns, matrix, limits, cost, np.maximum(reduced, 0.0), bound)


def select(
    sessions: Sequence[Affected], priced: Priced, slack: int, known: Choice, seconds: float
) -> Selected:
    """The best choice among the columns that cost no more than `slack`, and those of `known`."""
    keep = priced.at_least <= slack + _ROUNDING
    for index, (position, number) in enumerate(priced.columns):
        if known[position] == number:
            keep[index] = True
    keep[len(priced.columns) :] = True
    kept = np.flatnonzero(keep)
    found = milp(
        priced.cost[kept],
        integrality=np.ones(len(kept)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(priced.matrix[:, kept], -np.inf, priced.limits),
        options={"time_limit": max(seconds, 0.0), "mip_rel_gap": 0.0},
    )
    constant = WITHOUT_PLACE * len(sessions)
    dual = found.mip_dual_bound
    bound = priced.bound
    if dual is not None and np.isfinite(dual):
        bound = max(bound, ceil(float(dual) - _ROUNDING) + constant)
    if found.x is None:
        return Selected(known, bound, False)
    chosen: list[int | None] = [None] * len(sessions)
    for index, value in zip(kept.tolist(), found.x.tolist(), strict=True):
        if value > 0.5 and index < len(priced.columns):
            position, number = priced.columns[index]
            chosen[position] = number
    return Selected(tuple(chosen), bound, found.status == 0)


class _Rows:
    """The rows, gathered one after the other."""

    def __init__(self, columns: tuple[Candidate, ...], sessions: Sequence[Affected]) -> None:
        self._rows: list[int] = []
        self._columns: list[int] = []
        self._values: list[int] = []
        self._limits: list[int] = []
        index = {candidate: number for number, candidate in enumerate(columns)}
        self._patients: dict[str, int] = {}
        for position, session in enumerate(sessions):
            every = [index[position, number] for number in range(len(session.places))]
            moving = [
                column for column, place in zip(every, session.places, strict=True) if place.moved
            ]
            self._add(every, 1)
            if moving:
                mover = self._patients.setdefault(
                    session.patient, len(columns) + len(self._patients)
                )
                self._add(moving, 0, mover)
        for members in cliques(sessions):
            self._add((index[member] for member in members), 1)
        self._width = len(columns) + len(self._patients)

    def _add(self, columns: Iterable[int], limit: int, mover: int | None = None) -> None:
        row = len(self._limits)
        self._limits.append(limit)
        entries = [(column, 1) for column in columns]
        if mover is not None:
            entries.append((mover, -1))
        for column, value in entries:
            self._rows.append(row)
            self._columns.append(column)
            self._values.append(value)

    def matrix(self) -> tuple[Any, Any]:
        shape = (len(self._limits), self._width)
        matrix = csc_array((self._values, (self._rows, self._columns)), shape=shape, dtype=float)
        return matrix, np.array(self._limits, dtype=float)

    def cost(self, sessions: Sequence[Affected]) -> Any:
        places = [place.cost - WITHOUT_PLACE for session in sessions for place in session.places]
        return np.array(places + [PATIENT_MOVED] * len(self._patients), dtype=float)
