"""Plays a story of requests in one clinic and keeps what every request was answered with.

Just before a step does what it is for, it is tried in ways that must be refused: with another
clinic's ids, with ids of nothing, without the version it changes, with an old one; and as a dry
run. So each refusal has one reason only: the request is right in everything else.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from tests.contracts.operations import id_name, operations
from tests.contracts.requests import (
    Asked,
    Ids,
    Snapshot,
    current_version,
    leaves,
    send,
    snapshot,
    wrong_ids,
)
from tests.queries import counted_queries

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done. `saves`: new id name → where it is in the answer; `path`: path parameter →
    id name, where the two differ; `later`: how the clock moves before it."""

    operation: str
    role: str = "practitioner"
    body: str = ""
    saves: Mapping[str, str] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    later: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a request. `stored`: the database differs; `audited`: links added."""

    what: str
    status: int
    text: str
    headers: httpx.Headers
    stored: bool
    audited: int

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Teller:
    """Plays steps in one clinic. `elsewhere` holds the ids of the same story in another one;
    without it, steps are only done, not tried."""

    def __init__(
        self,
        app: FastAPI,
        clients: Callable[[str], httpx.AsyncClient],
        ids: Ids,
        bodies: Mapping[str, Callable[[Ids], Any]],
        elsewhere: Ids | None = None,
    ) -> None:
        self.app, self.clients, self.ids, self.bodies = app, clients, ids, bodies
        self.elsewhere = elsewhere
        self.asked: dict[str, Asked] = {}
        self.answers: dict[str, list[Answered]] = {}
        self.statements: set[str] = set()
        self._before: Snapshot | None = None

    async def tell(self, step: Step) -> None:
        """Try the step in every way that must fail, then do it. KeyError where an earlier step
        did not make what this one needs."""
        asked = self._request(step)
        operation = asked.operation
        self.asked[step.operation] = asked
        version = await current_version(self.clients(asked.role), asked)
        if self.elsewhere is not None:
            for what, attempt, headers in self._attempts(asked, version):
                await self._keep(what, attempt, headers)
        key = {"Idempotency-Key": f"story-{uuid7()}"} if operation.method == "POST" else {}
        done = await self._keep("done", asked, version | key)
        if self.elsewhere is not None and key and operation.writes and operation.secured:
            await self._keep("again", asked, version | key)
        if done.status in {200, 201, 202}:
            found = dict(leaves(done.json))
            for name, pointer in step.saves.items():
                self.ids[name] = str(found[pointer])

    def _request(self, step: Step) -> Asked:
        operation = operations()[step.operation]
        path = {
            name: self.ids[step.path.get(name, id_name(operation, name))]
            for name in operation.named("path")
        }
        body = None
        if operation.body_types:
            body = self.bodies[step.body or step.operation](self.ids)
        return Asked(operation, step.role, path, {}, body)

    def _attempts(self, asked: Asked, version: Headers) -> Iterator[tuple[str, Asked, Headers]]:
        for what, attempt in wrong_ids(asked, self.ids, self.elsewhere or {}):
            yield what, attempt, version
        if asked.operation.conditional:
            yield "no version", asked, {}
            yield "old version", asked, {"If-Match": '"0"'}
        if "dry_run" in asked.operation.named("query"):
            yield "dry run", asked.with_query("dry_run", "true"), version

    async def _keep(self, what: str, asked: Asked, headers: Headers) -> Answered:
        before = self._before or await snapshot(self.app)
        with counted_queries(self.app) as sent:
            response = await send(self.clients(asked.role), asked, headers)
        self.statements.update(sent)
        self._before = after = await snapshot(self.app)
        answered = Answered(
            what=what,
            status=response.status_code,
            text=response.text,
            headers=response.headers,
            stored=after != before,
            audited=after.links - before.links,
        )
        self.answers.setdefault(asked.operation.id, []).append(answered)
        return answered
