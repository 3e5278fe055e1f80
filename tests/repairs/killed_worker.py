"""A process that works on operations and stays in the middle of a proposal until it is killed.

    python -m tests.repairs.killed_worker DATABASE_URL

Everything is loaded and the progress is stored; it says so, and never gets further.
"""

import asyncio
import sys
from typing import Any
from unittest.mock import patch

from api.main import HANDLERS, create_app
from api.operations.runner import Runner
from tests.clinic import FakeClock
from tests.conftest import settings_for


async def _never(*_problem: Any) -> Any:
    sys.stdout.write("solving\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def _work(url: str) -> None:
    app = create_app(settings_for(url), FakeClock())
    await Runner(app.state.database, HANDLERS).run_waiting()


if __name__ == "__main__":
    with patch("api.repairs.planning.solve_apart", _never):
        asyncio.run(_work(sys.argv[1]))
