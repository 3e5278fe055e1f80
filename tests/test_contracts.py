"""What every operation owes to every caller: who may not, may not; whose it is not, finds nothing.

Each test runs once for each operation of the document, so a new route is under test, or failing,
from the moment it is there. What a request looks like comes from the story in `tests/contracts`,
in which every operation did what it is for.
"""

import pytest

from api.scopes import PERSONAL_SCOPES, ROLE_SCOPES, SCOPES, Role
from tests.clinic import ROLES
from tests.contracts.operations import (
    ANY_CALLER,
    PUBLIC,
    READING_POSTS,
    Operation,
    ids_of,
    operations,
)
from tests.contracts.requests import Asked, send, snapshot
from tests.contracts.world import Walk

SECURED = ids_of(lambda op: op.id not in PUBLIC)
READS = ids_of(lambda op: op.method == "GET" and op.id not in PUBLIC and not op.endless)
SCOPED = ids_of(lambda op: op.id not in PUBLIC | ANY_CALLER)
# What a read needs besides its scopes, because of what the story made it about.
ALSO_NEEDED = {"read_decision": "clinical:read", "read_calendar": "clinic:manage"}
# Filters that are not called what the story calls the row.
FILTERS = {"subject_id": "session_id"}
# Reads that ask about the row that they name, and find nothing where it is not there.
ASKING = frozenset({"list_slots"})


