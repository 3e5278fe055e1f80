"""The story, told once per run in each of two clinics; and an application to walk it with."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from api import audit
from api.main import open_resources
from api.operations import service as operations
from api.scopes import PERSONAL_SCOPES, SCOPES
from api.security import system_caller
from api.tokens import TokenKind, issue
from models import ActorKind, Clinic, Repair, RepairPlanner, RepairState
from tests.clinic import START, FakeClock, SeededClinic, bearer
from tests.conftest import WORKER, settings_for, wired_once
from tests.contracts.bodies import BODIES
from tests.contracts.operations import Operation
from tests.contracts.requests import Asked, Ids, Snapshot, wrong_ids
from tests.contracts.story import STORY, called
from tests.contracts.telling import Answered, Teller
from tests.empty_database import execute, named


@dataclass
class Story:
    """What was made, asked and answered. `theirs` are the other clinic's ids; `trouble`: steps
    that could not even be tried; `keys`: API keys by the one scope that they lack; `spent`:
    credentials that are no longer, or never were, valid; `statements`: all that was sent to the
    database meanwhile."""

    url: str
    ours: Ids
    theirs: Ids
    asked: dict[str, Asked] = field(default_factory=dict)
    answers: dict[str, list[Answered]] = field(default_factory=dict)
    trouble: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    spent: dict[str, str] = field(default_factory=dict)
    statements: set[str] = field(default_factory=set)

    def of(self, operation: str, *kinds: str) -> list[Answered]:
        """The answers of these kinds; fails where the story never came so far."""
        if operation in self.trouble:
            pytest.fail(f"{operation} could not be tried: {self.trouble[operation]}")
        if operation not in self.answers:
            pytest.fail(f"{operation} has no step in tests/contracts/story.py")
        return [each for each in self.answers[operation] if each.what.startswith(kinds)]

    def request(self, operation: Operation, also: str | None = None) -> Asked:
        """The request that the story made of it; for a read, the one of what the story made.

        also: a scope that the role must have besides those of the operation."""
        if operation.id in self.asked:
            return self.asked[operation.id]
        path = {name: self.ours[called(operation, name)] for name in operation.named("path")}
        needed = [p["name"] for p in operation.parameters if p["in"] == "query" and p["required"]]
        return Asked(operation, operation.role(also), path, dict.fromkeys(needed, "1"))

    def wrong_ids(self, asked: Asked) -> Iterator[tuple[str, Asked]]:
        return wrong_ids(asked, self.ours, self.theirs)

    def ours_in(self, text: str) -> list[str]:
        """Names of our ids that occur in an answer."""
        return [name for name, value in self.ours.items() if len(value) == 36 and value in text]


class Clients:
    """Clients by role; "newcomer" is whoever the story signed in last."""

    def __init__(self, app: FastAPI, tokens: Mapping[str, str], ids: Ids, prefix: str) -> None:
        self._app, self._tokens, self._ids, self._prefix = app, tokens, ids, prefix
        self._open: dict[str | None, httpx.AsyncClient] = {}

    def __call__(self, role: str) -> httpx.AsyncClient:
        token = None
        if role == "newcomer":
            token = self._ids["token"]
        elif role != "anonymous":
            token = self._tokens[f"{self._prefix}{role}"]
        if token not in self._open:
            self._open[token] = client_of(self._app, token)
        return self._open[token]

    async def close(self) -> None:
        for client in self._open.values():
            await client.aclose()


def client_of(app: FastAPI, token: str | None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {} if token is None else bearer(token)
    return httpx.AsyncClient(transport=transport, base_url="http://anagen.test", headers=headers)


@asynccontextmanager
async def application(url: str, clock: FakeClock) -> AsyncIterator[FastAPI]:
    """The application of the process over this database, until the next one is asked for."""
    app = wired_once()
    open_resources(app, settings_for(url), clock)
    try:
        yield app
    finally:
        await app.state.database.dispose()


def given(clinic: SeededClinic, prefix: str, own_code: str) -> Ids:
    """What is there before the story begins."""
    return {
        "practitioner_id": str(clinic.staff[f"{prefix}practitioner"]),
        "email": f"newcomer.{own_code.lower()}@example.org",
        "own_code": own_code,
        "number": "1",
        "rules": "SPACING-MAX-GAP",
        "name": "not-found",
    }


async def tell(url: str, clinic: SeededClinic) -> Story:
    """The same story in the other clinic first, then in ours, where every step is also tried
    with the other's ids."""
    theirs = given(clinic, "other:", "THEIR_SERUM")
    await play(url, clinic, "other:", theirs)
    ours = given(clinic, "", "OUR_SERUM")
    teller, trouble = await play(url, clinic, "", ours, theirs)
    story = Story(
        url, ours, theirs, teller.asked, teller.answers, trouble, statements=teller.statements
    )
    async with application(url, FakeClock()) as app:
        owner = client_of(app, clinic.tokens["owner"])
        await _grant(owner, story, clinic)
        await owner.aclose()
    return story


