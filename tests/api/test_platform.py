"""What holds for every resource, shown on rooms: strict input, conditions, one effect per key."""

import json

import pytest
from sqlmodel import func, select

from models import SignInAttempt

ROOMS = "/v1/rooms"


def problem(answer, status: int, name: str) -> dict:
    """The one shape of every error."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict = answer.json()
    assert body["type"] == f"/problems/{name}"
    assert body["status"] == status
    assert body["title"]
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


async def room_names(owner) -> list[str]:
    return [room["name"] for room in (await owner.get(ROOMS)).json()["items"]]


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        (b'{"name": "a", "name": "b"}', 400, "malformed-json"),
        (b'{"name": NaN}', 400, "malformed-json"),
        (b'{"name": Infinity}', 400, "malformed-json"),
        (b'{"name": "a\\u0000b"}', 400, "malformed-json"),
        (b'{"name": "\\ud800"}', 400, "malformed-json"),
        (b'{"name": "a"', 400, "malformed-json"),
        (b"\xff\xfe", 400, "malformed-json"),
        ('{"name": "a"}'.encode("utf-16"), 400, "malformed-json"),
        (b"[" * 100_000, 400, "malformed-json"),
        (b'{"name": ' + b"1" * 5000 + b"}", 400, "malformed-json"),
        (b'{"name": 1e999999}', 400, "malformed-json"),
        (b"", 422, "invalid-request"),
        (b"null", 422, "invalid-request"),
        (b"[]", 422, "invalid-request"),
        (b'{"name": 5}', 422, "invalid-request"),
        (b'{"name": true}', 422, "invalid-request"),
        (b'{"name": ""}', 422, "invalid-request"),
        (b'{"name": "a\\u0007b"}', 422, "invalid-request"),
        (b'{"name": "a", "nmae": "b"}', 422, "invalid-request"),
        (b'{"name": "' + b"x" * 121 + b'"}', 422, "invalid-request"),
        (b'{"name": "' + b"x" * (1024 * 1024) + b'"}', 413, "payload-too-large"),
    ],
)
async def test_a_hostile_body_is_a_problem_and_stores_nothing(as_role, body, status, name):
    owner = as_role("owner")
    before = await room_names(owner)
    answer = await owner.post(ROOMS, content=body, headers={"Content-Type": "application/json"})
    problem(answer, status, name)
    assert await room_names(owner) == before


async def test_a_body_of_exactly_one_mebibyte_is_read(as_role):
    frame = b'{"name": "a", "features": ["' + b'"]}'
    body = b'{"name": "a", "features": ["' + b"x" * (1024 * 1024 - len(frame)) + b'"]}'
    answer = await as_role("owner").post(
        ROOMS, content=body, headers={"Content-Type": "application/json"}
    )
    problem(answer, 422, "invalid-request")


async def test_errors_point_at_the_field_and_do_not_repeat_it(as_role):
    canary = "canary-4711"
    answer = await as_role("owner").post(ROOMS, json={"name": "a", "features": ["OK", canary * 9]})
    body = problem(answer, 422, "invalid-request")
    assert [error["pointer"] for error in body["errors"]] == ["/features/1"]
    assert canary not in answer.text


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "multipart/form-data"])
async def test_other_media_types_are_415(as_role, media_type):
    answer = await as_role("owner").post(
        ROOMS, content=b'{"name": "a"}', headers={"Content-Type": media_type}
    )
    problem(answer, 415, "unsupported-media-type")


async def test_an_unknown_path_and_method(as_role):
    problem(await as_role("owner").get("/v1/nothing"), 404, "not-found")
    problem(await as_role("owner").get(f"{ROOMS}/not-an-id"), 404, "not-found")
    answer = await as_role("owner").delete(ROOMS)
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, POST"


async def test_an_unknown_query_parameter_is_refused_on_reads_and_writes(as_role):
    owner = as_role("owner")
    problem(await owner.get(f"{ROOMS}?limt=5"), 422, "invalid-request")
    problem(await owner.post(f"{ROOMS}?dryrun=true", json={"name": "a"}), 422, "invalid-request")
    assert "a" not in await room_names(owner)


async def test_a_sane_request_id_comes_back_and_another_is_replaced(as_role):
    owner = as_role("owner")
    kept = await owner.get(ROOMS, headers={"X-Request-Id": "my-request-0001"})
    assert kept.headers["x-request-id"] == "my-request-0001"
    replaced = await owner.get(ROOMS, headers={"X-Request-Id": "<script>"})
    assert replaced.headers["x-request-id"] != "<script>"
    assert kept.headers["cache-control"] == "no-store"


async def test_anonymous_callers_are_told_to_sign_in(anonymous):
    answer = await anonymous.post(ROOMS, content=b"{not json")
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_etag_if_none_match_and_if_match(as_role, clinic):
    owner, path = as_role("owner"), f"{ROOMS}/{clinic.room_ids[0]}"
    read = await owner.get(path)
    etag = read.headers["etag"]
    fresh = await owner.get(path, headers={"If-None-Match": etag})
    assert (fresh.status_code, fresh.content) == (304, b"")

    problem(await owner.patch(path, json={"active": False}), 428, "precondition-required")
    changed = await owner.patch(path, json={"active": False}, headers={"If-Match": etag})
    assert changed.status_code == 200
    assert changed.json()["active"] is False
    assert changed.headers["etag"] != etag
    stale = await owner.patch(path, json={"active": True}, headers={"If-Match": etag})
    problem(stale, 412, "precondition-failed")
    assert (await owner.get(path)).json()["active"] is False


async def test_a_patch_with_null_removes_what_may_be_removed(as_role):
    owner = as_role("owner")
    etag = (await owner.get("/v1/clinic")).headers["etag"]
    removed = await owner.patch("/v1/clinic", json={"region": None}, headers={"If-Match": etag})
    assert removed.json()["region"] is None
    etag = removed.headers["etag"]
    kept = await owner.patch("/v1/clinic", json={"name": None}, headers={"If-Match": etag})
    assert problem(kept, 422, "invalid-request")["errors"][0]["pointer"] == "/name"


async def test_the_same_key_has_one_effect(as_role):
    owner, key = as_role("owner"), {"Idempotency-Key": "booking-1"}
    first = await owner.post(ROOMS, json={"name": "Once"}, headers=key)
    again = await owner.post(ROOMS, json={"name": "Once"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert (await room_names(owner)).count("Once") == 1

    other = await owner.post(ROOMS, json={"name": "Twice"}, headers=key)
    problem(other, 422, "idempotency-key-reused")
    assert "Twice" not in await room_names(owner)


async def test_a_refused_request_does_not_use_up_its_key(as_role):
    owner, key = as_role("owner"), {"Idempotency-Key": "k"}
    problem(await owner.post(ROOMS, json={"name": "Room 1"}, headers=key), 409, "already-exists")
    assert (await owner.post(ROOMS, json={"name": "Room 9"}, headers=key)).status_code == 201


async def test_keys_are_forgotten_after_a_day(as_role, clock):
    owner, key = as_role("owner"), {"Idempotency-Key": "k"}
    await owner.post(ROOMS, json={"name": "First"}, headers=key)
    clock.advance(hours=24)
    assert (
        "idempotency-replayed"
        in (await owner.post(ROOMS, json={"name": "First"}, headers=key)).headers
    )
    clock.advance(seconds=1)
    second = await owner.post(ROOMS, json={"name": "Second"}, headers=key)
    assert second.status_code == 201
    assert "idempotency-replayed" not in second.headers


async def test_pages_hold_every_row_once_and_cursors_belong_to_their_list(as_role):
    owner = as_role("owner")
    for number in range(3, 10):
        await owner.post(ROOMS, json={"name": f"Room {number}"})
    seen: list[str] = []
    path = f"{ROOMS}?limit=2&with_total=true"
    while path:
        answer = await owner.get(path)
        page = answer.json()
        assert page["total"] == 9
        seen += [room["name"] for room in page["items"]]
        path = answer.links["next"]["url"] if page["next_cursor"] else ""
    assert seen == [f"Room {number}" for number in range(1, 10)]

    cursor = (await owner.get(f"{ROOMS}?limit=2")).json()["next_cursor"]
    problem(await owner.get(f"/v1/staff?cursor={cursor}"), 422, "invalid-request")
    flipped = ("B" if cursor[0] == "A" else "A") + cursor[1:]
    problem(await owner.get(f"{ROOMS}?cursor={flipped}"), 422, "invalid-request")
    problem(await as_role("other:owner").get(f"{ROOMS}?cursor={cursor}"), 422, "invalid-request")
    problem(await owner.get(f"{ROOMS}?limit=201"), 422, "invalid-request")


async def test_another_clinics_rooms_are_not_there(as_role, clinic):
    other = as_role("other:owner")
    assert (await other.get(ROOMS)).json()["items"] == []
    path = f"{ROOMS}/{clinic.room_ids[0]}"
    problem(await other.get(path), 404, "not-found")
    answer = await other.patch(path, json={"active": False}, headers={"If-Match": '"1"'})
    problem(answer, 404, "not-found")


async def test_problem_pages_explain_every_problem(anonymous):
    document = (await anonymous.get("/openapi.json")).json()
    for address in document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]:
        page = await anonymous.get(address)
        assert page.status_code == 200
        assert "What to do" in page.text
        facts = (await anonymous.get(address, headers={"Accept": "application/json"})).json()
        assert address == f"/problems/{facts['name']}"


async def test_a_failure_of_ours_tells_the_request_id_and_nothing_else(app, as_role, monkeypatch):
    from api.clinics import service

    async def broken(*_args, **_options):
        raise ValueError("canary: the password is hunter2")

    monkeypatch.setattr(service, "add_room", broken)
    answer = await as_role("owner").post(ROOMS, json={"name": "a"})
    body = problem(answer, 500, "internal")
    assert "canary" not in json.dumps(body)
    assert "detail" not in body


async def test_requests_are_limited_per_credential(app, as_role):
    from api.rate_limit import RequestLimiter

    limited = app.state.settings.model_copy(update={"requests_per_minute": 3})
    app.state.request_limiter = RequestLimiter(limited)
    owner, nurse = as_role("owner"), as_role("nurse")
    answers = [await owner.get(ROOMS) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit"].startswith('"default";r=2;t=')
    problem(answers[3], 429, "too-many-requests")
    assert int(answers[3].headers["retry-after"]) in range(1, 62)
    assert (await nurse.get(ROOMS)).status_code == 200


async def test_sign_in_attempts_are_limited_across_requests(app, anonymous):
    app.state.settings = app.state.settings.model_copy(update={"rate_limit": "on"})
    form = {"grant_type": "password", "username": "a@example.org", "password": "x"}
    answers = [await anonymous.post("/v1/auth/token", data=form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    problem(answers[5], 429, "too-many-requests")


async def test_counted_attempts_are_forgotten_after_their_minute(app, anonymous, clock):
    app.state.settings = app.state.settings.model_copy(update={"rate_limit": "on"})

    async def attempt(name):
        form = {"grant_type": "password", "username": f"{name}@example.org", "password": "x"}
        return (await anonymous.post("/v1/auth/token", data=form)).status_code

    async def counted():
        async with app.state.database.reading() as db:
            return (await db.exec(select(func.count()).select_from(SignInAttempt))).one()

    assert [await attempt(name) for name in "abc"] == [401] * 3
    at_first = await counted()
    clock.advance(minutes=1)
    await attempt("d")
    assert await counted() == at_first + 1  # a minute is not over at its last instant
    clock.advance(seconds=1)
    await attempt("d")
    assert await counted() < at_first


async def test_health(anonymous):
    assert (await anonymous.get("/health/live")).json() == {"status": "alive"}
    ready = await anonymous.get("/health/ready")
    assert ready.json() == {"status": "ready", "missing": []}