def problem(answer, status: int, name: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict = answer.json()
    assert (body["type"], body["status"]) == (f"/problems/{name}", status)
    return body


def request_of(walk: Walk, operation: str) -> Asked:
    """The request that the story made, or would make: right in everything but the caller."""
    stated = operations()[operation]
    return walk.story.request(stated, also=ALSO_NEEDED.get(operation))


async def refused(walk: Walk, asked: Asked, token: str | None, *, version: str = '"1"'):
    """The answer, having shown that nothing was stored since the last one that was refused."""
    writes = asked.operation.method != "GET"
    if writes and not walk.stored:
        walk.stored.append(await snapshot(walk.app))
    answer = await send(walk.client(token), asked, {"If-Match": version})
    if writes:
        before = walk.stored.pop()
        walk.stored.append(await snapshot(walk.app))
        assert walk.stored == [before]
    return answer


def test_the_named_exceptions_exist():
    assert set(operations()) >= PUBLIC | ANY_CALLER | READING_POSTS | ASKING


@pytest.mark.parametrize("operation", ids_of())
def test_an_operation_says_who_may(operation):
    """Deny by default: public ones are named, all others name a scope or are for any caller."""
    stated = operations()[operation]
    assert stated.secured == (operation not in PUBLIC)
    assert bool(stated.scopes) == (operation not in PUBLIC | ANY_CALLER)
    assert set(stated.scopes) <= set(SCOPES)


@pytest.mark.parametrize("operation", SECURED)
async def test_without_a_valid_credential_it_is_401(walk, operation):
    asked = request_of(walk, operation)
    for token in (None, "gibberish", *walk.story.spent.values()):
        answer = await refused(walk, asked, token)
        problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    walk.clock.advance(days=4000)  # the end of the practitioner's sign-in has passed
    try:
        answer = await refused(walk, asked, walk.tokens["practitioner"])
    finally:
        walk.clock.advance(days=-4000)
    problem(answer, 401, "unauthenticated")


def lacking(operation: Operation, held: frozenset[str]) -> str | None:
    """The first scope that the operation needs and a caller with `held` does not have."""
    return next((scope for scope in operation.scopes if scope not in held), None)


@pytest.mark.parametrize("operation", SCOPED)
async def test_a_key_with_every_scope_but_one_is_403(walk, operation):
    stated = operations()[operation]
    asked = request_of(walk, operation)
    for left_out in stated.scopes:
        held = frozenset(SCOPES) - PERSONAL_SCOPES - {left_out}
        answer = await refused(walk, asked, walk.story.keys[left_out])
        body = problem(answer, 403, "forbidden")
        assert body["missing_scope"] == lacking(stated, held)


@pytest.mark.parametrize("operation", SCOPED)
async def test_a_role_without_the_scope_is_403_and_one_with_it_is_not(walk, operation):
    stated = operations()[operation]
    asked = request_of(walk, operation)
    for role in ROLES:
        missing = lacking(stated, ROLE_SCOPES[Role(role)])
        if missing is not None:
            answer = await refused(walk, asked, walk.tokens[role])
            assert problem(answer, 403, "forbidden")["missing_scope"] == missing
        elif stated.method == "GET" and not stated.endless:
            answer = await send(walk.client(walk.tokens[role]), asked)
            also = ALSO_NEEDED.get(operation)
            if also in {None, *ROLE_SCOPES[Role(role)]}:
                assert answer.status_code == 200, answer.text
            else:
                assert problem(answer, 403, "forbidden")["missing_scope"] == also


@pytest.mark.parametrize("operation", READS)
async def test_a_read_answers_its_own_clinic_and_never_another(walk, operation):
    asked = request_of(walk, operation)
    mine = await send(walk.client(walk.tokens[asked.role]), asked)
    assert mine.status_code == 200, mine.text
    for what, attempt in walk.story.wrong_ids(asked):
        answer = await send(walk.client(walk.tokens[asked.role]), attempt)
        assert answer.status_code == 404, f"{what}: {answer.text}"
        problem(answer, 404, "not-found")
    theirs = await send(walk.client(walk.tokens[f"other:{asked.role}"]), asked)
    if asked.operation.row_ids:
        problem(theirs, 404, "not-found")
    else:
        assert theirs.status_code == 200
        assert walk.story.ours_in(theirs.text) == []
    for name in asked.operation.query_ids:
        of_theirs = asked.with_query(name, walk.story.theirs[FILTERS.get(name, name)])
        answer = await send(walk.client(walk.tokens[asked.role]), of_theirs)
        if operation in ASKING:
            problem(answer, 404, "not-found")
            continue
        assert answer.status_code == 200, answer.text
        assert answer.json()["items"] == []


@pytest.mark.parametrize("operation", ids_of(lambda op: op.method != "GET"))
def test_a_write_does_what_it_is_for(story, operation):
    """Without this, a refusal further below could have any reason."""
    for done in story.of(operation, "done"):
        assert done.status == operations()[operation].success, done.text


@pytest.mark.parametrize("operation", ids_of(lambda op: op.method != "GET" and op.row_ids))
def test_a_write_finds_no_other_clinics_row_in_its_path(story, operation):
    tried = story.of(operation, "foreign path", "unknown path")
    wanted = {f"{kind} path {name}" for name in operations()[operation].row_ids
              for kind in ("foreign", "unknown")}  # fmt: skip
    assert {each.what for each in tried} == wanted
    for answer in tried:
        assert (answer.status, answer.stored) == (404, False), f"{answer.what}: {answer.text}"
        assert answer.json["type"] == "/problems/not-found"


@pytest.mark.parametrize("operation", ids_of(lambda op: op.method != "GET" and op.secured))
def test_a_write_takes_no_other_clinics_row_in_its_body(story, operation):
    """404, or 422 with the pointer of the id; where the document has ids, the story must too."""
    tried = story.of(operation, "foreign body", "unknown body")
    fields = {part for each in tried for part in each.what.split("/")}
    assert operations()[operation].body_ids <= fields, "give each id a value in bodies.py"
    for answer in tried:
        assert not answer.stored, answer.what
        assert answer.status in {404, 422}, f"{answer.what}: {answer.status} {answer.text}"
        if answer.status == 422:
            pointers = [error["pointer"] for error in answer.json["errors"]]
            assert answer.what.split()[-1] in pointers, answer.text


@pytest.mark.parametrize("operation", ids_of(lambda op: op.conditional))
def test_a_change_needs_the_version_it_changes(story, operation):
    for what, status in (("no version", 428), ("old version", 412)):
        tried = story.of(operation, what)
        assert tried
        for answer in tried:
            assert (answer.status, answer.stored) == (status, False), answer.text


@pytest.mark.parametrize("operation", ids_of(lambda op: "dry_run" in op.named("query")))
def test_a_dry_run_answers_the_decision_and_stores_nothing(story, operation):
    tried = story.of(operation, "dry run")
    assert tried
    for answer in tried:
        assert (answer.status, answer.stored) == (200, False), answer.text
        assert answer.json["dry_run"] is True
        assert answer.json["outcome"] == "allowed"
        assert isinstance(answer.json["findings"], list)


@pytest.mark.parametrize("operation", ids_of(lambda op: op.writes and op.secured))
def test_every_write_leaves_an_audit_record(story, operation):
    for done in story.of(operation, "done"):
        assert done.audited >= 1, "nothing was added to the audit chain"


@pytest.mark.parametrize("operation", ids_of(lambda op: op.method == "POST" and op.secured))
def test_the_same_key_again_has_one_effect_and_the_first_answer(story, operation):
    if operation in READING_POSTS:
        return
    firsts, agains = story.of(operation, "done"), story.of(operation, "again")
    assert len(agains) == len(firsts)
    for first, again in zip(firsts, agains, strict=True):
        assert (again.status, again.stored, again.audited) == (first.status, False, 0)
        assert again.headers["idempotency-replayed"] == "true"
        assert without_secret(again) == without_secret(first)
        for name in ("etag", "location"):
            assert again.headers.get(name) == first.headers.get(name)


def without_secret(answered) -> dict | None:
    """A credential is shown once; the replay has a null in its place."""
    if not answered.text:
        return None
    return {key: value for key, value in answered.json.items() if key != "secret"}
