"""Asking what a rule set would have said of kept decisions, away from the event loop."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from models import Decision
from rules.backtest import NOT_ASKED, UNREADABLE, WEIGHT

__all__ = ["NOT_ASKED", "UNREADABLE", "WEIGHT", "Judge", "judge"]

_SCRIPT = Path(__file__).with_name("backtest_process.py")
_PER_LINE = 25  # few enough that writing one takes no time that a request would notice
_LONGEST_LINE = 16 * 1024 * 1024


class Judge:
    """A process that judges kept decisions by one rule set."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process has no pipes")
        self._in, self._out = process.stdin, process.stdout

    async def tell(self, document: str) -> None:
        """Which rule set to judge by; once, first."""
        self._in.write(document.encode() + b"\n")
        await self._in.drain()

    async def ask(self, decisions: Sequence[Decision]) -> list[Any]:
        """What it says of each, in their order; see `rules.backtest.answers`."""
        lines = [decisions[at : at + _PER_LINE] for at in range(0, len(decisions), _PER_LINE)]
        # Both at once: each side would otherwise wait for the other to empty its pipe.
        _, answers = await asyncio.gather(self._write(lines), self._read(len(lines)))
        return list(answers)

    async def _write(self, lines: Sequence[Sequence[Decision]]) -> None:
        for decisions in lines:
            line = json.dumps([[each.stage, each.facts, each.result] for each in decisions])
            self._in.write(line.encode() + b"\n")
            await self._in.drain()

    async def _read(self, count: int) -> list[Any]:
        answers: list[Any] = []
        for _ in range(count):
            line = await self._out.readline()
            if not line:
                raise RuntimeError("the judging process ended early")
            answers += json.loads(line)
        return answers


@asynccontextmanager
async def judge(document: str) -> AsyncIterator[Judge]:
    """A process that judges by the rule set of this canonical document, while the block lasts.

    It works beside the server and gives way to it, so that requests stay as fast as they are.
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", str(_SCRIPT),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE, env=environment,
    )  # fmt: skip
    try:
        judging = Judge(process)
        await judging.tell(document)
        yield judging
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
