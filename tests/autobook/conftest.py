"""The script on this test's application, through a line that can be cut."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.autobook import Api, Options, Report, autobook
from api.autobook.running import NEEDED_SCOPES
from tests.clinic import bearer

Handler = Callable[[httpx.Request], Awaitable[httpx.Response]]
Fault = Callable[[httpx.Request, Handler], Awaitable[httpx.Response | None]]


class Line(httpx.AsyncBaseTransport):
    """Between the script and the application. `faults` are asked in turn for each request; one that
    answers None lets it pass."""

    def __init__(self, app: FastAPI) -> None:
        self._through = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self.faults: list[Fault] = []
        self.sent: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        for fault in self.faults:
            answer = await fault(request, self._through.handle_async_request)
            if answer is not None:
                return answer
        return await self._through.handle_async_request(request)

    def bookings(self) -> list[httpx.Request]:
        """Everything sent that would store something."""
        return [
            each for each in self.sent if each.method == "POST" and "dry_run" not in each.url.params
        ]


class Script:
    """Runs of the script, with one API key."""

    def __init__(self, line: Line, secret: str) -> None:
        self.line, self._secret = line, secret
        self.slept: list[float] = []
        self.meanwhile: Callable[[], object] = lambda: None  # what happens while it sleeps

    async def __call__(self, **options: Any) -> Report:
        async with httpx.AsyncClient(
            transport=self.line, base_url="http://anagen.test", headers=bearer(self._secret)
        ) as http:
            return await autobook(Api(http, sleep=self._sleep), Options(**options))

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.meanwhile()


@pytest.fixture
def line(app: FastAPI) -> Line:
    return Line(app)


@pytest.fixture
async def key(as_role: Any) -> Callable[..., Awaitable[str]]:
    """Make an API key with the scopes that the script needs, or with these."""

    async def create(*scopes: str) -> str:
        body = {"name": "Autobook", "scopes": scopes or (*NEEDED_SCOPES, "patients:read")}
        answer = await as_role("owner").post("/v1/api-keys", json=body)
        assert answer.status_code == 201, answer.text
        secret: str = answer.json()["secret"]
        return secret

    return create


@pytest.fixture
async def script(line: Line, key: Callable[..., Awaitable[str]]) -> Script:
    return Script(line, await key())
