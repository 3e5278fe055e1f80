"""What is around every request and answer: request id, size limit, headers, log line, last resort.

Pure ASGI, outermost of the product: also what never reaches a route gets a request id, safe
headers and, where it fails, a problem document.
"""

import ipaddress
import json
import re
import time
from typing import Any

import structlog
from anyio import BrokenResourceError
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

from api.problems import PayloadTooLarge, Problem, instance_of
from api.settings import Settings
from api.strict_json import MAX_BODY_BYTES

_SANE_ID = re.compile(r"[A-Za-z0-9._\-]{8,128}")
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
log = structlog.get_logger("anagen.request")


class Envelope:
    """Wraps the application; see the module."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._proxies = frozenset(
            part.strip() for part in settings.trusted_proxies.split(",") if part.strip()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        state = scope.setdefault("state", {})
        state["request_id"] = exchange.request_id
        state["client_ip"] = self._client_ip(scope, exchange.headers)
        started = time.perf_counter()
        try:
            exchange.check_length()
            await self.app(scope, exchange.receive, exchange.send)
        except Problem as problem:
            await exchange.fail(problem)
        except Exception as error:
            # The last resort: the caller learns the request id and nothing else.
            if not _left_unread(error):
                log.error(
                    "failed",
                    request_id=exchange.request_id,
                    error=type(error).__name__,
                    frames=_frames(error),
                )
            await exchange.fail(Problem())
        finally:
            _log_line(scope, exchange, started)

    def _client_ip(self, scope: Scope, headers: Headers) -> str | None:
        peer: str | None = scope["client"][0] if scope.get("client") else None
        if peer not in self._proxies:
            return peer
        forwarded = headers.get("x-forwarded-for", "").split(",")[-1].strip()
        try:
            return str(ipaddress.ip_address(forwarded))
        except ValueError:
            return peer


class _Exchange:
    """One request and its answer, on their way through."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers = Headers(scope=scope)
        sent = self.headers.get("x-request-id", "")
        self.request_id = sent if _SANE_ID.fullmatch(sent) else str(uuid7())
        self.status = 0
        self._scope, self._receive, self._send = scope, receive, send
        self._read = 0

    def check_length(self) -> None:
        length = self.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            raise PayloadTooLarge

    async def receive(self) -> Message:
        message = await self._receive()
        self._read += len(message.get("body", b""))
        if self._read > MAX_BODY_BYTES:
            raise PayloadTooLarge
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            for name, value in _SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            state = self._scope["state"]
            for name, value in state.get("rate_limit_headers", {}).items():
                headers[name] = value
            if self._scope["path"].startswith("/v1"):
                headers.setdefault("Cache-Control", "no-store")
            if headers.get("content-type", "").startswith("text/event-stream"):
                headers["Cache-Control"] = "no-store"  # the framework would say no-cache
            headers.setdefault(
                "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"
            )
        await self._send(message)

    async def fail(self, problem: Problem) -> None:
        if self.status:
            return  # the answer has begun; the connection breaks instead
        body = json.dumps(problem.document(instance_of(self._scope), self.request_id)).encode()
        headers = [(b"content-type", b"application/problem+json")]
        headers.append((b"content-length", str(len(body)).encode()))
        await self.send(
            {"type": "http.response.start", "status": problem.status, "headers": headers}
        )
        await self.send({"type": "http.response.body", "body": body})


def _left_unread(error: Exception) -> bool:
    """Whether this only says that a stream had more to send when its client went away."""
    return isinstance(error, ExceptionGroup) and error.split(BrokenResourceError)[1] is None


def _frames(error: Exception) -> list[str]:
    """Where it happened, without the exception's message, which may hold personal data."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-12:]


def _log_line(scope: Scope, exchange: _Exchange, started: float) -> None:
    route: Any = scope.get("route")
    log.info(
        "request",
        method=scope["method"],
        route=getattr(route, "path", None),
        status=exchange.status,
        milliseconds=round((time.perf_counter() - started) * 1000, 1),
        request_id=exchange.request_id,
    )