async def play(
    url: str, clinic: SeededClinic, prefix: str, ids: Ids, elsewhere: Ids | None = None
) -> tuple[Teller, dict[str, str]]:
    """Play the story in one clinic, and put the ids of what it makes into `ids`.

    Returns what was asked and answered, and the steps that could not even be tried."""
    trouble: dict[str, str] = {}
    clock = FakeClock()
    async with application(url, clock) as app, AsyncExitStack() as stack:
        clients = Clients(app, clinic.tokens, ids, prefix)
        stack.push_async_callback(clients.close)
        ids["operation_id"] = await _long_work(app, clinic, prefix)
        ids["repair_id"] = await _proposal(app, clinic, prefix, ids)
        teller = Teller(app, clients, ids, BODIES, elsewhere)
        for step in STORY:
            clock.advance(**step.later)
            try:
                await teller.tell(step)
            except LookupError as error:
                trouble[step.operation] = f"{type(error).__name__}: {error}"
    return teller, trouble


async def _long_work(app: FastAPI, clinic: SeededClinic, prefix: str) -> str:
    """Long work that waits to be done, as whoever needs it asks for it; nobody does it here."""
    clinic_id = clinic.other_id if prefix else clinic.id
    async with app.state.database.writing() as db:
        owner = replace(
            system_caller(await db.get_one(Clinic, clinic_id), db.info["now"]),
            actor_kind=ActorKind.STAFF,
            actor_id=clinic.staff[f"{prefix}owner"],
        )
        return str((await operations.ask(db, owner, "count", "clinic:manage", {})).id)


async def _grant(owner: httpx.AsyncClient, story: Story, clinic: SeededClinic) -> None:
    """Keys that lack one scope each, and credentials that do not count."""
    grantable = sorted(set(SCOPES) - PERSONAL_SCOPES)

    async def key(scopes: list[str], **more: str) -> str:
        made = await owner.post("/v1/api-keys", json={"name": "Walk", "scopes": scopes, **more})
        assert made.status_code == 201, made.text
        return str(made.json()["secret"])

    for left_out in SCOPES:
        story.keys[left_out] = await key([scope for scope in grantable if scope != left_out])
    story.spent["unknown"], _ = issue(TokenKind.ACCESS, clinic.id)
    story.spent["expired key"] = await key(grantable, expires_on=LAST_DAY)


LAST_DAY = "2026-03-20"  # of a key: after the story, before the walk


@pytest.fixture(scope="session")
def story(
    template: tuple[str, SeededClinic],
    postgres_server: str | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Story]:
    """A database in which everything was done once, and what each request was answered with."""
    source, clinic = template
    if postgres_server is None:
        file = tmp_path_factory.mktemp("story") / "story.sqlite3"
        shutil.copyfile(source.removeprefix("sqlite:///"), file)
        yield asyncio.run(tell(f"sqlite:///{file}", clinic))
        return
    name = f"story_{WORKER}"
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    clone = f"CREATE DATABASE {name} TEMPLATE template_{WORKER}"
    asyncio.run(execute(postgres_server, drop, clone))
    yield asyncio.run(tell(named(postgres_server, name), clinic))
    asyncio.run(execute(postgres_server, drop))


@dataclass(frozen=True)
class Walk:
    """The application over the story's database, three weeks after its beginning. `stored`: what
    was in it when somebody last looked."""

    app: FastAPI
    clock: FakeClock
    story: Story
    tokens: Mapping[str, str]
    client: Callable[[str | None], httpx.AsyncClient]
    stored: list[Snapshot] = field(default_factory=list)


@pytest.fixture(scope="module")
async def walk(story: Story, template: tuple[str, SeededClinic]) -> AsyncIterator[Walk]:
    clock = FakeClock()
    clock.set(START)
    clock.advance(days=21)
    async with application(story.url, clock) as app, AsyncExitStack() as stack:
        opened: dict[str | None, httpx.AsyncClient] = {}

        def client(token: str | None) -> httpx.AsyncClient:
            if token not in opened:
                opened[token] = client_of(app, token)
                stack.push_async_callback(opened[token].aclose)
            return opened[token]

        yield Walk(app, clock, story, template[1].tokens, client)


async def _proposal(app: FastAPI, clinic: SeededClinic, prefix: str, ids: Ids) -> str:
    """A repair of a time without sessions, as it is once it was worked out."""
    clinic_id = clinic.other_id if prefix else clinic.id
    async with app.state.database.writing() as db:
        caller = system_caller(await db.get_one(Clinic, clinic_id), db.info["now"])
        repair = Repair(
            clinic_id=clinic_id,
            starts_at=caller.now + timedelta(days=300),
            ends_at=caller.now + timedelta(days=301),
            reason="Floor renewed.",
            options="{}",
            operation_id=UUID(ids["operation_id"]),
            recorded_by=clinic.staff[f"{prefix}owner"],
            recorded_at=caller.now,
            state=RepairState.PROPOSED,
            affected=0, placed=0, objective=0, bound=0, gap_e4=0, worked_ms=0, in_time=True,
            planner=RepairPlanner.GREEDY,
        )  # fmt: skip
        db.add(repair)
        audit.record(db, caller, "repair.proposed", repair)
        await db.flush()
        return str(repair.id)
