"""Long work: asked for in one transaction, carried out once, whoever is killed on the way."""

import asyncio
import contextlib
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from api import audit
from api.operations import leasing, service
from api.operations.leasing import LeaseLost
from api.operations.runner import MAX_ATTEMPTS, Runner
from api.operations.work import Work, add_items
from api.problems import InUse
from api.security import Caller
from models import ActorKind, Event, Operation, OperationItem

LENGTH = timedelta(seconds=30)


@pytest.fixture
def ask(app, clinic, clock):
    """Ask for counting to `to`, as the practitioner."""

    async def asked(to=3, **options):
        async with app.state.database.writing() as db:
            caller = Caller(
                clinic.id, ActorKind.STAFF, clinic.staff["practitioner"], frozenset(),
                frozenset(), ZoneInfo("Europe/Paris"), clock(),
            )  # fmt: skip
            return await service.ask(db, caller, "count", "rules:override", {"to": to}, **options)

    return asked


class Counting:
    """Counts to `to`, one step and one line each; told to stop, stands still before a number."""

    def __init__(self):
        self.before: dict[int, asyncio.Event] = {}
        self.reached: dict[int, asyncio.Event] = {}

    async def __call__(self, work: Work) -> dict:
        number = (work.progress.checkpoint or {}).get("last", 0)
        while number < work.args["to"]:
            number += 1
            if number in self.before:
                self.reached[number].set()
                await self.before[number].wait()
            async with work.step() as step:
                line = work.item(number, "even" if number % 2 == 0 else "odd", "n", uuid7(), number)
                await add_items(step, [line])
                step.came_to(number, work.args["to"], {"last": number})
        return {"counted": number}

    def stop_before(self, number):
        self.before[number], self.reached[number] = asyncio.Event(), asyncio.Event()


@pytest.fixture
def counting():
    return Counting()


@pytest.fixture
def runner(app, counting):
    return Runner(app.state.database, {"count": counting})


async def lines(app, operation):
    async with app.state.database.reading() as db:
        statement = (
            select(OperationItem.data)
            .where(OperationItem.operation_id == operation.id)
            .order_by(col(OperationItem.position))
        )
        return [int(data) for data in (await db.exec(statement)).all()]


async def stored(app, operation):
    async with app.state.database.reading() as db:
        return await db.get_one(Operation, (operation.clinic_id, operation.id))


async def read(client, operation, **headers):
    answer = await client.get(f"/v1/operations/{operation.id}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def test_work_is_watched_until_it_has_succeeded(app, as_role, ask, runner):
    operation, client = await ask(), as_role("practitioner")
    answer = await read(client, operation)
    assert answer.json()["status"] == "queued"
    assert answer.json()["progress"] == {"done": 0, "total": None}
    assert answer.headers["retry-after"] == "1"
    assert await runner.run_waiting() == 1
    answer = await read(client, operation)
    done = answer.json()
    assert (done["status"], done["result"], done["problem"]) == ("succeeded", {"counted": 3}, None)
    assert (done["progress"], done["args"]) == ({"done": 3, "total": 3}, {"to": 3})
    assert done["finished_at"] == "2026-03-02T08:00:00Z"
    assert "retry-after" not in answer.headers
    assert await lines(app, operation) == [1, 2, 3]
    assert await runner.run_waiting() == 0


async def test_what_is_rolled_back_is_never_done(app, ask, runner, clinic):
    with contextlib.suppress(ZeroDivisionError):
        async with app.state.database.writing() as db:
            db.add(Operation(clinic_id=clinic.id, kind="count", scope="rules:read", args="{}",
                             requested_by_kind=ActorKind.SYSTEM, requested_by=uuid7()))  # fmt: skip
            await db.flush()
            raise ZeroDivisionError
    assert await runner.run_waiting() == 0


async def test_lists_and_reading_need_the_scope_of_the_kind(as_role, ask):
    operation = await ask()
    nurse, other = as_role("nurse"), as_role("other:practitioner")
    refused = await nurse.get(f"/v1/operations/{operation.id}")
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "rules:override")
    assert (await nurse.get("/v1/operations")).json()["items"] == []
    assert (await other.get(f"/v1/operations/{operation.id}")).status_code == 404
    assert (await other.get("/v1/operations")).json()["items"] == []
    mine = (await as_role("practitioner").get("/v1/operations?kind=count&status=queued")).json()
    assert [each["id"] for each in mine["items"]] == [str(operation.id)]
    none = (await as_role("practitioner").get("/v1/operations?status=failed")).json()
    assert none["items"] == []


