"""The OpenAPI 3.1 document: every operation named, every answer that it can give declared."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api.openapi import answers
from api.openapi.examples import Examples
from api.openapi.vocabulary import describe, describe_parameters

_DESCRIPTION = """\
Patients, treatment plans, sessions, formulas and side effects of a mesotherapy clinic, with a
validation layer that refuses what is unsafe in the same transaction that would write it.

Every limit shown is a **reference default** with its source and evidence mark, to be confirmed by
the clinic's medical director. Nothing here is medical advice.

Errors are RFC 9457 problem documents. Changes need `If-Match`. Every POST honours
`Idempotency-Key`. Rule-checked writes take `?dry_run=true`.
"""
_METHODS = ("get", "put", "post", "delete", "patch")


def build(app: FastAPI) -> dict[str, Any]:
    """The document of `app`, built once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title="Anagen",
            version=app.version,
            openapi_version="3.1.0",
            description=_DESCRIPTION,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):  # problems are answered instead
            schemas.pop(unused, None)
        schemas |= {"Problem": answers.problem_schema(), "DryRun": answers.dry_run_schema()}
        describe(schemas)
        examples = Examples(schemas)
        routes = list(_routes(app.routes))
        versioned = {route.name for route in routes if _tells_version(route)}
        writing = {route.name for route in routes if _writes(route.dependant)}
        for path, operations in document["paths"].items():
            for method in _METHODS:
                if method in operations:
                    operation = operations[method]
                    name = operation["operationId"]
                    keyed = method == "post" and name in writing
                    answers.complete(
                        path, method, operation, schemas, tagged=name in versioned, keyed=keyed
                    )
                    describe_parameters(operation.get("parameters", []))
                    examples.add_to(operation)
        app.openapi_schema = document
    return app.openapi_schema


def _routes(routes: Iterable[Any]) -> Iterator[APIRoute]:
    """All operations, also those of routers inside routers."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from _routes(route.original_router.routes)


def _tells_version(route: APIRoute) -> bool:
    """True where the operation puts an ETag on its answer."""
    code = route.endpoint.__code__
    return "tag" in code.co_names or "ETag" in code.co_consts


def _writes(dependant: Dependant) -> bool:
    """True where the caller is one who writes: only then an Idempotency-Key has a meaning."""
    return getattr(dependant.call, "__name__", "") == "write_caller" or any(
        _writes(inner) for inner in dependant.dependencies
    )
