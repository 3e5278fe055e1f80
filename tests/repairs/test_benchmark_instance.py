"""The benchmark's clinic, smaller: the same answer each time, proven best."""

import time

from api.solving.choosing import HIGHS, solve
from api.solving.placing import collisions, cost_of
from benchmarks.repair_instance import Size, instance

_SIZE = Size(affected=60, practitioners=8, rooms=3)


def test_the_same_clinic_gets_the_same_proven_plan():
    sessions = instance(_SIZE)
    begun = time.monotonic()
    first = solve(sessions, 60.0, lambda: time.monotonic() - begun)
    again = solve(instance(_SIZE), 60.0, lambda: time.monotonic() - begun)
    assert first == again
    assert collisions(sessions, first.choice) == []
    assert cost_of(sessions, first.choice) == first.objective == first.bound
    assert (first.planner, first.in_time) == (HIGHS, True)
