"""Listening: what happens arrives as it happens, and a listener costs nothing while it waits."""

import asyncio

import pytest
from anyio import BrokenResourceError
from structlog.testing import capture_logs

from api.envelope import Envelope
from api.feeds.streams import PER_CREDENTIAL
from api.security import recognise
from tests.factories import make_patient
from tests.listening import listening

# A stream looks at its database in the background, which must not be put back meanwhile.
pytestmark = pytest.mark.usefixtures("database_url")


@pytest.fixture
def token(clinic):
    return clinic.tokens["owner"]


def types(listener):
    return [each["event"] for each in listener.events]


async def test_an_event_arrives_with_its_cursor(app, as_role, token):
    async with listening(app, token) as heard:
        assert heard.status == 200
        assert heard.headers["content-type"].startswith("text/event-stream")
        assert heard.headers["cache-control"] == "no-store"
        patient = await make_patient(as_role("nurse"))
        await heard.until(lambda it: it.events)
    (event,) = heard.events
    assert event["event"] == event["data"]["type"] == "patient.registered"
    assert event["data"]["href"] == f"/v1/patients/{patient['id']}"
    listed = (await as_role("owner").get("/v1/events?limit=200")).json()["items"][-1]
    assert event["data"] == listed
    assert event["id"] == listed["cursor"]


async def test_coming_back_misses_nothing(app, as_role, token):
    nurse = as_role("nurse")
    async with listening(app, token) as heard:
        await make_patient(nurse)
        await heard.until(lambda it: it.events)
    last = heard.events[-1]["id"]
    for _ in range(3):
        await make_patient(nurse)
    async with listening(app, token, headers={"last-event-id": last}) as heard:
        await heard.until(lambda it: len(it.events) == 3)
    async with listening(app, token, query=f"after={last}&types=patient.*") as again:
        await again.until(lambda it: len(it.events) == 3)
    assert again.events == heard.events
    numbers = [each["data"]["number"] for each in heard.events]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


async def test_a_long_backlog_comes_whole(app, as_role, token):
    owner = as_role("owner")
    begun = (await owner.get("/v1/events?limit=1")).json()["items"][0]["cursor"]
    async with app.state.database.reading() as db:
        assert db is not None
    for number in range(110):
        assert (await owner.post("/v1/rooms", json={"name": f"Hall {number}"})).status_code == 201
    async with listening(app, token, query=f"after={begun}&types=room.added") as heard:
        await heard.until(lambda it: len(it.events) >= 110)
    numbers = [each["data"]["number"] for each in heard.events]
    assert numbers == sorted(set(numbers))


async def test_only_what_was_asked_for_and_only_of_the_own_clinic(app, as_role, token):
    async with listening(app, token, query="types=room.added") as heard:
        await make_patient(as_role("nurse"))
        await as_role("other:owner").post("/v1/rooms", json={"name": "Theirs"})
        await as_role("owner").post("/v1/rooms", json={"name": "Ours"})
        await heard.until(lambda it: it.events)
    assert types(heard) == ["room.added"]


async def test_silence_has_a_heartbeat_and_no_connection(app, token):
    app.state.streams.heartbeat_seconds = 0.2
    async with listening(app, token) as heard:
        await heard.until(lambda it: it.text.count(": heartbeat") >= 2)
        app.state.streams.heartbeat_seconds = 30
        await heard.until(lambda it: it.text.count(": heartbeat") >= 3)
        await asyncio.sleep(0.1)
        held = []
        for _ in range(20):
            await asyncio.sleep(0.03)
            held.append(app.state.database.engine.pool.checkedout())
        # A look at the heads, twice a second, is all there is.
        assert held.count(0) > 15
    assert app.state.streams.count == 0


