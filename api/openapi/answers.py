"""What the shared mechanisms add to every operation: problems, headers, conditions, dry runs."""

from collections.abc import Mapping
from typing import Any

from api.problems import catalogue

_REF = "#/components/schemas/"
_TEXT = {"type": "string"}
_TAG = {"type": "string", "examples": ['"1"']}
_ETAG = {"description": "The version that was answered.", "schema": _TEXT}
_HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {"description": "Names this exchange in the log.", "schema": _TEXT},
    "ETag": _ETAG,
    "Location": {"description": "Where it is read.", "schema": _TEXT},
    "Link": {"description": 'The next page, `rel="next"`.', "schema": _TEXT},
    "WWW-Authenticate": {"description": "How to authenticate.", "schema": _TEXT},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "Idempotency-Replayed": {
        "description": "`true` on the first answer given again.",
        "schema": {"const": "true"},
    },
}


def problem_schema() -> dict[str, Any]:
    """The shape of every error."""
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


def dry_run_schema() -> dict[str, Any]:
    """What `?dry_run=true` answers: the decision that the write would get."""
    outcomes = ["allowed", "needs_acknowledgement", "needs_override", "refused"]
    return {
        "type": "object",
        "description": "The decision that this write would get; nothing was stored.",
        "required": ["dry_run", "outcome", "findings"],
        "properties": {
            "dry_run": {"const": True},
            "outcome": {"enum": outcomes},
            "findings": {"type": "array", "items": {"type": "object"}, "examples": [[]]},
        },
        "additionalProperties": True,
    }


def complete(
    path: str,
    method: str,
    operation: dict[str, Any],
    schemas: Mapping[str, Any],
    *,
    tagged: bool,
    keyed: bool,
) -> None:
    """Declare the answers and headers that no single route declares for itself.

    tagged: the operation puts an ETag on what it answers; keyed: it honours Idempotency-Key.
    """
    parameters = operation.setdefault("parameters", [])
    conditional = any(p["name"].lower() == "if-match" for p in parameters if p["in"] == "header")
    responses = operation.setdefault("responses", {})
    if any(p["name"] == "dry_run" for p in parameters):
        _add_dry_run(responses)
    if method == "get" and tagged:
        parameters.append(_if_none_match())
        responses["304"] = {"description": "Unchanged since the version in If-None-Match."}
    if keyed:
        parameters.append(_idempotency_key())
    for parameter in parameters:
        if parameter["name"].lower() == "if-match":
            parameter |= {"name": "If-Match", "required": True, "schema": _TAG}
    declared = {int(status) for status in responses if status.isdigit() and int(status) >= 400}
    titles = {kind.status: kind.title for kind in reversed(catalogue().values())}
    for status in sorted(declared | _problems(path, method, operation, conditional, schemas)):
        _declare(responses.setdefault(str(status), {"description": titles[status]}))
    for status, response in responses.items():
        for content in response.get("content", {}).values():
            content.pop("itemSchema", None)  # of a stream; a word of OpenAPI 3.2
        _add_headers(status, response, tagged=tagged, keyed=keyed)


def _problems(
    path: str,
    method: str,
    operation: Mapping[str, Any],
    conditional: bool,
    schemas: Mapping[str, Any],
) -> set[int]:
    statuses = {400, 413, 415, 422, 500, 503}
    if operation.get("security"):
        statuses |= {401, 403, 429}
    if "{" in path or names_rows(operation.get("requestBody", {}), schemas):
        statuses.add(404)
    if method == "post" and path.startswith("/v1"):
        statuses.add(409)
    if conditional:
        statuses |= {409, 412, 428}
    return statuses


def names_rows(node: Any, schemas: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> bool:
    """True where somewhere below `node` a request names a row by its id."""
    if isinstance(node, list):
        return any(names_rows(item, schemas, seen) for item in node)
    if not isinstance(node, dict):
        return False
    if node.get("format") == "uuid":
        return True
    name = str(node.get("$ref", "")).removeprefix(_REF)
    if name and name not in seen and names_rows(schemas[name], schemas, seen | {name}):
        return True
    return any(names_rows(item, schemas, seen) for item in node.values())


def _declare(response: dict[str, Any]) -> None:
    """A problem document, beside what the route itself says that it answers with."""
    content: dict[str, Any] = response.setdefault("content", {})
    if "HTTPValidationError" in str(content.get("application/json", "")):
        del content["application/json"]
    content["application/problem+json"] = {"schema": {"$ref": f"{_REF}Problem"}}


def _add_dry_run(responses: dict[str, Any]) -> None:
    """A dry run answers 200, also where the write itself would answer 201."""
    answer = responses.setdefault("200", {"description": "Dry run: the decision."})
    content = answer.setdefault("content", {}).setdefault("application/json", {})
    dry = {"$ref": f"{_REF}DryRun"}
    content["schema"] = {"anyOf": [content["schema"], dry]} if "schema" in content else dry


def _add_headers(status: str, response: dict[str, Any], *, tagged: bool, keyed: bool) -> None:
    names = ["X-Request-Id"]
    if status == "201":
        names.append("Location")
    if status == "412" or (tagged and status in {"200", "201", "304"}):
        names.append("ETag")
    if keyed and status.startswith("2"):
        names.append("Idempotency-Replayed")
    if "Page_" in str(response.get("content", "")):
        names.append("Link")
    names += {"401": ["WWW-Authenticate"], "429": ["Retry-After"]}.get(status, [])
    headers = response.setdefault("headers", {})
    for name in names:
        headers.setdefault(name, _HEADERS[name])


def _if_none_match() -> dict[str, Any]:
    return {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The ETag that you have; 304 where it is still the present one.",
        "schema": _TAG,
    }


def _idempotency_key() -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Sent again with the same request within 24 h, it has one effect.",
        "schema": {
            "type": "string",
            "maxLength": 255,
            "pattern": r"^[A-Za-z0-9._:\-]{1,255}$",
            "examples": ["book-2026-03-02-0001"],
        },
    }
