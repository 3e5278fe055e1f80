"""Every operation of the API, read from the document that it serves."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.scopes import ROLE_SCOPES, Role
from tests.clinic import ROLES
from tests.conftest import wired_once

METHODS = ("get", "put", "post", "delete", "patch")

# Nobody needs a credential for these; whoever adds one adds it here, on purpose.
PUBLIC = frozenset(
    {
        "create_token", "revoke_token", "explain_problem", "read_liveness", "read_readiness",
        "follow_calendar",  # the address is the secret
    }
)  # fmt: skip
# Whoever is signed in may do these, whatever the scopes: what is their own, and long work, each
# kind of which has a scope of its own.
ANY_CALLER = frozenset(
    {"read_me", "change_password", "list_operations", "read_operation", "cancel_operation"}
)
# A POST because what is asked must not be in a URL; it changes nothing.
READING_POSTS = frozenset({"search_patients", "replay_decision"})
# Path parameters that do not name a row of one clinic: numbers count within what is before them,
# problems and rules are the product's.
_NOT_ROWS = frozenset({"number", "name"})
_PRODUCTS = ("/v1/rules/", "/problems/")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `scopes` are what a caller needs, in the order of the check."""

    id: str
    method: str
    path: str
    scopes: tuple[str, ...]
    secured: bool
    parameters: tuple[Mapping[str, Any], ...]
    body_types: tuple[str, ...]
    document: Mapping[str, Any]

    def named(self, place: str) -> tuple[str, ...]:
        """Names of the parameters in `path`, `query` or `header`."""
        return tuple(p["name"] for p in self.parameters if p["in"] == place)

    @property
    def row_ids(self) -> tuple[str, ...]:
        """Path parameters that name a row of a clinic."""
        if self.path.startswith(_PRODUCTS):
            return ()
        return tuple(name for name in self.named("path") if name not in _NOT_ROWS)

    @property
    def body_ids(self) -> frozenset[str]:
        """Fields of the body, at any depth, that name rows by their id."""
        return frozenset(_id_fields(self.document.get("requestBody", {}), ""))

    @property
    def query_ids(self) -> tuple[str, ...]:
        """Filters that name rows by their id."""
        return tuple(p["name"] for p in self.parameters if p["in"] == "query" and _is_id(p))

    @property
    def conditional(self) -> bool:
        """Takes If-Match."""
        return "If-Match" in self.named("header")

    @property
    def endless(self) -> bool:
        """Goes on answering for as long as somebody listens; its own tests do."""
        return "text/event-stream" in str(self.document["responses"])

    @property
    def writes(self) -> bool:
        """Changes what is stored."""
        return self.method != "GET" and self.id not in READING_POSTS

    @property
    def success(self) -> int:
        """The status of the answer when it did what it is for; a dry run answers 200 always."""
        declared = [int(s) for s in self.document["responses"] if s.startswith("2")]
        return max(declared)

    def role(self, also: str | None = None) -> str:
        """The first role that has the scopes, and this one too."""
        needed = {*self.scopes, *([also] if also else [])}
        return next(role for role in ROLES if needed <= ROLE_SCOPES[Role(role)])

    def address(self, ids: Mapping[str, str]) -> str:
        """The path with these ids in it."""
        return re.sub(r"{(\w+)}", lambda found: ids[found.group(1)], self.path)


def id_name(operation: Operation, parameter: str) -> str:
    """What the story calls the thing that a path parameter names."""
    if parameter not in {"record_id", "code"}:
        return parameter
    before, _, _ = operation.path.partition(f"/{{{parameter}}}")
    return before.rpartition("/")[2]


def _is_id(node: Any) -> bool:
    if isinstance(node, list):
        return any(map(_is_id, node))
    return isinstance(node, dict) and (
        node.get("format") == "uuid" or any(map(_is_id, node.values()))
    )


def _id_fields(node: Any, field: str) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _id_fields(item, field)
    if not isinstance(node, dict):
        return
    if node.get("format") == "uuid":
        yield field
    if "$ref" in node:
        yield from _id_fields(schema_named(node["$ref"]), field)
    for name, inner in node.get("properties", {}).items():
        yield from _id_fields(inner, name)
    for key in ("content", "application/json", "schema", "items", "anyOf", "oneOf", "allOf"):
        yield from _id_fields(node.get(key), field)


def schema_named(reference: str) -> dict[str, Any]:
    """The component that a `$ref` points to."""
    found: dict[str, Any] = document()["components"]["schemas"][reference.rpartition("/")[2]]
    return found


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document; that needs no database."""
    return wired_once().openapi()


@cache
def operations() -> dict[str, Operation]:
    """All operations by operationId, in the order of the document."""
    found = [
        _read(path, method, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    return {operation.id: operation for operation in found}


def _read(path: str, method: str, operation: Mapping[str, Any]) -> Operation:
    security = operation.get("security", [])
    scopes = (scope for scheme in security for needed in scheme.values() for scope in needed)
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        scopes=tuple(scopes),
        secured=bool(security),
        parameters=tuple(operation.get("parameters", ())),
        body_types=tuple(operation.get("requestBody", {}).get("content", ())),
        document=operation,
    )


def ids_of(chosen: Callable[[Operation], Any] | None = None) -> list[str]:
    """operationIds for `parametrize`; `chosen` picks some of them."""
    return [name for name, each in operations().items() if chosen is None or chosen(each)]
