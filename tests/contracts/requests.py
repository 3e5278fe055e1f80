"""A request that can be sent again with one thing changed, and what a database held before it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import Table, text
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from tests.contracts.operations import Operation, operations

Ids = dict[str, str]
Headers = Mapping[str, str] | Sequence[tuple[bytes, bytes]] | None
FORM = "application/x-www-form-urlencoded"
NOBODYS_CODE = "NOBODYS_CODE"
# Written beside the answer, by nobody's decision.
_ASIDE = frozenset({"idempotency_record", "sign_in_attempt", "api_key"})
# What the story begins with and makes things from: not names of things that it made.
_MATERIAL = frozenset({"own_code", "email", "number", "token", "rule_set_number", "rules", "name"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of one operation by one role."""

    operation: Operation
    role: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None

    def with_path(self, name: str, value: str) -> "Asked":
        return replace(self, path={**self.path, name: value})

    def with_query(self, name: str, value: str) -> "Asked":
        return replace(self, query={**self.query, name: value})

    def with_body(self, pointer: str, value: Any) -> "Asked":
        return replace(self, body=replaced(self.body, pointer, value))


async def send(client: httpx.AsyncClient, asked: Asked, headers: Headers = None) -> httpx.Response:
    """The request, in the media type that its operation takes."""
    operation = asked.operation
    options: dict[str, Any] = {"params": dict(asked.query), "headers": headers}
    if asked.body is not None:
        options["data" if FORM in operation.body_types else "json"] = asked.body
    return await client.request(operation.method, operation.address(asked.path), **options)


async def current_version(client: httpx.AsyncClient, asked: Asked) -> dict[str, str]:
    """If-Match with the ETag of what the operation changes: the nearest thing that has one."""
    if not asked.operation.conditional:
        return {}
    path = asked.operation.path
    readable = {each.path: each for each in operations().values() if each.method == "GET"}
    while path:
        if path in readable:
            reading = replace(asked, operation=readable[path], query={}, body=None)
            tag = (await send(client, reading)).headers.get("etag")
            if tag is not None:
                return {"If-Match": tag}
        path = path.rpartition("/")[0]
    raise LookupError(f"nothing above {asked.operation.path} has an ETag")


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar in a JSON value with its RFC 6901 pointer."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{pointer}/{key}")
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            yield from leaves(item, f"{pointer}/{position}")
    elif value is not None:
        yield pointer, value


def replaced(value: Any, pointer: str, new: Any) -> Any:
    """A copy of `value` with `new` at `pointer`."""
    if pointer == "":
        return new
    head, _, rest = pointer[1:].partition("/")
    rest = f"/{rest}" if rest else ""
    if isinstance(value, dict):
        return {key: replaced(v, rest, new) if key == head else v for key, v in value.items()}
    return [replaced(v, rest, new) if str(at) == head else v for at, v in enumerate(value)]


def wrong_ids(asked: Asked, own: Ids, elsewhere: Ids) -> Iterator[tuple[str, Asked]]:
    """The request with each id in turn replaced by another clinic's, and by nobody's."""
    for name in asked.operation.row_ids:
        for whose, value in _others(asked.path[name], own, elsewhere):
            yield f"{whose} path {name}", asked.with_path(name, value)
    for pointer, value in leaves(asked.body):
        if isinstance(value, str):
            for whose, other in _others(value, own, elsewhere):
                yield f"{whose} body {pointer}", asked.with_body(pointer, other)


def _others(value: str, own: Ids, elsewhere: Ids) -> Iterator[tuple[str, str]]:
    """The other clinic's id of the same name, and an id of nothing, where `value` is an id."""
    for name, mine in own.items():
        if mine == value and name not in _MATERIAL:
            yield "foreign", elsewhere[name]
            yield "unknown", NOBODYS_CODE if value == own.get("own_code") else str(uuid7())
            return


def _counting(table: Table) -> str:
    versions = "coalesce(sum(version), 0)" if "version" in table.c else "0"
    return f"SELECT '{table.name}', count(*), {versions} FROM {table.name}"


_COUNTS = text(
    " UNION ALL ".join(
        _counting(t) for t in SQLModel.metadata.sorted_tables if t.name not in _ASIDE
    )
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rows and versions of every table: the same before and after means nothing was stored."""

    tables: frozenset[tuple[str, int, int]]

    @property
    def links(self) -> int:
        """Length of all audit chains together."""
        return next(rows for name, rows, _ in self.tables if name == "audit_event")


async def snapshot(app: FastAPI) -> Snapshot:
    """What is stored now."""
    async with app.state.database.reading() as db:
        found = (await db.execute(_COUNTS)).all()
    return Snapshot(frozenset((name, int(rows), int(versions)) for name, rows, versions in found))