async def cancel(client, operation, etag='"1"'):
    path = f"/v1/operations/{operation.id}/cancel"
    return await client.post(path, headers={"If-Match": etag})


async def test_what_waits_is_cancelled_at_once(app, as_role, ask, runner):
    operation, client = await ask(), as_role("practitioner")
    cancelled = await cancel(client, operation)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert await runner.run_waiting() == 0
    again = await cancel(client, operation, cancelled.headers["etag"])
    assert again.status_code == 409
    assert (again.json()["state"], again.json()["possible"]) == ("cancelled", [])


async def test_what_runs_stops_after_its_step(app, as_role, ask, runner, counting):
    operation, client = await ask(), as_role("practitioner")
    counting.stop_before(2)
    running = asyncio.create_task(runner.run_waiting())
    await counting.reached[2].wait()
    seen = (await read(client, operation)).json()
    assert (seen["status"], seen["progress"]) == ("running", {"done": 1, "total": 3})
    asked = await cancel(client, operation)
    assert (asked.status_code, asked.json()["status"]) == (200, "running")
    assert asked.json()["cancel_requested_at"] == "2026-03-02T08:00:00Z"
    counting.before[2].set()
    await running
    ended = (await read(client, operation)).json()
    assert (ended["status"], ended["progress"]["done"]) == ("cancelled", 1)
    assert await lines(app, operation) == [1]


async def test_who_may_cancel(as_role, ask):
    operation = await ask()
    refused = await cancel(as_role("second:practitioner"), operation)
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "clinic:manage")
    assert (await cancel(as_role("nurse"), operation)).status_code == 403
    assert (await cancel(as_role("other:practitioner"), operation)).status_code == 404
    must = await ask(cancellable=False)
    refused = await cancel(as_role("practitioner"), must)
    assert (refused.status_code, refused.json()["possible"]) == (409, [])


async def count_to(work, number):
    async with work.step() as step:
        await add_items(step, [work.item(number, "t", "n", uuid7(), number)])
        step.came_to(number, 99, {"last": number})


async def test_a_killed_process_leaves_whole_steps_and_another_goes_on(
    app, as_role, ask, clock, counting, runner
):
    operation = await ask(4)
    database = app.state.database
    async with database.writing() as db:
        lease = await leasing.claim(db, LENGTH)
    assert lease is not None
    killed = Work(database, lease)
    for number in (1, 2):
        await count_to(killed, number)
    assert await runner.run_waiting() == 0  # its lease still runs
    clock.advance(seconds=30)
    assert await runner.run_waiting() == 0  # up to and including its last instant
    clock.advance(seconds=1)
    counting.stop_before(4)
    running = asyncio.create_task(runner.run_waiting())
    await counting.reached[4].wait()
    with pytest.raises(LeaseLost):  # it was not dead after all: it can change nothing
        await count_to(killed, 99)
    async with database.writing() as db:
        with pytest.raises(LeaseLost):
            await leasing.keep(db, lease, LENGTH)
    counting.before[4].set()
    assert await running == 1
    ended = (await read(as_role("practitioner"), operation)).json()
    assert (ended["status"], ended["result"]) == ("succeeded", {"counted": 4})
    assert await lines(app, operation) == [1, 2, 3, 4]


async def test_a_stopped_process_gives_back_what_it_had(app, ask, counting):
    operation = await ask()
    counting.stop_before(2)
    first = Runner(app.state.database, {"count": counting})
    first.start()
    await counting.reached[2].wait()
    await first.stop()
    counting.before.clear()
    assert await Runner(app.state.database, {"count": counting}).run_waiting() == 1
    assert await lines(app, operation) == [1, 2, 3]


