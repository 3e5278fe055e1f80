"""How every kind of failure becomes a problem document."""

import re
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from api import openapi
from api.database import violated
from api.idempotency import Replay
from api.problems import (
    AlreadyExists,
    Busy,
    FieldError,
    InvalidRequest,
    MalformedJson,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Problem,
    UnsupportedMediaType,
    instance_of,
)
from api.routing import DryRunFinished

# SQLSTATEs of waiting too long or of a deadlock: nothing was stored, trying again is right.
_BUSY = frozenset({"40001", "40P01", "55P03", "57014", "53300"})
# Pydantic's own words for these repeat what was sent.
_TELLTALE = frozenset({"uuid_parsing", "union_tag_invalid", "json_invalid", "value_error"})
_MAX_ERRORS = 50


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"


def answer(request: Request, problem: Problem) -> Response:
    return ProblemResponse(
        problem.document(instance_of(request.scope), request.state.request_id),
        status_code=problem.status,
        headers=problem.headers,
    )


def install(app: FastAPI) -> None:
    """Register a handler for each kind of failure that is not a last resort."""
    for kind, handler in (
        (Problem, _problem),
        (RequestValidationError, _validation),
        (HTTPException, _http),
        (IntegrityError, _integrity),
        (DBAPIError, _database),
        (PoolTimeoutError, _busy),
        (Replay, _replay),
        (DryRunFinished, _dry_run),
    ):
        app.add_exception_handler(kind, handler)


async def _problem(request: Request, error: Any) -> Response:
    return answer(request, error)


async def _validation(request: Request, error: Any) -> Response:
    details = error.errors()
    if any(detail["loc"][0] == "path" for detail in details):
        return answer(request, NotFound())  # an id that cannot exist is an unknown id
    if any(detail["type"] == "json_invalid" for detail in details):
        return answer(request, MalformedJson())
    return answer(request, InvalidRequest([_field_error(d) for d in details[:_MAX_ERRORS]]))


def _field_error(detail: dict[str, Any]) -> FieldError:
    location, *path = detail["loc"]
    pointer = "".join(f"/{_escape(part)}" for part in path)
    safe = detail["type"] not in _TELLTALE
    message = detail["msg"] if safe else "This value is not valid here."
    return FieldError(pointer, detail["type"], message, str(location))


def _escape(part: str | int) -> str:
    return str(part)[:120].replace("~", "~0").replace("/", "~1")


async def _http(request: Request, error: Any) -> Response:
    if error.status_code == 405:
        return answer(request, MethodNotAllowed(headers={"Allow": _allowed(request)}))
    kind = {400: MalformedJson, 404: NotFound, 413: PayloadTooLarge, 415: UnsupportedMediaType}
    return answer(request, kind.get(error.status_code, Problem)())


def _allowed(request: Request) -> str:
    """All methods of the path: Starlette names only those of the first route that matches."""
    asked, paths = request.url.path, openapi.build(request.app)["paths"]
    matching = [path for path in paths if compile_path(path)[0].match(asked)]
    # An address that is spelled out (further) in the document is not also somebody's id.
    spelled = max((_spelled(path) for path in matching), default=0)
    known = [path for path in matching if _spelled(path) == spelled]
    return ", ".join(sorted({method.upper() for path in known for method in paths[path]}))


def _spelled(path: str) -> int:
    """How many letters of the path are not a parameter's."""
    return len(re.sub(r"{\w+}", "", path))


async def _integrity(request: Request, error: Any) -> Response:
    """A constraint that a service did not foresee: unique means it exists, else it is ours."""
    refused_by = violated(error)
    if "uq_" in refused_by or "UNIQUE" in refused_by or "pk_" in refused_by:
        return answer(request, AlreadyExists())
    raise error


async def _database(request: Request, error: Any) -> Response:
    locked_out = "database is locked" in str(error.orig)
    if locked_out or getattr(error.orig, "sqlstate", None) in _BUSY:
        return answer(request, Busy())
    raise error


async def _busy(request: Request, _error: Any) -> Response:
    return answer(request, Busy())


async def _replay(_request: Request, error: Any) -> Response:
    headers = {**error.headers, "Idempotency-Replayed": "true"}
    media_type = "application/json" if error.body else None
    return Response(error.body, status_code=error.status, headers=headers, media_type=media_type)


async def _dry_run(_request: Request, error: Any) -> Response:
    return JSONResponse({"dry_run": True} | error.document)
