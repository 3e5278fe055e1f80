"""The route class of every operation: strict input, conditional answers, dry runs, idempotency.

What happens around an operation, in order: who presents nothing that could be a credential is
refused before the body is read and before any query; the body is parsed strictly; unknown query
parameters are refused (a mistyped `dry_run` must not become a real write); the operation runs in
its transaction; a dry run is rolled back and answers with the decision; otherwise the answer is
kept under its Idempotency-Key while the transaction is still open.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.background import BackgroundTask

from api import idempotency
from api.preconditions import unchanged
from api.problems import FieldError, InvalidRequest, Problem, invalid
from api.security import key_was_used, note_key_use, presented_token
from api.strict_json import read_body

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

DryRun = Annotated[
    bool,
    Query(description="`true` runs the whole write, rolls it back and answers the decision."),
]
_TRUTH = {"true", "false"}


class DryRunFinished(Exception):
    """Not an error: raising it rolls the transaction back and answers 200 with the decision."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__("dry run")
        self.document = document


class Route(APIRoute):
    """One operation of the API."""

    def get_route_handler(self) -> Handler:
        operate = super().get_route_handler()
        known = _query_names(self.dependant)
        guarded = _needs_caller(self.dependant)

        async def handle(request: Request) -> Response:
            if guarded:
                presented_token(request)
            await read_body(request)
            _check_query(request, known)
            dry_run = request.query_params.get("dry_run") == "true"
            try:
                response = await operate(request)
            except Problem as problem:
                if dry_run and problem.decision is not None:
                    raise DryRunFinished(problem.decision) from None
                raise
            if dry_run:
                raise DryRunFinished(request.state.db.info["decision"])
            if request.method == "GET" and unchanged(request, response):
                return Response(status_code=304, headers={"ETag": response.headers["etag"]})
            await idempotency.keep(request, response)
            if response.background is None and key_was_used(request):
                response.background = BackgroundTask(note_key_use, request)
            return response

        return handle


class Router(APIRouter):
    """A router whose operations are `Route`s."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=Route, redirect_slashes=False, **options)


def _dependants(dependant: Dependant) -> list[Dependant]:
    found = [dependant]
    for inner in dependant.dependencies:
        found.extend(_dependants(inner))
    return found


def _query_names(dependant: Dependant) -> frozenset[str]:
    names: set[str] = set()
    for inner in _dependants(dependant):
        for field in inner.query_params:
            kind = field.field_info.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                names.update(each.alias or name for name, each in kind.model_fields.items())
            else:
                names.add(field.alias)
    return frozenset(names)


def _needs_caller(dependant: Dependant) -> bool:
    return any(
        getattr(inner.call, "__name__", "") in {"read_caller", "write_caller"}
        for inner in _dependants(dependant)
    )


def _check_query(request: Request, known: frozenset[str]) -> None:
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise InvalidRequest(
            [
                FieldError("", "unknown_parameter", f"Known parameters: {_listed(known)}.", "query")
                for _ in unknown
            ]
        )
    dry_run = request.query_params.get("dry_run")
    if dry_run is not None and dry_run not in _TRUTH:
        raise invalid("/dry_run", "bool_parsing", "Say true or false.")


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none"