async def test_who_waited_too_long_for_others_gives_it_back(app, ask, counting):
    """However often that happens: no attempt is counted, and no lease has to run out first."""
    waited = [0]

    class TooLong(Exception):
        sqlstate = "55P03"  # lock_not_available

    async def count(work):
        if waited[0] <= MAX_ATTEMPTS:
            waited[0] += 1
            raise DBAPIError("SELECT", None, TooLong())
        return await counting(work)

    asked = await ask()
    runner = Runner(app.state.database, {"count": count})
    for _ in range(MAX_ATTEMPTS + 1):
        with pytest.raises(DBAPIError):
            await runner.run_waiting()
        assert (await stored(app, asked)).status == "queued"
    assert await runner.run_waiting() == 1
    done = await stored(app, asked)
    assert (done.status, done.attempts, len(await lines(app, asked))) == ("succeeded", 1, 3)


async def test_what_kills_every_process_is_given_up(app, as_role, ask, clock, runner):
    operation = await ask()
    for _ in range(MAX_ATTEMPTS):
        async with app.state.database.writing() as db:
            assert await leasing.claim(db, LENGTH) is not None
        clock.advance(seconds=31)
    await runner.run_waiting()
    ended = (await read(as_role("practitioner"), operation)).json()
    assert ended["status"] == "failed"
    assert ended["problem"]["type"] == "/problems/operation-gave-up"
    page = await as_role("practitioner").get("/problems/operation-gave-up")
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("error", "name", "detail"),
    [(InUse("Lots are in use."), "in-use", "Lots are in use."),
     (ValueError("Ada Moreau"), "internal", None)],
)  # fmt: skip
async def test_a_failure_says_why_and_nothing_private(app, as_role, ask, error, name, detail):
    async def fail(work):
        raise error

    operation = await ask()
    await Runner(app.state.database, {"count": fail}).run_waiting()
    ended = (await read(as_role("practitioner"), operation)).json()
    assert (ended["status"], ended["result"]) == ("failed", None)
    assert (ended["problem"]["type"], ended["problem"].get("detail")) == (
        f"/problems/{name}",
        detail,
    )
    assert "Moreau" not in str(ended)


async def test_waiting_for_the_end(as_role, ask, runner, counting):
    operation, client = await ask(), as_role("practitioner")
    nothing = await read(client, operation, Prefer="wait=0")
    assert (nothing.json()["status"], nothing.headers["preference-applied"]) == ("queued", "wait=0")
    counting.stop_before(3)
    running = asyncio.create_task(runner.run_waiting())
    watching = asyncio.create_task(read(client, operation, Prefer="respond-async, wait=300"))
    await counting.reached[3].wait()
    assert not watching.done()
    counting.before[3].set()
    answer = await watching
    assert (answer.json()["status"], answer.headers["preference-applied"]) == (
        "succeeded",
        "wait=20",
    )
    await running
    unread = await read(client, operation, Prefer="return=minimal")
    assert "preference-applied" not in unread.headers


async def test_many_runners_do_everything_once(app, ask, counting):
    operations = [await ask(2) for _ in range(12)]
    runners = [Runner(app.state.database, {"count": counting}) for _ in range(4)]
    taken = await asyncio.gather(*(each.run_waiting() for each in runners))
    assert sum(taken) == len(operations)
    for operation in operations:
        assert await lines(app, operation) == [1, 2]


async def test_the_end_is_told_in_the_feed_and_the_audit_chain_holds(app, clinic, ask, runner):
    operation = await ask()
    await runner.run_waiting()
    async with app.state.database.reading() as db:
        report = await audit.verify(db, clinic.id)
        asked = select(Event.type).where(Event.resource_id == operation.id)
        told = (await db.exec(asked.order_by(col(Event.seq)))).all()
    assert report.problem is None
    assert list(told) == ["operation.requested", "operation.succeeded"]
