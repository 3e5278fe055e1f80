"""Solving away from the event loop, in a process that can be stopped."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from api.solving.choosing import Solution
from api.solving.placing import Affected, Place

_SCRIPT = Path(__file__).with_name("process.py")
_GRACE_SECONDS = 30.0  # starting, reading and a solver that looks at the clock late
_LOOK_SECONDS = 0.5

Look = Callable[[], Awaitable[None]]
"""Asked again and again while it works; raises to stop it."""


async def solve_apart(sessions: Sequence[Affected], seconds: float, look: Look) -> Solution:
    """As `choosing.solve`, in another process. Whatever `look` raises stops the work."""
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
    """The problem as JSON, put together as text: as a document it would be a hundred thousand
    lists, and looking through those for garbage takes longer than writing."""
    told = ",".join(
        f"[{json.dumps(each.patient)},[{','.join(map(_place, each.places))}]]" for each in sessions
    )
    return f'{{"seconds":{seconds},"sessions":[{told}]}}'.encode()


def _place(place: Place) -> str:
    taken = ",".join(
        f"[{json.dumps(each.resource)},{each.begins},{each.ends}]" for each in place.taken
    )
    moved, other = int(place.moved), int(place.other_practitioner)
    return f"[[{taken}],{moved},{place.days_off},{other},{place.inconvenience}]"
