"""This test's application on a socket, and the command as a process of its own that asks it."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn

ROOT = Path(__file__).parents[2]
POINTS = ("before it is sent on", "before it is answered", "after it is answered")
Kill = Callable[[], None]


class Killing:
    """Kills whoever asks, once, at one point of one booking."""

    def __init__(self, app: Any, number: int, point: str, kill: Kill) -> None:
        self._app, self._number, self._point, self._kill = app, number, point, kill
        self._seen = 0
        self.carried_out: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or (scope["method"], scope["path"]) != ("POST", "/v1/sessions"):
            await self._app(scope, receive, send)
            return
        self._seen += 1
        if self._seen != self._number:
            await self._app(scope, receive, send)
        elif self._point == POINTS[0]:
            self._kill()
        else:
            await self._cut_off(scope, receive, send)

    async def _cut_off(self, scope: Any, receive: Any, send: Any) -> None:
        body = await receive()  # all of it: a booking is small

        async def once() -> Any:
            return body

        async def answered(message: Any) -> None:
            if self._point == POINTS[1]:
                return
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._kill()

        if self._point == POINTS[1]:
            self._kill()  # while the server works on it
        await self._app(scope, once, answered)


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """The address of the application, on a free port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # from now on, whoever asks waits for the start
        config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running


class Command:
    """`anagen autobook`, as its users start it."""

    def __init__(self, address: str, secret: str, folder: Path) -> None:
        others = {name: v for name, v in os.environ.items() if not name.startswith("ANAGEN_")}
        self._environment = others | {
            "ANAGEN_URL": address, "ANAGEN_API_KEY": secret, "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def __call__(self, *words: str) -> tuple[int, str, str]:
        """Exit code, and what it printed."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "api.cli", "autobook", *words,
            cwd=self._folder, env=self._environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(self._process.communicate(), timeout=120)
        return self._process.returncode or 0, out.decode(), err.decode()

    async def document(self, *words: str) -> Any:
        code, out, err = await self(*words, "--json")
        assert code == 0, err
        return json.loads(out)

    def kill(self) -> None:
        """kill -9 of this process and no other."""
        assert self._process is not None
        self._process.kill()
