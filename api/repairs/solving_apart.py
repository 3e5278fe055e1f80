"""Solving away from the event loop, in a process that can be stopped."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from api.repairs.placing import Affected
from api.repairs.solving import Solution

_SCRIPT = Path(__file__).with_name("solver_process.py")
_GRACE_SECONDS = 30.0  # starting, reading and a solver that looks at the clock late
_LOOK_SECONDS = 0.5

Look = Callable[[], Awaitable[None]]
"""Asked again and again while it works; raises to stop it."""


async def solve_apart(sessions: Sequence[Affected], seconds: float, look: Look) -> Solution:
    """As `solving.solve`, in another process. Whatever `look` raises stops the work."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", str(_SCRIPT),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment,
    )  # fmt: skip
    told = asyncio.create_task(process.communicate(_written(sessions, seconds)))
    try:
        async with asyncio.timeout(seconds + _GRACE_SECONDS):
            while not (await asyncio.wait({told}, timeout=_LOOK_SECONDS))[0]:
                await look()
        answer, _ = await told
    finally:
        if process.returncode is None:
            process.kill()
        await asyncio.gather(told, return_exceptions=True)
        await process.wait()
    if process.returncode != 0:
        raise RuntimeError("the solving process ended early")
    choice, objective, bound, planner, in_time = json.loads(answer)
    return Solution(tuple(choice), objective, bound, planner, in_time)


def _written(sessions: Sequence[Affected], seconds: float) -> bytes:
    problem = {
        "seconds": seconds,
        "sessions": [
            [
                session.patient,
                [
                    [
                        [[each.resource, each.begins, each.ends] for each in place.taken],
                        place.moved,
                        place.days_off,
                        place.other_practitioner,
                        place.inconvenience,
                    ]
                    for place in session.places
                ],
            ]
            for session in sessions
        ],
    }
    return json.dumps(problem, separators=(",", ":")).encode()
