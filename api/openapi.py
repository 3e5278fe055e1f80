"""The OpenAPI 3.1 document: every operation named, every answer that it can give declared."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import catalogue

_DESCRIPTION = """\
Patients, treatment plans, sessions, formulas and side effects of a mesotherapy clinic, with a
validation layer that refuses what is unsafe in the same transaction that would write it.

Every limit shown is a **reference default** with its source and evidence mark, to be confirmed by
the clinic's medical director. Nothing here is medical advice.

Errors are RFC 9457 problem documents. Changes need `If-Match`. Every POST honours
`Idempotency-Key`. Rule-checked writes take `?dry_run=true`.
"""
_METHODS = {"get", "put", "post", "delete", "patch"}


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
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = _problem_schema()
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if method in _METHODS:
                    _complete(path, method, operation)
        app.openapi_schema = document
    return app.openapi_schema


def _problem_schema() -> dict[str, Any]:
    field_error = {
        "type": "object",
        "required": ["pointer", "code", "message", "location"],
        "properties": {
            "pointer": {"type": "string", "description": "RFC 6901 pointer, or parameter."},
            "code": {"type": "string"},
            "message": {"type": "string"},
            "location": {"enum": ["body", "query", "header", "path"]},
        },
    }
    return {
        "type": "object",
        "description": "RFC 9457 problem document; never repeats what was submitted.",
        "required": ["type", "title", "status", "instance", "request_id"],
        "properties": {
            "type": {"enum": [f"/problems/{name}" for name in catalogue()]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string"},
            "request_id": {"type": "string"},
            "errors": {"type": "array", "items": field_error},
            "findings": {"type": "array", "items": {"type": "object"}},
        },
        "additionalProperties": True,
    }


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Declare the problems that the shared mechanisms can answer, and the conditional headers."""
    statuses = {400, 413, 415, 422, 500, 503}
    secured = bool(operation.get("security"))
    if secured:
        statuses |= {401, 403, 429}
    if "{" in path:
        statuses.add(404)
    if method == "post" and path.startswith("/v1"):
        statuses |= {409}
        operation.setdefault("parameters", []).append(_idempotency_header())
    headers = {p["name"].lower() for p in operation.get("parameters", []) if p["in"] == "header"}
    if "if-match" in headers:
        statuses |= {409, 412, 428}
    responses = operation.setdefault("responses", {})
    if method == "get" and "{" in path:
        responses["304"] = {"description": "Unchanged since the version in If-None-Match."}
    titles = {kind.status: kind.title for kind in catalogue().values()}
    for status in sorted(statuses | {int(s) for s in responses if s.isdigit() and int(s) >= 400}):
        declared = responses.setdefault(str(status), {"description": titles[status]})
        declared["content"] = {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        }


def _idempotency_header() -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Sent again with the same request within 24 h, it has one effect.",
        "schema": {"type": "string", "maxLength": 255, "pattern": r"^[A-Za-z0-9._:\-]{1,255}$"},
    }
