"""The OpenAPI 3.1 document: every operation named, every answer that it can give declared."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.openapi import answers
from api.openapi.examples import Examples

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
        examples = Examples(schemas)
        for path, operations in document["paths"].items():
            for method in _METHODS:
                if method in operations:
                    answers.complete(path, method, operations[method], schemas)
                    examples.add_to(operations[method])
        app.openapi_schema = document
    return app.openapi_schema