async def test_it_ends_with_the_credential(app, as_role):
    owner = as_role("owner")
    body = {"name": "Listener", "scopes": ["events:read"]}
    key = (await owner.post("/v1/api-keys", json=body)).json()
    async with listening(app, key["secret"]) as heard:
        path = f"/v1/api-keys/{key['id']}/revoke"
        assert (await owner.post(path, headers={"If-Match": '"1"'})).status_code == 200
        await make_patient(owner)
        await heard.until(lambda it: it.ended)
    # The revocation itself is news, which a revoked key does not get any more.
    assert types(heard) == ["stream.ended"]
    assert heard.events[0]["data"] == {"reason": "credential"}
    assert "id" not in heard.events[0]
    async with listening(app, key["secret"]) as refused:
        assert refused.status == 401


async def test_a_credential_that_ends_while_it_is_looked_at_hears_nothing(
    app, as_role, monkeypatch
):
    owner = as_role("owner")
    body = {"name": "Listener", "scopes": ["events:read"]}
    key = (await owner.post("/v1/api-keys", json=body)).json()
    looked = []

    async def and_revoked(request, db):
        caller = await recognise(request, db)
        looked.append(caller)
        if len(looked) == 1:
            path = f"/v1/api-keys/{key['id']}/revoke"
            assert (await owner.post(path, headers={"If-Match": '"1"'})).status_code == 200
        return caller

    monkeypatch.setattr("api.feeds.listening.recognise", and_revoked)
    async with listening(app, key["secret"]) as heard:
        await heard.until(lambda it: it.ended)
    assert len(looked) == 1  # the second look found no credential any more
    assert types(heard) == ["stream.ended"]


async def test_it_ends_when_an_access_token_expires(app, token, clock):
    app.state.streams.heartbeat_seconds = 0.1
    async with listening(app, token) as heard:
        clock.advance(days=3651)
        await heard.until(lambda it: it.ended)
    assert types(heard) == ["stream.ended"]


async def test_it_ends_when_the_process_does(app, token):
    async with listening(app, token) as heard:
        await heard.until(lambda it: ": heartbeat" in it.text)
        app.state.streams.close()
        await heard.until(lambda it: it.ended)
        assert heard.events[-1]["data"] == {"reason": "shutdown"}
    async with listening(app, token) as refused:
        assert refused.status == 503


async def test_there_are_only_so_many(app, clinic, token):
    async with asyncio.TaskGroup() as group:
        enough = asyncio.Event()

        async def one(ready: asyncio.Event):
            async with listening(app, token):
                ready.set()
                await enough.wait()

        started = [asyncio.Event() for _ in range(PER_CREDENTIAL)]
        for ready in started:
            group.create_task(one(ready))
        for ready in started:
            await ready.wait()
        async with listening(app, token) as refused:
            assert (refused.status, refused.headers["retry-after"]) == (429, "10")
        async with listening(app, clinic.tokens["other:owner"]) as another:
            assert another.status == 200
        enough.set()
    async with listening(app, token) as again:
        assert again.status == 200


@pytest.mark.parametrize(
    ("errors", "logged"),
    [([BrokenResourceError()], ["request"]),
     ([BrokenResourceError(), ValueError("Ada")], ["failed", "request"])],
)  # fmt: skip
async def test_a_client_that_goes_before_the_end_is_no_failure(app, errors, logged):
    """What the framework raises from a stream that had more to send."""

    async def stream(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ExceptionGroup("unhandled errors in a TaskGroup", errors)

    async def nowhere(_message=None):
        return None

    scope = {"type": "http", "method": "GET", "path": "/v1/events/stream", "headers": []}
    with capture_logs() as lines:
        await Envelope(stream, app.state.settings)(scope, nowhere, nowhere)
    assert [each["event"] for each in lines] == logged


@pytest.mark.parametrize(
    ("who", "query", "headers", "status"),
    [
        ("nurse", "", {}, 403),
        ("owner", "after=AAAA", {}, 422),
        ("owner", "", {"last-event-id": "AAAA"}, 422),
        ("owner", "types=x", {}, 422),
        ("owner", "since=x", {}, 422),
    ],
)
async def test_what_cannot_begin_is_a_problem(app, clinic, who, query, headers, status):
    async with listening(app, clinic.tokens[who], query, headers) as heard:
        assert heard.status == status
        assert heard.headers["content-type"] == "application/problem+json"
    assert app.state.streams.count == 0
