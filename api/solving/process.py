"""Run as a script in a process of its own: one problem in, the solution out.

It keeps the server answering while it works, can be stopped at any moment, and gives its memory
back when it ends.
"""

import gc
import json
import sys
import time

from api.solving.choosing import solve
from api.solving.placing import Affected, Place, Taking


def _read(text: str) -> tuple[list[Affected], float]:
    problem = json.loads(text)
    sessions = [
        Affected(
            patient,
            tuple(
                Place(tuple(Taking(*each) for each in taken), bool(moved), days, bool(other), hours)
                for taken, moved, days, other, hours in places
            ),
        )
        for patient, places in problem["sessions"]
    ]
    return sessions, problem["seconds"]


if __name__ == "__main__":
    gc.disable()  # it lives for seconds, and all that it makes is needed until its end
    begun = time.monotonic()
    sessions, seconds = _read(sys.stdin.read())
    found = solve(sessions, seconds, lambda: time.monotonic() - begun)
    sys.stdout.write(
        json.dumps([found.choice, found.objective, found.bound, found.planner, found.in_time])
    )
